"""The history of claims: whatever anybody does to the table, the events rebuild it exactly, and they only grow."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import date, timedelta
from random import Random
from typing import Any
from uuid import UUID

import psycopg2
import pytest

from runner.database import Server
from runner.migrations import read
from tests import harness

FIRST = date(2025, 12, 1)
CLAIMS = "canon.claims_yango_cabinet_14d"
# The table as its history has it: the last image of each claim that is not gone.
REBUILT = f"""
    select r.*
    from (select distinct on (claim_id) * from canon.claim_events order by claim_id, event_id desc) as last
    cross join lateral jsonb_populate_record(null::{CLAIMS}, last.row_after) as r
    where last.row_after is not null
"""
DIFFERENT = f"""
    (select * from {CLAIMS} except all select * from ({REBUILT}) as rebuilt)
    union all
    (select * from ({REBUILT}) as rebuilt except all select * from {CLAIMS})
"""


@pytest.fixture
def cursor(migrated_database: Server) -> Iterator[Any]:
    """Four persons, and a session that commits act by act."""
    with closing(harness.connect(migrated_database)) as session:
        session.autocommit = True
        with session.cursor() as cursor:
            for number in range(1, 5):
                cursor.execute(
                    "insert into canon.identity_registry (person_key, confidence_level) values (%s, 'HIGH')",
                    (UUID(int=number),),
                )
            yield cursor


def act(cursor: Any, dice: Random) -> bool:
    """One random act by somebody, lawful or not; whether it was let through."""
    kind = dice.choice(
        ("born", "born", "move", "move", "move", "named", "named", "touch", "delete", "truncate", "outside")
    )
    claim = f"(select claim_id from {CLAIMS} order by md5(claim_id || '{dice.random()}') limit 1)"
    status = dice.choice(("expected", "generated", "paid", "rejected", "expired"))
    paid_at = "now()" if status == "paid" else "null"
    move = f"update {CLAIMS} set status = '{status}', paid_at = {paid_at}, reason = 'act' where claim_id = {claim}"
    statements = {
        "born": f"""
            insert into {CLAIMS}
                (person_key, driver_id, lead_source_pk, lead_date, milestone, amount_expected, status)
            values (
                '{UUID(int=dice.randint(1, 4))}', 'd1', 'a', '{FIRST + timedelta(days=dice.randint(0, 90))}',
                {dice.choice((1, 5, 25))},
                25, 'generated'
            )""",
        "move": move,
        "named": f"begin; set local cabinet14d.manual_act = 'Ana'; {move}; commit",
        "touch": f"update {CLAIMS} set driver_id = 'd{dice.randint(1, 9)}' where claim_id = {claim}",
        "delete": f"delete from {CLAIMS} where claim_id = {claim}",
        "truncate": f"truncate {CLAIMS}",
        # Somebody who switches triggers off: the guards are gone, the history is not.
        "outside": f"begin; set local session_replication_role = replica; {move}; delete from {CLAIMS} "
        f"where claim_id = {claim} and {dice.choice(('true', 'false'))}; commit",
    }
    try:
        cursor.execute(statements[kind])
        return True
    except psycopg2.Error:
        cursor.execute("rollback")
        return False


def test_a_thousand_random_acts_are_rebuilt_exactly(cursor: Any) -> None:
    """Births, lawful and unlawful steps, named acts, deletions behind the guards' back; compared all along."""
    dice = Random(14)
    done = 0
    for number in range(1000):
        done += act(cursor, dice)
        if number % 50 == 49:
            cursor.execute(DIFFERENT)
            assert cursor.fetchall() == [], f"after act {number}"
    cursor.execute(f"select count(*), count(distinct status) from {CLAIMS}")
    claims, statuses = cursor.fetchone()
    cursor.execute("select count(*), count(distinct kind) from canon.claim_events")
    events, kinds = cursor.fetchone()
    assert done > 400 and claims > 40 and statuses >= 4 and events > 400 and kinds == 3


def test_the_history_only_grows(cursor: Any) -> None:
    """Nobody takes an event out or changes it."""
    while not act(cursor, Random(2)):
        pass
    for statement in ("delete from", "truncate", "update"):
        what = "canon.claim_events set reason = 'x'" if statement == "update" else "canon.claim_events"
        with pytest.raises(psycopg2.errors.CheckViolation, match="only grows"):
            cursor.execute(f"{statement} {what}")


def test_who_and_why_are_told(cursor: Any) -> None:
    """A named act is told with its name and reason; else the program that was connected."""
    cursor.execute("set application_name = 'a script'")
    cursor.execute(
        f"insert into {CLAIMS} (person_key, lead_source_pk, lead_date, milestone, amount_expected, status)"
        " values (%s, 'a', '2025-12-01', 1, 25, 'generated')",
        (UUID(int=1),),
    )
    cursor.execute(
        "begin; set local cabinet14d.manual_act = 'Ana R.: reject'; set local cabinet14d.run_id = '7';"
        f" update {CLAIMS} set status = 'rejected', reason = 'No procede'; commit"
    )
    cursor.execute(f"update {CLAIMS} set status = status")
    columns = "kind, old_status, new_status, actor, reason, run_id"
    cursor.execute(f"select {columns} from canon.claim_events order by event_id")
    assert cursor.fetchall() == [
        ("BORN", None, "generated", "a script", None, None),
        ("CHANGED", "generated", "rejected", "Ana R.: reject", "No procede", 7),
    ]


def test_what_happened_while_nobody_watched_is_caught_up(cursor: Any) -> None:
    """A step down and up again: the history stays, and what changed meanwhile is FOUND or GONE."""
    for number in range(40):
        act(cursor, Random(number))
    cursor.execute(read("0007_collection.down"))
    cursor.execute(
        f"set session_replication_role = replica; update {CLAIMS} set status = 'rejected', paid_at = null"
        f" where claim_id % 2 = 0; delete from {CLAIMS} where claim_id % 3 = 0; set session_replication_role = origin"
    )
    cursor.execute(read("0007_collection.up"))
    cursor.execute(DIFFERENT)
    assert cursor.fetchall() == []
    cursor.execute("select distinct kind from canon.claim_events order by 1")
    assert {"FOUND", "GONE"} <= {kind for (kind,) in cursor.fetchall()}
