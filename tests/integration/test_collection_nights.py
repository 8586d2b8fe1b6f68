"""Nights on the sample, scripted: every sum stays zero whatever comes in.

New leads, late trips, corrections, payments, reversals, and people who reject, expire and reopen claims.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from runner import chain, claim_acts, demo
from runner.database import Server
from runner.settings import Settings
from tests import harness
from tests.integration.test_claim_events import DIFFERENT
from tests.integration.test_reconcile_claims import rows
from tests.payment_worlds import unbalanced

FIRST = date(2026, 1, 12)
CLAIMS = "canon.claims_yango_cabinet_14d"
GENERATED = f"select claim_id from {CLAIMS} where status = 'generated' order by claim_id"
CLOSED = f"select claim_id from {CLAIMS} where status in ('rejected', 'expired') order by claim_id"
CLAIMED = f"select distinct driver_id from {CLAIMS} where driver_id is not null order by 1"
LINKED = "select source_pk from canon.identity_links where source_table = 'drivers' order by id"
# The claims' own story: what the relation shows as paid by a payment is what the table and the record hold.
UNTIED = """
    select s.claim_id from ops.v_payments_statements as s
    inner join canon.claims_yango_cabinet_14d as c on c.claim_id = s.claim_id
    left join canon.claim_settlements as r on r.claim_id = s.claim_id and r.payment_id = s.payment_id
    where s.outcome = 'SETTLES' and (c.status <> 'paid' or r.claim_id is null)
    union all
    select r.claim_id from canon.claim_settlements as r
    where not exists (
        select 1 from ops.v_payments_statements as s where s.claim_id = r.claim_id and s.outcome = 'SETTLES'
    )
"""
AGING = """
    select (select coalesce(sum(amount_due), 0) from ops.v_collection_aging)
        - (select value from ops.v_cabinet_conservation where check_code = 'LIVE' and term = 'DUE')
