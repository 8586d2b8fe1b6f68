"""Readers in a loop: what somebody sees of `ops` while a night is at work, killed or published."""

from __future__ import annotations

import threading
from contextlib import closing
from types import TracebackType
from typing import Any

from runner.database import Server
from tests import harness

# Everything that a night publishes, without the times of day, which differ between two runs of the same night.
PARTS = {
    "limbo": "select md5(string_agg(cast(v as text), '|' order by lead_id)) from ops.v_cabinet_leads_limbo as v",
    "expected": "select md5(string_agg(cast(v as text), '|' order by lead_id, milestone))"
    " from ops.v_cabinet_claims_expected_14d as v",
    "present": "select md5(string_agg(concat_ws(',', lead_id, milestone, claim_status, gap_reason, claim_row_status,"
    " present_amount, missing_amount), '|' order by lead_id, milestone)) from ops.v_claims_expected_vs_present_14d",
    "gap": "select md5(string_agg(cast(v as text), '|' order by lead_id, milestone_value))"
    " from ops.v_cabinet_claims_gap_14d as v",
    "exclusions": "select md5(string_agg(concat_ws(',', source, source_key, reason, driver_id, raw_value, source_rows),"
    " '|' order by source, source_key, reason, driver_id, raw_value)) from ops.v_cabinet_exclusions",
    "history": "select md5(string_agg(concat_ws(',', lead_id, limbo_stage, is_current), '|'"
    " order by lead_id, from_run))"
    " from ops.v_cabinet_stage_history",
}
ONE_STATEMENT = "select " + ", ".join(f"({sql})" for sql in PARTS.values())

Picture = tuple[Any, ...]


def picture(where: Server) -> Picture:
    """What one statement sees of all relations."""
    with closing(harness.connect(where)) as session, session, session.cursor() as cursor:
        cursor.execute(ONE_STATEMENT)
        return tuple(cursor.fetchone())


class Readers:
    """Two threads that read until the block ends: one statement, and several in a repeatable-read transaction."""

    def __init__(self, where: Server) -> None:
        self.where = where
        self.seen: set[Picture] = set()
        self.reads = 0
        self.problems: list[str] = []
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._loop, args=(read,)) for read in (self._at_once, self._in_turn)]

    def __enter__(self) -> Readers:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _loop(self, read: Any) -> None:
        try:
            with closing(harness.connect(self.where)) as session:
                session.set_session(isolation_level="REPEATABLE READ", readonly=True)
                while not self._stop.is_set():
                    with session, session.cursor() as cursor:
                        self.seen.add(read(cursor))
                        self.reads += 1
                    self._stop.wait(0.01)
        except Exception as error:  # a reader that breaks is a finding, not a crash of the thread
            self.problems.append(f"{type(error).__name__}: {error}")

    @staticmethod
    def _at_once(cursor: Any) -> Picture:
        cursor.execute(ONE_STATEMENT)
        return tuple(cursor.fetchone())

    def _in_turn(self, cursor: Any) -> Picture:
        found = []
        for sql in PARTS.values():
            cursor.execute(sql)
            found.append(cursor.fetchone()[0])
            self._stop.wait(0.005)
        return tuple(found)
