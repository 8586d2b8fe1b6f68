"""Connections that can only read `ops`: a pool as large as the worker threads, one snapshot per request."""

from __future__ import annotations

import select
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Annotated, Any

import psycopg2
from fastapi import Depends, Request
from psycopg2 import errors
from psycopg2.extensions import cursor as PlainCursor
from psycopg2.extras import register_uuid

from runner import database
from runner.settings import Settings
from runner.web.memory import Memory
from runner.web.problems import BUSY, Problem

if TYPE_CHECKING:
    from psycopg2.extensions import connection as Connection

ROLE = "cabinet14d_web"
WAIT_SECONDS = 10
OPTIONS = (
    "-c timezone=UTC -c jit=off -c search_path=pg_catalog -c default_transaction_read_only=on "
    "-c default_transaction_isolation=repeatable\\ read -c max_parallel_workers_per_gather=0 "
    "-c statement_timeout={statement} -c lock_timeout=5s -c idle_in_transaction_session_timeout=60s"
)


class ReadingCursor(PlainCursor):
    """Rows as dicts, what the pool remembers of the live run, and the live run itself once it was asked for."""

    memory: Memory
    fresh: dict[str, Any] | None = None

    def fetchall(self) -> list[dict[str, Any]]:  # type: ignore[override]
        """Dicts made here: psycopg2's own dict cursors fill theirs value by value, which cost a third of an answer."""
        rows = super().fetchall()
        names = [column.name for column in self.description or ()]
        return [dict(zip(names, row, strict=True)) for row in rows]

    def fetchmany(self, size: int | None = None) -> list[dict[str, Any]]:  # type: ignore[override]
        """The same for the next rows."""
        rows = super().fetchmany(size) if size else super().fetchmany()
        names = [column.name for column in self.description or ()]
        return [dict(zip(names, row, strict=True)) for row in rows]


class Pool:
    """At most `size` connections, opened when first needed; who finds none free waits a little, then is told."""

    def __init__(self, settings: Settings) -> None:
        self.size = int(settings.text("web_connections"))
        self._settings = settings
        self._where: database.Server | None = None
        self._idle: list[Connection] = []
        self._memory = Memory()
        self._lock = threading.Lock()
        self._free = threading.BoundedSemaphore(self.size)
        register_uuid()  # type: ignore[no-untyped-call]

    @contextmanager
    def reading(self) -> Iterator[ReadingCursor]:
        """A cursor in one read-only, repeatable-read transaction. Raises Problem when the server is away or busy."""
        connection = self.take()
        try:
            with self.cursor(connection) as cursor:
                yield cursor
        finally:
            self.give(connection)

    @contextmanager
    def cursor(self, connection: Connection) -> Iterator[ReadingCursor]:
        """A cursor on a connection that was taken."""
        with connection.cursor(cursor_factory=ReadingCursor) as cursor:
            cursor.memory = self._memory
            yield cursor

    def take(self) -> Connection:
        """A connection for as long as the caller needs it."""
        if not self._free.acquire(timeout=WAIT_SECONDS):
            raise Problem(503, "BUSY", "Every database connection of the web is at work.", BUSY)
        try:
            return self._idle_one() or self._open()
        except BaseException:
            self._free.release()
            raise

    def give(self, connection: Connection) -> None:
        """Back it comes; one that broke is thrown away."""
        try:
            if not connection.closed:
                connection.rollback()
        except psycopg2.Error:
            connection.close()
        with self._lock:
            if not connection.closed:
                self._idle.append(connection)
        self._free.release()

    def close(self) -> None:
        """Close what is idle."""
        with self._lock:
            while self._idle:
                self._idle.pop().close()

    def _idle_one(self) -> Connection | None:
        with self._lock:
            while self._idle:
                connection = self._idle.pop()
                if _alive(connection):
                    return connection
        return None

    def _open(self) -> Connection:
        self._where = self._where or database.web_server(self._settings)
        options = OPTIONS.format(statement=self._settings.text("web_statement_timeout"))
        connection: Connection = psycopg2.connect(
            **self._where.conninfo(), application_name="cabinet14d web", options=options, connect_timeout=5
        )
        if not self._settings["web_database_url"]:
            _become_web(connection)
        return connection


def _become_web(connection: Connection) -> None:
    """The role that can read `ops` and nothing else (migration 0009); where it may not be, read-only has to do."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"set role {ROLE}")
        connection.commit()
    except (errors.InsufficientPrivilege, errors.InvalidParameterValue):  # may not be it; there is no such role
        connection.rollback()
    except psycopg2.Error:
        connection.close()
        raise


def _alive(connection: Connection) -> bool:
    """Whether the server still holds its end. An idle connection has nothing to read but a server's good-bye."""
    try:
        readable, _, broken = select.select([connection], [], [connection], 0)
    except (OSError, ValueError, psycopg2.Error):
        readable, broken = [connection], []
    if not readable and not broken:
        return True
    with suppress(psycopg2.Error):
        connection.close()
    return False


def reading(request: Request) -> Iterator[Any]:
    """Dependency: the request's cursor; rows are dicts."""
    pool: Pool = request.app.state.pool
    with pool.reading() as cursor:
        yield cursor


Reading = Annotated[Any, Depends(reading)]
