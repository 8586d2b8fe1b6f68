"""Rows of a result that may be a million: kept in a file of this process, never all in its memory."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from psycopg2.extensions import connection as Connection

IN_MEMORY = 1_000_000  # signs; more go to a file without a name
AT_A_TIME = 5_000  # rows


class KeptRows(list[dict[str, Any]]):
    """Rows as dicts of what JSON can say. A list only by kind, so that json writes it row by row; it holds none."""

    def __init__(self, rows: Iterable[dict[str, Any]] = ()) -> None:
        super().__init__()
        self._file: IO[str] = tempfile.SpooledTemporaryFile(  # noqa: SIM115 (as long as the rows are asked for)
            IN_MEMORY, "w+", encoding="utf-8", newline="\n"
        )
        self._count = 0
        for row in rows:
            self._file.write(json.dumps(row) + "\n")
            self._count += 1

    def __len__(self) -> int:
        return self._count

    def __bool__(self) -> bool:
        return bool(self._count)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """From the first row; one reader at a time."""
        self._file.seek(0)
        for line in self._file:
            yield json.loads(line)

    def first(self, count: int) -> list[dict[str, Any]]:
        """At most so many rows."""
        return list(islice(self, count))


def asked(session: Connection, statement: str, parameters: Any = None) -> Iterator[dict[str, Any]]:
    """The rows of a statement, some thousands at a time; inside an open transaction."""
    with session.cursor(name="kept_rows") as cursor:
        cursor.itersize = AT_A_TIME
        cursor.execute(statement, parameters)
        for row in cursor:
            yield dict(zip([column.name for column in cursor.description or ()], row, strict=True))


def write_json(value: dict[str, Any], file: Any, indent: int | None = None) -> None:
    """JSON and a line end, piece by piece: what is kept in files stays there."""
    for piece in json.JSONEncoder(indent=indent).iterencode(value):
        file.write(piece)
    file.write("\n")
