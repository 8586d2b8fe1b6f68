"""`reconcile leads` on hand-worked cases: what is linked, what is left alone and why; a second run writes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from runner import chain, identity
from runner.database import Server
from runner.errors import BadInput
from runner.identity import Verdict
from runner.reconcile_leads import LeadsFilter
from runner.settings import Settings
from tests import harness
from tests.integration.test_reconcile_claims import RUN_LOG, contents, rows

AS_OF = date(2026, 1, 20)
OLD = UUID("00000000-0000-0000-0000-0000000000a1")
OTHER = UUID("00000000-0000-0000-0000-0000000000b2")
THIRD = UUID("00000000-0000-0000-0000-0000000000c3")
LEADS = "module_ct_cabinet_leads"


@dataclass(frozen=True)
class Row:
    """A lead and, where `driver` is given, a driver with the same phone and plate."""

    key: str
    name: tuple[str, str]
    phone: str
    plate: str
    driver: str | None = None
    driver_name: tuple[str, str] | None = None


def put(where: Server, people: Iterable[Row]) -> None:
    """Write leads and drivers; lead ids from 1 on, all of 2 January."""
    with closing(harness.connect(where)) as session, session, session.cursor() as cursor:
        for number, row in enumerate(people, 1):
            cursor.execute(
                "insert into public.module_ct_cabinet_leads (id, external_id, lead_created_at, first_name, last_name,"
                " park_phone, asset_plate_number) values (%s, %s, '2026-01-02 10:00', %s, %s, %s, %s)",
                (number, row.key, *row.name, row.phone, row.plate),
            )
            if row.driver:
                cursor.execute(
                    "insert into public.drivers (driver_id, first_name, last_name, phone, car_number, hire_date)"
                    " values (%s, %s, %s, %s, %s, '2026-01-03') on conflict do nothing",
                    (row.driver, *(row.driver_name or row.name), row.phone, row.plate),
                )


def link(where: Server, person: UUID, table: str, key: str) -> None:
    """A link as an earlier job left it."""
    with closing(harness.connect(where)) as session, session, session.cursor() as cursor:
        cursor.execute(
            "insert into canon.identity_registry (person_key, confidence_level) values (%s, 'HIGH')"
            " on conflict do nothing",
            (person,),
        )
        cursor.execute(
            "insert into canon.identity_links (person_key, source_table, source_pk, snapshot_date, match_rule,"
            " match_score, confidence_level) values (%s, %s, %s, '2026-01-02', 'TEST', 90, 'HIGH')",
            (person, table, key),
        )


def drive(where: Server, driver: str, trips: int) -> None:
    """Trips of one day in the window."""
    with closing(harness.connect(where)) as session, session, session.cursor() as cursor:
        cursor.execute(
            "insert into public.summary_daily (driver_id, date_file, count_orders_completed)"
            " values (%s, '05-01-2026', %s)",
            (driver, trips),
        )


def links(where: Server) -> dict[str, tuple[UUID, str]]:
    """Person and rule by source key."""
    return {
        key: (person, rule)
        for key, person, rule in rows(where, "select source_pk, person_key, match_rule from canon.identity_links")
    }


def reasons(where: Server) -> dict[str, tuple[str, str]]:
    """Reason and status by source key of the unmatched."""
    found = rows(where, "select source_pk, reason_code, status::text from canon.identity_unmatched")
    return {key: (reason, status) for key, reason, status in found}


@pytest.fixture
def ours(migrated_database: Server, settings_for: Callable[..., Settings]) -> Settings:
    """Settings for the test's database."""
    return settings_for(migrated_database)


def reconcile(ours: Settings, **flags: Any) -> dict[str, Any]:
    """The command's counters."""
    outcome = chain.reconcile_leads_now(ours, AS_OF, LeadsFilter(**flags), progress=harness.QUIET)
    assert outcome.leads is not None
    return {**outcome.leads.counters, "by_rule": outcome.leads.by_rule}


SAMPLE = (
    Row("match", ("Rubén", "Trujillo Peña"), "+51 900 111 222", "ABC-123", "d-match"),
    Row("brother", ("Percy", "Chávez Salazar"), "900333444", "DEF-456", "d-brother", ("Miguel", "Chávez Salazar")),
    Row("nobody", ("Ana", "Huamán Rojas"), "900555666", "GHI-789"),
    Row("half", ("Luis", "Quispe Mamani"), "900777888", "JKL-012", "d-half"),
    Row("torn", ("Rosa", "Condori Ttito"), "900999111", "MNO-345", "d-torn"),
)