"""


def one_of(cursor: Any, dice: Random, sql: str) -> Any:
    """One value of a query, or null."""
    cursor.execute(sql)
    found = cursor.fetchall()
    return dice.choice(found)[0] if found else None


def new_leads(cursor: Any, dice: Random, day: date) -> None:
    """Three registrations, two of them linked to a person and a driver who soon drives."""
    for number in range(3):
        key, person = f"n{day:%m%d}{number}", f"00000000-0000-4000-8000-{day:%Y%m%d}{number:04d}"
        lead_day = day - timedelta(days=dice.choice((2, 2, 9, 20)))
        cursor.execute(
            "insert into public.module_ct_cabinet_leads (external_id, lead_created_at) values (%s, %s)", (key, lead_day)
        )
        if number == 2:
            continue
        driver = f"driver{key}"
        cursor.execute("insert into public.drivers (driver_id, id, full_name) values (%s, %s, %s)",
                       (driver, day.toordinal() * 10 + number, f"Nueva {key}"))
        cursor.execute(
            "insert into canon.identity_registry (person_key, confidence_level) values (%s, 'HIGH')", (person,)
        )
        for table, source_pk in (("module_ct_cabinet_leads", key), ("drivers", driver)):
            cursor.execute(
                "insert into canon.identity_links (person_key, source_table, source_pk, snapshot_date, match_rule,"
                " match_score, confidence_level) values (%s, %s, %s, now(), 'TEST', 100, 'HIGH')",
                (person, table, source_pk),
            )
        for _ in range(dice.randint(0, 3)):
            when = lead_day + timedelta(days=dice.randint(0, 15))
            cursor.execute("insert into public.summary_daily values (%s, %s, %s, 3600, now())",
                           (driver, f"{when:%d-%m-%Y}", dice.choice((1, 4, 9, 25))))


def late_trips(cursor: Any, dice: Random, day: date) -> None:
    """Trips of days long past, for drivers of leads."""
    for _ in range(5):
        driver = one_of(cursor, dice, LINKED)
        when = day - timedelta(days=dice.randint(1, 40))
        cursor.execute("insert into public.summary_daily values (%s, %s, %s, 60, now())",
                       (driver, f"{when:%Y-%m-%d}", dice.randint(1, 12)))


def correction(cursor: Any, dice: Random, day: date) -> None:
    """The trips of a driver who has claims are taken off."""
    driver = one_of(cursor, dice, CLAIMED)
    cursor.execute("update public.summary_daily set count_orders_completed = 0 where driver_id = %s", (driver,))


def payments(cursor: Any, dice: Random, day: date) -> None:
    """Four lines, of claims that are due mostly."""
    for _ in range(4):
        cursor.execute(f"select driver_id, milestone from {CLAIMS} where driver_id is not null order by claim_id")
        driver, milestone = dice.choice(cursor.fetchall())
        cursor.execute(
            "insert into public.module_ct_cabinet_payments (id, date, driver_id, trip_1, trip_5, trip_25) select"
            " max(id) + 1, %s, %s, %s, %s, %s from public.module_ct_cabinet_payments",
            (
                *(day - timedelta(days=dice.randint(0, 30)), driver),
                *(milestone == other or dice.random() < 0.2 for other in (1, 5, 25)),
            ),
        )


def reversal(cursor: Any, dice: Random, day: date) -> None:
    """One settling payment is deleted, another says false now, a third gets another name."""
    for statement in (
        "delete from public.module_ct_cabinet_payments where id = %s",
        "update public.module_ct_cabinet_payments set trip_1 = false, trip_5 = false where id = %s",
        "update public.module_ct_cabinet_payments set driver = 'Otro nombre', updated_at = now() where id = %s",
    ):
        cursor.execute(statement, (one_of(cursor, dice, "select payment_id from canon.claim_settlements order by 1"),))


SCRIPT: tuple[Callable[[Any, Random, date], None], ...] = (new_leads, late_trips, payments, correction, reversal)


def acts(where: Server, settings: Settings, dice: Random, day: date) -> None:
    """People reject, expire and reopen."""
    for act, query in (("reject", GENERATED), ("expire", GENERATED), ("reopen", CLOSED)):
        ids = [claim_id for (claim_id,) in rows(where, query)]
        if ids and dice.random() < 0.6:
            claim_acts.perform(settings, claim_acts.ACTS[act], [dice.choice(ids)], "Ana", "por el guion", day)


def play(where: Server, settings: Settings, folder: Path, leads: int, nights: int) -> set[str]:
    """The nights one after the other; which outcomes were seen."""
    demo.load_into(where, settings, demo.write(folder, leads))
    dice, seen = Random(14), set()
    for night in range(nights):
        day = FIRST + timedelta(days=night)
        with closing(harness.connect(where)) as session, session, session.cursor() as cursor:
            for part in SCRIPT if night else ():
                part(cursor, dice, day)
        if night:
            acts(where, settings, dice, day)
        chain.nightly(settings, day, progress=harness.QUIET)
        assert unbalanced(where) == [], f"night {night}"
        assert rows(where, UNTIED) == [], f"night {night}"
        assert rows(where, AGING) == [(0,)], f"night {night}"
        assert rows(where, DIFFERENT) == [], f"night {night}"
        seen |= {outcome for (outcome,) in rows(where, "select distinct outcome from ops.v_payments_statements")}
        seen |= {text for (text,) in rows(where, "select distinct split_part(reason, ' ', 1) from canon.claim_events")}
    return seen


EVERYTHING = {"SETTLES", "UNAPPLIED", "REVERSED", "PAYMENT", "PAYMENT_REVERSED", "por"}


def test_four_nights_of_a_small_sample(
    migrated_database: Server, settings_for: Callable[..., Settings], tmp_path: Path
) -> None:
    """All that may come in does, and every sum is zero after each night."""
    shutil.rmtree(tmp_path / "sample", ignore_errors=True)
    seen = play(migrated_database, settings_for(migrated_database), tmp_path / "sample", 120, 4)
    assert seen >= EVERYTHING


@pytest.mark.soak
def test_thirty_nights_of_the_sample(
    migrated_database: Server, settings_for: Callable[..., Settings], tmp_path: Path
) -> None:
    """The same for the sample's 849 leads and a month."""
    seen = play(migrated_database, settings_for(migrated_database), tmp_path / "sample", 849, 30)
    assert seen >= EVERYTHING
