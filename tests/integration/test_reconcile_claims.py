"""`reconcile claims` against the oracle: what is raised and what is left alone, the flags, and the dry run."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from runner import chain, queries, reconcile
from runner.database import Server
from runner.reconcile import ClaimsFilter
from runner.settings import Settings
from tests import harness, oracle
from tests.oracle import Claim, Lead, Link, Person, TripRow, World
from tests.worlds import combine, sample, worlds

AS_OF = date(2026, 1, 14)
ALL = ClaimsFilter()
CLAIMS = (
    "select person_key, driver_id, lead_source_pk, lead_date, milestone, amount_expected, status::text"
    " from canon.claims_yango_cabinet_14d order by person_key, lead_date, milestone"
)
# Every table that a command could write to, run log included.
EVERYTHING = """
    select format('%I.%I', n.nspname, c.relname)
    from pg_class as c inner join pg_namespace as n on n.oid = c.relnamespace
    where c.relkind = 'r' and n.nspname in ('public', 'canon', 'ops', 'ops_staging', 'ops_intermediate')
    order by 1
"""
RUN_LOG = ("ops.runs", "ops.run_marks", "ops.run_steps")


def rows(where: Server, sql: str) -> list[tuple[Any, ...]]:
    """All rows of a query."""
    with closing(harness.connect(where)) as session, session, session.cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall())


def contents(where: Server) -> dict[str, list[str]]:
    """Every row of every table, as text."""
    return {
        table: [row[0] for row in rows(where, f"select t::text from {table} as t order by 1")]
        for (table,) in rows(where, EVERYTHING)
    }


@pytest.fixture
def drawn() -> World:
    """Worlds with gaps and claims of every status."""
    return combine(sample(worlds(AS_OF), 150, 21))


def test_raises_what_the_oracle_says_and_nothing_twice(
    migrated_database: Server, settings_for: Callable[..., Settings], drawn: World
) -> None:
    """D-2, D-4, D-5, D-6: inserted and advanced rows, untouched ones, and an empty gap afterwards."""
    settings = settings_for(migrated_database)
    harness.write_world(migrated_database, drawn)
    wanted = oracle.raise_claims(drawn)
    before = {row[:5]: row for row in rows(migrated_database, CLAIMS)}
    outcome = chain.reconcile_claims(settings, AS_OF, ALL, progress=harness.QUIET)
    after = {row[:5]: row for row in rows(migrated_database, CLAIMS)}
    new = {row for key, row in after.items() if key not in before}
    assert new == {
        (
            claim.person_key,
            claim.driver_id,
            claim.lead_source_pk,
            claim.lead_date,
            claim.milestone,
            claim.amount_expected,
            "generated",
        )
        for claim in wanted.insert
    }
    advanced = {claim.claim_id for claim in drawn.claims} & set(wanted.advance)
    old = {
        (c.person_key, c.driver_id, c.lead_source_pk, c.lead_date, c.milestone): "generated"
        if c.claim_id in advanced
        else c.status
        for c in drawn.claims
    }
    assert {key: row[6] for key, row in after.items() if key in before} == old
    counters = outcome.claims.counters
    assert (counters["claims_inserted"], counters["claims_updated"]) == (len(wanted.insert), len(wanted.advance))
    assert Decimal(counters["inserted_amount"]) == sum(claim.amount_expected for claim in wanted.insert)
    assert harness.read_relation(migrated_database, "v_cabinet_claims_gap_14d", ("lead_id", "milestone_value")) == {}
    assert len(wanted.insert) > 20 and len(wanted.advance) > 3, "the worlds are too tame"


def test_the_second_time_changes_nothing_but_the_run_log(
    migrated_database: Server, settings_for: Callable[..., Settings], drawn: World
) -> None:
    """Idempotent: same tables, row by row."""
    settings = settings_for(migrated_database)
    harness.write_world(migrated_database, drawn)
    chain.nightly(settings, AS_OF, progress=harness.QUIET)
    before = contents(migrated_database)
    outcome = chain.nightly(settings, AS_OF, progress=harness.QUIET)
    after = contents(migrated_database)
    assert outcome.claims.counters["claims_inserted"] == 0
    assert [table for table in after if after[table] != before.get(table)] == sorted(RUN_LOG)


def test_a_dry_run_writes_nothing(
    migrated_database: Server, settings_for: Callable[..., Settings], drawn: World
) -> None:
    """It lists what would be raised, per milestone and with money; no table changes, the run log included."""
    settings = settings_for(migrated_database)
    harness.write_world(migrated_database, drawn)
    harness.build(settings, drawn)
    wanted = oracle.raise_claims(drawn)
    before = contents(migrated_database)
    result = chain.preview_claims(settings, AS_OF, ALL)
    assert contents(migrated_database) == before
    assert len(result.listing) == result.counters["picked"] == len(wanted.insert)
    assert Decimal(result.counters["picked_amount"]) == sum(claim.amount_expected for claim in wanted.insert)
    assert result.counters["would_advance"] == len(wanted.advance)
    for milestone, row in result.by_milestone.items():
        assert row["picked"] == sum(1 for claim in wanted.insert if claim.milestone == milestone)


FLAGS = (
    (ClaimsFilter(days_back=13), lambda gap: gap["lead_date"] >= AS_OF - timedelta(days=13)),
    (ClaimsFilter(milestone=5), lambda gap: gap["milestone_value"] == 5),
    (ClaimsFilter(week_start=date(2026, 1, 12)), lambda gap: gap["week_start"] == date(2026, 1, 12)),
)


@pytest.mark.parametrize(("chosen", "is_asked"), FLAGS, ids=["days-back", "only-milestone", "week-start"])
def test_flags_narrow_and_say_what_they_left(
    migrated_database: Server,
    settings_for: Callable[..., Settings],
    drawn: World,
    chosen: ClaimsFilter,
    is_asked: Callable[[dict[str, Any]], bool],
) -> None:
    """D-6: a flag narrows a run, and the counters say how many gaps are left over."""
    settings = settings_for(migrated_database)
    harness.write_world(migrated_database, drawn)
    gaps = oracle.gap(drawn).values()
    asked = [gap for gap in gaps if is_asked(gap)]
    assert 0 < len(asked) < len(gaps)
    counters = chain.reconcile_claims(settings, AS_OF, chosen, progress=harness.QUIET).claims.counters
    assert counters["claims_inserted"] == len(asked)
    assert counters["left_over"] == len(gaps) - len(asked)


def test_all_are_found_before_the_first_is_written(
    migrated_database: Server, settings_for: Callable[..., Settings], drawn: World
) -> None:
    """However empty the planner takes the table for: else each would go through all that were written before it."""
    settings = settings_for(migrated_database)
    harness.write_world(migrated_database, replace(drawn, claims=()))
    harness.build(settings, drawn)
    with closing(harness.connect(migrated_database)) as session, session.cursor() as cursor:
        session.autocommit = True
        cursor.execute("vacuum (analyze) canon.claims_yango_cabinet_14d")
        cursor.execute("begin")
        cursor.execute(reconcile._sql("find_missing", "candidate"), ALL.parameters(AS_OF))
        cursor.execute("explain (format json) " + queries.get("claims", "raise_missing"))
        plan = cursor.fetchone()[0][0]["Plan"]
    (insert,) = (node for node in nodes_of(plan) if node["Node Type"] == "ModifyTable")
    assert [node["Node Type"] for node in nodes_of(insert) if node["Node Type"] != "Subquery Scan"][1] == "Sort"


def nodes_of(plan: dict[str, Any]) -> list[dict[str, Any]]:
    """All nodes of a plan."""
    return [plan, *(node for below in plan.get("Plans", []) for node in nodes_of(below))]


def test_a_limit_takes_the_oldest_first(
    migrated_database: Server, settings_for: Callable[..., Settings], drawn: World
) -> None:
    """D-6: oldest lead first; each run goes on where the last one stopped."""
    settings = settings_for(migrated_database)
    harness.write_world(migrated_database, drawn)
    wanted = oracle.raise_claims(drawn).insert
    known = {row[:5] for row in rows(migrated_database, CLAIMS)}
    for turn in range(2):
        chain.reconcile_claims(settings, AS_OF, ClaimsFilter(limit=7), progress=harness.QUIET)
        new = {row[:5] for row in rows(migrated_database, CLAIMS)} - known
        expected = wanted[: 7 * (turn + 1)]
        assert new == {(c.person_key, c.driver_id, c.lead_source_pk, c.lead_date, c.milestone) for c in expected}


def test_a_hand_worked_lead(migrated_database: Server, settings_for: Callable[..., Settings]) -> None:
    """Lead of 1 December, 24 trips to the 14th, one on the 15th: M1 and M5, S/ 60; a rejected M1 stays rejected."""
    person, other = UUID(int=1), UUID(int=2)
    world = World(
        as_of=date(2025, 12, 20),
        leads=(Lead(1, "a", datetime(2025, 12, 1, 9)), Lead(2, "b", datetime(2025, 12, 1, 9))),
        trips=tuple(
            TripRow(driver, day, count)
            for driver in ("d1", "d2")
            for day, count in (("01-12-2025", 4), ("2025-12-14", 20), ("15-12-2025", 1))
        ),
        links=(
            Link(1, person, "module_ct_cabinet_leads", "a", datetime(2025, 12, 2, tzinfo=UTC)),
            Link(2, person, "drivers", "d1", datetime(2025, 12, 2, tzinfo=UTC)),
            Link(3, other, "module_ct_cabinet_leads", "b", datetime(2025, 12, 2, tzinfo=UTC)),
            Link(4, other, "drivers", "d2", datetime(2025, 12, 2, tzinfo=UTC)),
        ),
        persons=(Person(person), Person(other)),
        claims=(
            Claim(
                1,
                other,
                "d2",
                "b",
                date(2025, 12, 1),
                1,
                Decimal("25.00"),
                "rejected",
                datetime(2025, 12, 3, tzinfo=UTC),
            ),
        ),
    )
    settings = settings_for(migrated_database)
    harness.write_world(migrated_database, world)
    counters = chain.reconcile_claims(settings, world.as_of, ALL, progress=harness.QUIET).claims.counters
    assert (counters["claims_inserted"], counters["inserted_amount"]) == (3, "95.00")
    assert [(row[0], row[4], row[5], row[6]) for row in rows(migrated_database, CLAIMS)] == [
        (person, 1, Decimal("25.00"), "generated"),
        (person, 5, Decimal("35.00"), "generated"),
        (other, 1, Decimal("25.00"), "rejected"),
        (other, 5, Decimal("35.00"), "generated"),
    ]


def test_a_correction_leaves_the_claim_and_lists_it(
    migrated_database: Server, settings_for: Callable[..., Settings], drawn: World
) -> None:
    """D-21, F11: trips corrected away leave their claims as they are, listed as unsupported."""
    settings = settings_for(migrated_database)
    harness.write_world(migrated_database, replace(drawn, claims=()))
    chain.nightly(settings, AS_OF, progress=harness.QUIET)
    raised = rows(migrated_database, CLAIMS)
    with closing(harness.connect(migrated_database)) as session, session, session.cursor() as cursor:
        cursor.execute("delete from public.summary_daily")
    chain.nightly(settings, AS_OF, progress=harness.QUIET)
    assert rows(migrated_database, CLAIMS) == raised
    causes = rows(
        migrated_database, "select unsupported_cause, count(*) from ops.v_cabinet_claims_unsupported group by 1"
    )
    assert causes == [("TRIPS_BELOW_MILESTONE", len(raised))]