def test_what_is_linked_and_what_is_told(migrated_database: Server, ours: Settings) -> None:
    """A new person by phone; a brother's phone contradicts; NO_DRIVER is mended; a conflict is told, not moved."""
    put(migrated_database, SAMPLE)
    link(migrated_database, OLD, LEADS, "half")
    link(migrated_database, THIRD, LEADS, "torn")
    link(migrated_database, OTHER, "drivers", "d-torn")
    counters = reconcile(ours)
    assert (counters["newly_linked"], counters["newly_driver_mapped"], counters["drivers_linked"]) == (1, 1, 2)
    assert (counters["contradictions"], counters["still_no_candidates"], counters["conflicts"]) == (1, 1, 1)
    assert counters["by_rule"] == {"R1_PHONE_EXACT": 1}
    found = links(migrated_database)
    assert found["match"][0] == found["d-match"][0] and found["match"][1] == "R1_PHONE_EXACT"
    assert found["d-half"] == (OLD, "DRIVER_MATCH") and found["d-torn"][0] == OTHER and found["torn"][0] == THIRD
    assert reasons(migrated_database) == {
        "brother": ("NAME_CONTRADICTION", "OPEN"),
        "nobody": ("NO_CANDIDATES", "OPEN"),
    }
    assert rows(
        migrated_database,
        "select lead_source_pk, lead_person_key, other_person_key from ops.v_identity_decisions"
        " where outcome = 'IDENTITY_CONFLICT'",
    ) == [("torn", THIRD, OTHER)]


def test_a_second_run_writes_nothing(migrated_database: Server, ours: Settings) -> None:
    """Idempotent: every table but the run log is the same, ids and times included."""
    put(migrated_database, SAMPLE)
    drive(migrated_database, "d-match", 3)
    reconcile(ours)
    before = contents(migrated_database)
    counters = reconcile(ours)
    after = contents(migrated_database)
    assert counters["newly_linked"] == counters["drivers_linked"] == counters["unmatched_written"] == 0
    assert [table for table in after if after[table] != before.get(table)] == sorted(RUN_LOG)


def test_a_build_in_between_hides_nobody_who_is_unmatched(migrated_database: Server, ours: Settings) -> None:
    """A build publishes decisions and writes no unmatched row: the next command does, though nothing changed since."""
    put(migrated_database, SAMPLE[:2])
    reconcile(ours)
    with closing(harness.connect(migrated_database)) as session, session, session.cursor() as cursor:
        cursor.execute(
            "insert into public.module_ct_cabinet_leads (id, external_id, lead_created_at, first_name, last_name)"
            " values (9, 'late', '2026-01-03 10:00', 'Ana', 'Huamán')"
        )
    chain.build(ours, AS_OF, progress=harness.QUIET)
    assert "late" not in reasons(migrated_database)
    reconcile(ours)
    assert reasons(migrated_database) == {"brother": ("NAME_CONTRADICTION", "OPEN"), "late": ("NO_CANDIDATES", "OPEN")}


def test_a_night_raises_the_claims_of_leads_that_it_links(migrated_database: Server, ours: Settings) -> None:
    """Links come before claims in the chain, and the states follow both."""
    put(migrated_database, SAMPLE[:1])
    drive(migrated_database, "d-match", 6)
    chain.nightly(ours, AS_OF, progress=harness.QUIET)
    claims = rows(migrated_database, "select milestone, lead_source_pk from canon.claims_yango_cabinet_14d order by 1")
    assert claims == [(1, "match"), (5, "match")]
    assert rows(migrated_database, "select limbo_stage from ops.v_cabinet_leads_limbo") == [("OK",)]


def test_a_dry_run_tells_and_writes_nothing(migrated_database: Server, ours: Settings) -> None:
    """What would be linked by rule, from the live run."""
    put(migrated_database, SAMPLE)
    chain.build(ours, AS_OF, progress=harness.QUIET)
    before = contents(migrated_database)
    told = chain.preview_leads(ours, AS_OF, LeadsFilter())
    assert told.by_rule == {"R1_PHONE_EXACT": 3} and told.counters["would_link"] == 3
    assert contents(migrated_database) == before


