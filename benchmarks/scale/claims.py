"""Raising claims: the command and its write, beside a bare insert of the same rows and a loop row by row."""

from __future__ import annotations

import time
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg2

from benchmarks.scale.figures import Part
from benchmarks.scale.ground import Ground, step_seconds
from benchmarks.scale.world import named

STATEMENTS = named(Path(__file__).with_name("claims.sql"))
SAMPLE = 2_000
COPY, PREPARED = "scale_claims_copy", "scale_claims_prepared"
BARE, SAME = "insert-select, no triggers", "insert-select, same table and triggers, rolled back"
LOOP = "look, insert, commit, row by row"
COLUMNS = "person_key, driver_id, lead_source_pk, lead_date, milestone, amount_expected"


def measure(where: Ground, repeat: int) -> Part:
    """On copies of the database; where claims were raised already, on copies of a copy without any, built again."""
    if not where.ask("select exists (select from canon.claims_yango_cabinet_14d)")[0][0]:
        return _measure(where, repeat)
    with where.copy(PREPARED) as prepared:
        prepared.do(STATEMENTS["empty_claims"])
        prepared.run("build", "--as-of", str(where.as_of()))
        return _measure(prepared, repeat)


def _measure(where: Ground, repeat: int) -> Part:
    part = Part()
    as_of = str(where.as_of())
    for again in range(repeat):
        with where.copy(COPY) as copied:
            if again == 0:
                _bare(copied, part, repeat)
            part.add("command", copied.run("reconcile", "claims", "--as-of", as_of).seconds)
            for name, seconds in step_seconds(copied).items():
                part.add(f"command's step: {name}", seconds)
    _rates(part)
    return part


def _bare(where: Ground, part: Part, repeat: int) -> None:
    """The same rows from a gap that is there: into a bare table, into the product's (rolled back), some one by one."""
    where.do(STATEMENTS["bare_table"])
    part.facts["rows"] = where.ask("select count(*) from scale_claims.gap")[0][0]
    part.facts["rows of the loop"] = min(SAMPLE, part.facts["rows"])
    for _ in range(repeat):
        where.do("truncate scale_claims.claims")
        part.add(BARE, _insert(where, "scale_claims.claims"))
        part.add(SAME, _insert(where, "canon.claims_yango_cabinet_14d", undo=True))
        where.do("vacuum canon.claims_yango_cabinet_14d", "vacuum canon.claim_events", "truncate scale_claims.claims")
        part.add(LOOP, _loop(where))
    where.do("drop schema scale_claims cascade")


def _insert(where: Ground, table: str, undo: bool = False) -> float:
    """Seconds until it is committed."""
    with closing(psycopg2.connect(**where.where.conninfo())) as session, session.cursor() as cursor:
        began = time.perf_counter()
        cursor.execute(STATEMENTS["insert_select"].replace("{table}", table))
        if undo:
            seconds = time.perf_counter() - began
            session.rollback()
            return seconds
        session.commit()
        return time.perf_counter() - began


def _loop(where: Ground) -> float:
    """Look, insert, commit, row by row, as jobs that go through a list do."""
    rows = where.ask(f"select {COLUMNS} from scale_claims.gap limit {SAMPLE}")
    with closing(psycopg2.connect(**where.where.conninfo())) as session, session.cursor() as cursor:
        began = time.perf_counter()
        for row in rows:
            _raise_one(session, cursor, row)
        return time.perf_counter() - began


def _raise_one(session: Any, cursor: Any, row: tuple[Any, ...]) -> None:
    cursor.execute(STATEMENTS["is_there"], (row[0], row[3], row[4]))
    if not cursor.fetchone():
        cursor.execute(STATEMENTS["insert_one"], row)
    session.commit()


def _rates(part: Part) -> None:
    """Rows a second by the medians."""
    rows, sample = part.facts["rows"], part.facts["rows of the loop"]
    part.facts["rows a second"] = {
        "write": rate(rows, part.median("command's step: reconcile claims")),
        "command": rate(rows, part.median("command")),
        BARE: rate(rows, part.median(BARE)),
        SAME: rate(rows, part.median(SAME)),
        LOOP: rate(sample, part.median(LOOP)),
    }


def rate(rows: int, seconds: float | None) -> int:
    """Whole rows a second."""
    return round(rows / seconds) if seconds else 0
