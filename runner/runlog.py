"""The run log and the run lock: one row per run, one per step, one session that holds the lock for the whole run."""

from __future__ import annotations

import hashlib
import json
import platform
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from runner import __version__, database, faults, queries
from runner.errors import COULD_NOT_RUN, CabinetError, LockHeld
from runner.settings import Settings

if TYPE_CHECKING:
    from psycopg2.extensions import connection as Connection

Counters = dict[str, Any]


@dataclass
class Step:
    """One finished or running step: its counters go to the run log when it ends; seconds are wall time."""

    number: int
    name: str
    counters: Counters = field(default_factory=dict)
    seconds: float = 0.0


@dataclass
class Run:
    """An open run. `session` holds the run lock; losing it is losing the right to go on."""

    run_id: int
    as_of: date
    session: Connection
    steps: list[Step] = field(default_factory=list)
    counters: Counters = field(default_factory=dict)
    exit_code: int = 0

    def execute(self, statement: str, **parameters: Any) -> list[tuple[Any, ...]]:
        """Run one statement of queries/runs.sql for this run and commit it."""
        with database.transaction(self.session) as cursor:
            cursor.execute(queries.get("runs", statement), {"run_id": self.run_id, **parameters})
            return list(cursor.fetchall()) if cursor.description else []

    def keep_nodes(self, step: str, nodes: list[tuple[Any, ...]]) -> None:
        """What dbt told of each node of a build step (node, type, status, seconds, rows, failures), as rows."""
        from psycopg2.extras import execute_values

        if not nodes:
            return
        with database.transaction(self.session) as cursor:
            rows = [(self.run_id, step, *node) for node in nodes]
            execute_values(cursor, queries.get("runs", "keep_nodes"), rows, page_size=1000)

    @contextmanager
    def step(self, name: str) -> Iterator[Step]:
        """One step: a row of the run log that says when it ran, what it counted and how it ended."""
        step = Step(len(self.steps) + 1, name)
        self.steps.append(step)
        self.execute("open_step", step_no=step.number, name=name)
        faults.reach(f"before:step:{name}")
        started = time.monotonic()
        try:
            yield step
        except BaseException as error:
            step.seconds = time.monotonic() - started
            self._close_step(step, "FAILED", error)
            raise
        step.seconds = time.monotonic() - started
        self._close_step(step, "SUCCEEDED", None)
        faults.reach(f"after:step:{name}")

    def _close_step(self, step: Step, status: str, error: BaseException | None) -> None:
        if error is not None and self.session.closed:
            return
        self.execute(
            "close_step",
            step_no=step.number,
            status=status,
            error=sentence(error),
            counters=json.dumps({**step.counters, "seconds": round(step.seconds, 3)}, default=str),
        )


def sentence(error: BaseException | None) -> str | None:
    """What the run log keeps of an error: our own sentence, or only its type (no data, no SQL, no secret)."""
    if error is None:
        return None
    return error.message if isinstance(error, CabinetError) else type(error).__name__


@contextmanager
def open_run(
    where: database.Server,
    settings: Settings,
    command: str,
    arguments: Counters,
    as_of: date,
    *,
    exclusive: bool = True,
) -> Iterator[Run]:
    """Hold the run lock and a row of the run log while the block runs. Raises LockHeld naming the holder.

    A load is not `exclusive`: files may come in while a night is at work, and are seen by the next build.
    """
    session = database.connect(where, command, settings)
    try:
        if exclusive:
            take_lock(session)
        close_dead_runs(session, exclusive)
        run = _open(session, command, arguments, as_of)
        try:
            yield run
        except BaseException as error:
            run.exit_code = error.exit_code if isinstance(error, CabinetError) else COULD_NOT_RUN
            _close_quietly(run, error)
            raise
        run.execute(
            "close",
            status="SUCCEEDED",
            exit_code=run.exit_code,
            error=None,
            counters=json.dumps(run.counters, default=str),
        )
    finally:
        session.close()


def take_lock(session: Connection) -> None:
    """Take the run lock or raise LockHeld within a second, saying who holds it."""
    for attempt in range(5):
        with database.transaction(session) as cursor:
            cursor.execute(queries.get("runs", "try_lock"))
            if cursor.fetchone()[0]:
                return
            cursor.execute(queries.get("runs", "lock_holder"))
            holder = cursor.fetchone()
        if holder and holder[3]:
            break
        # The holder may be between taking the lock and writing its row.
        time.sleep(0.1 * (attempt + 1))
    told = (
        f"run {holder[0]} ({holder[1]}), since {holder[2]}, server process {holder[3]}"
        if holder
        else "another session that has not yet written its row in the run log"
    )
    raise LockHeld(f"Another run holds the lock: {told}.", "Wait for it to end, then run the same command again.")


def close_dead_runs(session: Connection, exclusive: bool) -> None:
    """Close the rows of runs whose process is gone: nobody holds their lock any more."""
    with database.transaction(session) as cursor:
        cursor.execute(queries.get("runs", "running"), {"exclusive": exclusive})
        for (run_id,) in cursor.fetchall():
            cursor.execute(queries.get("runs", "try_alive_lock"), {"run_id": run_id})
            if cursor.fetchone()[0]:
                cursor.execute(queries.get("runs", "abandon"), {"run_id": run_id})
                cursor.execute(queries.get("runs", "release_alive_lock"), {"run_id": run_id})


def _open(session: Connection, command: str, arguments: Counters, as_of: date) -> Run:
    with database.transaction(session) as cursor:
        cursor.execute(
            queries.get("runs", "open"),
            {
                "command": command,
                "arguments": json.dumps(arguments, default=str),
                "as_of": as_of,
                "version": __version__,
                "host": host_mark(),
            },
        )
        run_id = cursor.fetchone()[0]
        cursor.execute(queries.get("runs", "try_alive_lock"), {"run_id": run_id})
        cursor.execute(queries.get("runs", "tell_run"), {"run_id": run_id})
    return Run(run_id, as_of, session)


def _close_quietly(run: Run, error: BaseException) -> None:
    """Say in the run log how it ended; when the server is gone too, the next run will close the row."""
    try:
        run.execute(
            "close",
            status="FAILED",
            exit_code=run.exit_code,
            error=sentence(error),
            counters=json.dumps(run.counters, default=str),
        )
    except CabinetError:
        return


def host_mark() -> str:
    """Which machine, without its name: the system and a short hash that tells two machines apart."""
    return f"{platform.system()}-{hashlib.sha256(platform.node().encode()).hexdigest()[:8]}"