def test_the_flags_narrow_what_is_linked(migrated_database: Server, ours: Settings) -> None:
    """--limit takes the oldest leads first and says how many it left; --days-back counts from the as-of date."""
    put(migrated_database, SAMPLE)
    counters = reconcile(ours, limit=1)
    assert (counters["newly_linked"], counters["left_over"]) == (1, 2)
    assert "match" in links(migrated_database)
    assert reconcile(ours, days_back=5)["left_over"] == 2


def decide(ours: Settings, *verdicts: tuple[str, str | None, str]) -> list[str]:
    """Decisions by ana."""
    made = [Verdict(lead, driver, verdict, "ana", "asked him") for lead, driver, verdict in verdicts]
    return identity.decide_as_run(ours, AS_OF, made)


def test_people_decide_before_every_rule(migrated_database: Server, ours: Settings) -> None:
    """Accept links what the rules refuse; reject and ignore keep apart what they would link; each is kept once."""
    put(migrated_database, SAMPLE)
    chain.build(ours, AS_OF, progress=harness.QUIET)
    decide(ours, ("brother", "d-brother", "ACCEPT"), ("match", "d-match", "REJECT"), ("half", None, "IGNORE"))
    assert decide(ours, ("match", "d-match", "REJECT")) == ["match: REJECT stands already."]
    for _ in range(2):
        reconcile(ours)
        found = links(migrated_database)
        assert found["brother"][1] == "MANUAL" and "match" not in found and "half" not in found
    assert reasons(migrated_database)["half"][1] == "IGNORED"
    assert rows(migrated_database, "select count(*) from canon.identity_decisions") == [(3,)]
    with pytest.raises(BadInput):
        decide(ours, ("nobody", "d-nowhere", "ACCEPT"))
    with pytest.raises(BadInput):
        decide(ours, ("unknown", None, "IGNORE"))


def test_a_link_taken_back_stays_so(migrated_database: Server, ours: Settings) -> None:
    """Unlink removes the lead's link, keeps what it was, and no job makes it again; accept does."""
    put(migrated_database, SAMPLE[:1])
    reconcile(ours)
    person = links(migrated_database)["match"][0]
    with pytest.raises(BadInput):
        decide(ours, ("match", "d-elsewhere", "ACCEPT"))
    decide(ours, ("match", None, "UNLINK"))
    reconcile(ours)
    assert "match" not in links(migrated_database)
    kept = rows(migrated_database, "select evidence ->> 'person_key' from canon.identity_decisions")
    assert kept == [(str(person),)]
    decide(ours, ("match", "d-match", "ACCEPT"))
    reconcile(ours)
    assert links(migrated_database)["match"] == (person, "MANUAL")


def test_what_was_resolved_or_ignored_stays(migrated_database: Server, ours: Settings) -> None:
    """A row that found its person is kept as RESOLVED; what somebody set to IGNORED by hand is left alone."""
    put(migrated_database, (SAMPLE[0], SAMPLE[2]))
    with closing(harness.connect(migrated_database)) as session, session, session.cursor() as cursor:
        for key, status in (("match", "OPEN"), ("nobody", "IGNORED")):
            cursor.execute(
                "insert into canon.identity_unmatched (source_table, source_pk, snapshot_date, reason_code, status,"
                " created_at) values (%s, %s, '2026-01-02', 'NO_CANDIDATES', %s, now())",
                (LEADS, key, status),
            )
    reconcile(ours)
    assert reasons(migrated_database) == {
        "match": ("NO_CANDIDATES", "RESOLVED"),
        "nobody": ("NO_CANDIDATES", "IGNORED"),
    }
    assert rows(migrated_database, "select resolved_at is not null from canon.identity_unmatched order by id")[0] == (
        True,
    )


def test_decisions_are_never_changed(migrated_database: Server, ours: Settings) -> None:
    """The table refuses updates and deletes, whoever asks."""
    put(migrated_database, SAMPLE)
    chain.build(ours, AS_OF, progress=harness.QUIET)
    decide(ours, ("half", None, "IGNORE"))
    for statement in ("update canon.identity_decisions set why = 'x'", "delete from canon.identity_decisions"):
        with pytest.raises(Exception, match="kept for ever"):
            rows(migrated_database, statement)
