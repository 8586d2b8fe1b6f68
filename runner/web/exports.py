"""Files of rows: one streaming writer for all of them; memory does not grow with the rows."""

from __future__ import annotations

import csv
import io
import logging
import threading
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import anyio
import anyio.to_thread
import psycopg2
from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from runner.export_files import safe
from runner.web.access import Visitor
from runner.web.pool import Pool
from runner.web.problems import Problem

if TYPE_CHECKING:
    from psycopg2.extensions import connection as Connection

log = logging.getLogger("cabinet14d.web")

AT_ONCE = 2_000
BOM = "\ufeff"


@dataclass(frozen=True)
class Table:
    """What goes into a file: its name's beginning, the columns' labels, the statement and its parameters."""

    name: str
    labels: tuple[str, ...]
    statement: str
    parameters: dict[str, Any]
    yes_no: tuple[str, str] = ("True", "False")

    def cell(self, value: Any) -> Any:
        """A value as it stands in a file: a text that a spreadsheet would run is kept from it."""
        if isinstance(value, bool):
            return self.yes_no[0] if value else self.yes_no[1]
        return safe(value)


class Slots:
    """How many files may be on their way at once, so that slow readers leave connections for the others."""

    def __init__(self, pool: Pool) -> None:
        self._free = threading.BoundedSemaphore(max(1, pool.size // 2))

    def take(self) -> None:
        """Raises a 429 Problem when all are taken."""
        if not self._free.acquire(blocking=False):
            raise Problem(
                429, "EXPORTS_BUSY", "Other files are on their way.", "Try again in half a minute."
            ).with_headers(retry_after="30")

    def give(self) -> None:
        """One file less."""
        self._free.release()


class Reading:
    """A connection that stays with one file, and what is told about it when it ends."""

    def __init__(self, pool: Pool, slots: Slots, who: Visitor, name: str) -> None:
        slots.take()
        try:
            self.connection: Connection = pool.take()
        except BaseException:
            slots.give()
            raise
        self._pool, self._slots, self._who, self._name = pool, slots, who, name
        self.rows, self.whole = 0, False

    def close(self) -> None:
        """Give everything back and log who took how much; no personal data."""
        self._pool.give(self.connection)
        self._slots.give()
        log.info(
            "export %s by %s (%s): %s rows%s",
            self._name,
            self._who.name,
            self._who.role,
            self.rows,
            "" if self.whole else ", not to the end",
        )

    def csv(self, table: Table) -> Generator[bytes, None, None]:
        """The file in pieces: UTF-8 with BOM, CRLF, quoted where it must be; the header comes even without rows."""
        buffer = io.StringIO(newline="")
        writer = csv.writer(buffer)
        buffer.write(BOM)
        writer.writerow(table.labels)
        for batch in self.batches(table):
            writer.writerows([table.cell(value) for value in row] for row in batch)
            yield _emptied(buffer)
        yield _emptied(buffer)
        self.whole = True

    def batches(self, table: Table) -> Iterator[list[tuple[Any, ...]]]:
        """Rows from a cursor in the server, some thousands at a time."""
        with self.connection.cursor("web_export") as cursor:
            cursor.itersize = AT_ONCE
            cursor.execute(table.statement, table.parameters)
            while batch := cursor.fetchmany(AT_ONCE):
                self.rows += len(batch)
                yield batch


class FileResponse(StreamingResponse):
    """Streams a file, and closes what it was read with however the request ends."""

    def __init__(
        self, pieces: Generator[bytes, None, None], close: Callable[[], None], kind: str, headers: dict[str, str]
    ) -> None:
        super().__init__(pieces, headers={**headers, "cache-control": "no-store"}, media_type=kind)
        self._pieces, self._give_back = pieces, close

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the pieces."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            with anyio.CancelScope(shield=True):
                await anyio.to_thread.run_sync(self._close)

    def _close(self) -> None:
        """The rows' cursor first, while its transaction is open; then what it was read with."""
        try:
            self._pieces.close()
        except psycopg2.Error as error:
            log.warning("a file ended with its connection (%s)", type(error).__name__)
        finally:
            self._give_back()


def _emptied(buffer: io.StringIO) -> bytes:
    piece = buffer.getvalue().encode()
    buffer.seek(0)
    buffer.truncate()
    return piece
