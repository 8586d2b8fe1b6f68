"""What changes while a build is at work: nothing is lost, nothing is mixed, and no night is lost over it.

The change is made when dbt announces a node, which is a moment between two models.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import psycopg2
import pytest

from runner import chain, database, migrate, runlog
from runner.database import Server
from runner.errors import CabinetError
from runner.progress import Progress
from runner.reconcile import ClaimsFilter
from runner.settings import Settings
from tests import harness
from tests.oracle import Claim, Lead, Link, Person, TripRow, World
from tests.worlds import combine, nights, sample

AS_OF = date(2025, 12, 20)
ANA, EVA = UUID(int=1), UUID(int=2)
LINKED = datetime(2025, 12, 2, tzinfo=UTC)


def one_lead(*counts: int) -> World:
    """One lead of 1 December, linked to driver d1, who has these trips on its first days."""
    return World(
        as_of=AS_OF,
        leads=(Lead(1, "a", datetime(2025, 12, 1, 9)),),
        trips=tuple(TripRow("d1", f"{day:02d}-12-2025", count) for day, count in enumerate(counts, 1)),
        links=(
            Link(1, ANA, "module_ct_cabinet_leads", "a", LINKED),
            Link(2, ANA, "drivers", "d1", LINKED),
        ),
        persons=(Person(ANA), Person(EVA)),
    )


class Meanwhile(Progress):
    """Runs statements once, when dbt announces the node that is named."""

    def __init__(self, where: Server, node: str, *statements: str) -> None:
        super().__init__(9, quiet=True)
        self.where, self.name_of_node, self.statements = where, node, list(statements)

    def node(self, description: str, index: int, total: int) -> None:
        """A node begins."""
        if description.endswith(self.name_of_node) and self.statements:
            statements, self.statements = self.statements, []
            run(self.where, *statements)


def run(where: Server, *statements: str) -> None:
    """Statements of somebody else, in one transaction."""
    with closing(harness.connect(where)) as session, session, session.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def check(where: Server, world: World) -> None:
    """The relations say what the rules say of this world."""
    assert harness.differences(harness.read_all(where), harness.answers(world)) == []


def test_an_edit_that_is_taken_back_is_seen(migrated_database: Server, settings_for: Callable[..., Settings]) -> None:
    """Trips go from 2 to 25 between the scan and the reading, and back to 2 before the next build."""
    settings, world = settings_for(migrated_database), one_lead(2)
    harness.write_world(migrated_database, one_lead(1))
    harness.build(settings, world)
    harness.write_world(migrated_database, world)
    edit = "update public.summary_daily set count_orders_completed = {}"
    between = Meanwhile(migrated_database, "int_trips__driver_days", edit.format(25))
    chain.build(settings, AS_OF, progress=between)
    check(migrated_database, one_lead(25))
    run(migrated_database, edit.format(2))
    harness.build(settings, world)
    check(migrated_database, world)


MEANWHILE = {
    "trips": ("int_trips__driver_days", "insert into public.summary_daily values ('d1', '02-12-2025', 9)"),
    "lead": (
        "int_states__leads",
        "insert into public.module_ct_cabinet_leads (id, lead_created_at) values (7, '2025-12-05')",
    ),
    "driver link": ("int_windows__trips", f"update canon.identity_links set person_key = '{EVA}' where id = 2"),
    "rejects": (
        "int_trips__rejected",
        "insert into public.summary_daily values ('d1', '01-12-2025', -9), ('d1', 'x', 1)",
    ),
    "undated lead": ("int_states__leads", "insert into public.module_ct_cabinet_leads (id) values (8)"),
    "lead gone": ("int_states__leads", "delete from public.module_ct_cabinet_leads"),
    "lead link": ("int_states__leads", f"update canon.identity_links set person_key = '{EVA}' where id = 1"),
}


# Each takes four builds; two kinds in every test run, the others under `make soak`.
@pytest.mark.parametrize(
    ("node", "statement"),
    [
        pytest.param(*its, id=name, marks=[pytest.mark.soak] * (place > 1))
        for place, (name, its) in enumerate(MEANWHILE.items())
    ],
)
def test_what_comes_in_the_middle_is_the_next_builds(
    migrated_database: Server, settings_for: Callable[..., Settings], node: str, statement: str
) -> None:
    """The night ends well and tells one story; the next one tells the new story."""
    settings, world = settings_for(migrated_database), one_lead(3)
    harness.write_world(migrated_database, world)
    chain.nightly(settings, AS_OF, progress=Meanwhile(migrated_database, node, statement))
    limbo = harness.read_relation(migrated_database, "v_cabinet_leads_limbo", ("lead_id",))
    expected = harness.read_relation(migrated_database, "v_cabinet_claims_expected_14d", ("lead_id", "milestone"))
    told = {(lead, row["person_key"], row["driver_id"], row["trips_14d"]) for lead, row in limbo.items()}
    assert told == {(g[0], r["person_key"], r["driver_id"], r["trips_in_window"]) for g, r in expected.items()}
    chain.nightly(settings, AS_OF, progress=harness.QUIET)
    in_place = harness.read_all(migrated_database)
    chain.build(settings, AS_OF, full_refresh=True, progress=harness.QUIET)
    assert harness.read_all(migrated_database) == in_place


def test_a_load_does_not_close_a_run_that_builds(
    migrated_database: Server, settings_for: Callable[..., Settings]
) -> None:
    """A plain dbt build holds no lock of ours: only who holds the run lock may supersede it, and not in mid-model."""
    settings = settings_for(migrated_database, lock_timeout="200ms")
    with closing(harness.connect(migrated_database)) as builder, builder.cursor() as cursor:
        cursor.execute("select ops.open_dbt_run('somebody', %s)", (AS_OF,))
        builder.commit()
        cursor.execute("select ops.join_build('somebody')")  # a model is at work
        session = database.connect(migrated_database, "test", settings)
        runlog.close_dead_runs(session, exclusive=False)
        assert statuses(migrated_database) == ["RUNNING"]
        with pytest.raises(CabinetError, match="Another session holds"):
            runlog.close_dead_runs(session, exclusive=True)
        builder.commit()  # the model ended
        runlog.close_dead_runs(session, exclusive=True)
        assert statuses(migrated_database) == ["ABANDONED"]
        with pytest.raises(psycopg2.errors.RaiseException, match="another build took over"):
            cursor.execute("select ops.join_build('somebody')")
        session.close()


def statuses(where: Server) -> list[str]:
    """Of all runs, in order."""
    with closing(harness.connect(where)) as session, session, session.cursor() as cursor:
        cursor.execute("select status from ops.runs order by run_id")
        return [status for (status,) in cursor.fetchall()]


def test_a_run_that_lost_its_lock_publishes_nothing(
    migrated_database: Server, settings_for: Callable[..., Settings]
) -> None:
    """Its session is ended in mid-build: the night fails, and readers keep what they had."""
    settings, world = settings_for(migrated_database), one_lead(3)
    harness.write_world(migrated_database, world)
    end = "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'cabinet14d build'"
    with pytest.raises(CabinetError, match="went away"):
        chain.build(settings, AS_OF, progress=Meanwhile(migrated_database, "int_states__leads", end))
    assert harness.read_all(migrated_database)["v_cabinet_leads_limbo"] == {}
    harness.build(settings, world)
    check(migrated_database, world)


PARTS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("days alone", {"select": "int_trips__days"}),
    ("days refreshed", {"select": "int_trips__days", "full_refresh": True}),
    ("driver days refreshed", {"select": "int_trips__driver_days", "full_refresh": True}),
    ("windows refreshed", {"select": "int_windows__trips", "full_refresh": True}),
    ("states alone", {"select": "int_states__leads"}),
)


# Each takes four builds; one kind in every test run, the others under `make soak`.
@pytest.mark.parametrize(
    "options",
    [pytest.param(its, id=name, marks=[pytest.mark.soak] * (place > 0)) for place, (name, its) in enumerate(PARTS)],
)
def test_a_part_built_by_itself_does_no_harm(
    migrated_database: Server, settings_for: Callable[..., Settings], options: dict[str, Any]
) -> None:
    """Between two nights somebody builds a part of the project, by itself; the next night is right."""
    settings = settings_for(migrated_database)
    first, second = (combine([night[n] for night in sample(nights([AS_OF, AS_OF]), 30, 9)]) for n in (0, 1))
    harness.write_world(migrated_database, first)
    harness.build(settings, first)
    harness.write_world(migrated_database, replace(second, trips=second.trips[::2]))
    outcome = chain.build(settings, AS_OF, progress=harness.QUIET, **options)
    assert outcome.figures["published"] is False
    harness.build(settings, replace(second, trips=second.trips[::2]))
    check(migrated_database, replace(second, trips=second.trips[::2]))


def test_a_downgrade_and_an_upgrade_forget_run_numbers_whole(
    migrated_database: Server, settings_for: Callable[..., Settings]
) -> None:
    """Run numbers begin again at 1: nothing may remember higher ones."""
    settings = settings_for(migrated_database)
    harness.write_world(migrated_database, one_lead(1))
    for _ in range(3):
        harness.build(settings, one_lead(1))
    migrate.downgrade(migrated_database, settings, steps=2)
    migrate.upgrade(migrated_database, settings)
    harness.build(settings, one_lead(1))
    harness.write_world(migrated_database, one_lead(1, 30))
    harness.build(settings, one_lead(1, 30))
    check(migrated_database, one_lead(1, 30))


def test_one_bad_adopted_row_does_not_stop_the_others(
    migrated_database: Server, settings_for: Callable[..., Settings]
) -> None:
    """An unregistered person, a repeated claim, an `expected` row without lead key: each waits alone."""
    settings, world = settings_for(migrated_database), one_lead(30)
    lost = UUID(int=99)
    world = replace(
        world,
        leads=(*world.leads, Lead(2, "b", datetime(2025, 12, 1, 9)), Lead(3, "c", datetime(2025, 12, 1, 9))),
        trips=tuple(replace(row, driver_id=driver) for row in world.trips for driver in ("d1", "d2", "d3")),
        links=(
            *world.links,
            *(Link(n, key, "module_ct_cabinet_leads", pk, LINKED) for n, key, pk in ((3, lost, "b"), (5, EVA, "c"))),
            *(Link(n, key, "drivers", driver, LINKED) for n, key, driver in ((4, lost, "d2"), (6, EVA, "d3"))),
        ),
        claims=tuple(
            Claim(n, EVA, "d3", key, date(2025, 12, 1), 1, Decimal("25.00"), status)
            for n, key, status in ((1, " ", "expected"), (2, "c", "expected"))
        ),
    )
    run(
        migrated_database,
        "drop index canon.claims_once_per_milestone",
        "alter table canon.claims_yango_cabinet_14d drop constraint if exists claims_lead_source_pk_present",
    )
    harness.write_world(migrated_database, world)
    counters = chain.reconcile_claims(settings, AS_OF, ClaimsFilter(), progress=harness.QUIET).claims.counters
    assert (counters["claims_inserted"], counters["invalid_conditions"]) == (5, 3)
    found = harness.read_relation(migrated_database, "v_cabinet_claims_unsupported", ("claim_id",))
    assert {claim: row["unsupported_cause"] for claim, row in found.items()} == {2: "DUPLICATE_CLAIM"}
