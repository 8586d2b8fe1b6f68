"""Nights: whatever arrives in whatever order, building night after night gives what one build of the last state gives.

Leads, trips, corrections however old, links and claims change between nights; the as-of date mostly moves forward.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from datetime import date

import pytest

from runner.database import Server
from runner.settings import Settings
from tests import harness
from tests.conftest import new_database
from tests.worlds import as_of_runs, combine, nights, sample

FIRST = date(2026, 1, 14)
BATCH = 50


def play(
    where: Server, settings: Settings, seed: int, count: int
) -> tuple[list[dict[str, harness.Rows]], list[list[str]]]:
    """Build a batch of sequences night by night; each night's relations, and its differences from the oracle."""
    as_ofs = night_dates(seed)
    sequences = sample(nights(as_ofs), count, seed)
    seen, wrong = [], []
    for night in range(len(as_ofs)):
        world = combine([sequence[night] for sequence in sequences])
        harness.write_world(where, world)
        harness.build(settings, world)
        seen.append(harness.read_all(where))
        wrong.append(harness.differences(seen[-1], harness.answers(world)))
    return seen, wrong


def night_dates(seed: int) -> list[date]:
    """The as-of dates that all sequences of a batch share."""
    return sample(as_of_runs(FIRST), 12, seed)[-1]


def check(
    where: Server, settings: Settings, template: str, settings_for: Callable[..., Settings], seed: int, count: int
) -> None:
    """Nights equal the oracle, a full refresh of the same database, and a build from nothing of the last state."""
    seen, wrong = play(where, settings, seed, count)
    assert not any(wrong), [line for night in wrong for line in night][:20]
    assert harness.partial_builds(where) == [False] + [True] * (len(seen) - 1)
    last = combine([sequence[-1] for sequence in sample(nights(night_dates(seed)), count, seed)])
    harness.build(settings, last, full_refresh=True)
    assert harness.read_all(where) == seen[-1]
    assert written_by_last_run(where) == {}
    with new_database(settings, template) as other:
        again = settings_for(other, home=settings.home)
        harness.write_world(other, last)
        harness.build(again, last)
        assert harness.read_all(other) == seen[-1]
        assert contents(other) == contents(where)


def written_by_last_run(where: Server) -> dict[str, int]:
    """Rows of state tables that the last run wrote or ended, by table."""
    found = {}
    with closing(harness.connect(where)) as session, session, session.cursor() as cursor:
        cursor.execute("select max(run_id) from ops.runs")
        (run_id,) = cursor.fetchone()
        cursor.execute("select schema_name, relation_name from ops.versioned_relations order by 1, 2")
        for schema, relation in cursor.fetchall():
            cursor.execute(
                f"select count(*) from {schema}.{relation} where valid_from_run = %(run)s or valid_to_run = %(run)s",
                {"run": run_id},
            )
            (rows,) = cursor.fetchone()
            if rows:
                found[relation] = rows
    return found


def contents(where: Server) -> dict[str, list[tuple[object, ...]]]:
    """The rows behind the relations, without the numbers of the runs that wrote them and without days that are gone."""
    queries = {
        "leads": "select * from ops.v_cabinet_leads_limbo order by lead_id",
        "exclusions": "select source, source_key, reason, lead_id, driver_id, event_date, raw_value, source_rows, trips"
        " from ops.v_cabinet_exclusions order by 1, 2, 3, 4, 5, 7",
        "driver days": "select driver_id, trip_date, trips, work_seconds, source_rows, counted_rows, loads"
        " from ops_intermediate.int_trips__driver_days where source_rows > 0 order by 1, 2",
        "rejected": "select date_text, driver_id, reject_reason, trips, loaded_at, source_rows"
        " from ops_intermediate.int_trips__rejected where source_rows > 0 order by 1, 2, 3, 4, 5",
    }
    with closing(harness.connect(where)) as session, session, session.cursor() as cursor:
        found = {}
        for name, sql in queries.items():
            cursor.execute(sql)
            found[name] = cursor.fetchall()
        return found


def test_nights_equal_a_full_refresh(
    migrated_database: Server, migrated_template: str, settings_for: Callable[..., Settings]
) -> None:
    """40 sequences of nights, row by row."""
    check(migrated_database, settings_for(migrated_database), migrated_template, settings_for, 1, 40)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(200, 210))
def test_five_hundred_sequences_of_nights(
    migrated_database: Server, migrated_template: str, settings_for: Callable[..., Settings], seed: int
) -> None:
    """500 sequences in ten batches, each with its own as-of dates."""
    check(migrated_database, settings_for(migrated_database), migrated_template, settings_for, seed, BATCH)


def test_past_nights_can_be_asked(migrated_database: Server, settings_for: Callable[..., Settings]) -> None:
    """What every lead was on each past night is still there, exactly as it was read on that night."""
    settings = settings_for(migrated_database)
    seen, _ = play(migrated_database, settings, 3, 20)
    with closing(harness.connect(migrated_database)) as session, session, session.cursor() as cursor:
        cursor.execute("select run_id from ops.runs where published_at is not null order by run_id")
        runs = [run_id for (run_id,) in cursor.fetchall()]
        assert len(runs) == len(seen)
        for run_id, night in zip(runs, seen, strict=True):
            cursor.execute(
                "select lead_id, limbo_stage, trips_14d, claims_missing from ops_intermediate.int_states__leads"
                " where valid_from_run <= %s and valid_to_run > %s",
                (run_id, run_id),
            )
            then = {lead_id: tuple(rest) for lead_id, *rest in cursor.fetchall()}
            assert then == {
                lead_id: (row["limbo_stage"], row["trips_14d"], row["claims_missing"])
                for lead_id, row in night["v_cabinet_leads_limbo"].items()
            }
            check_history(cursor, run_id, then)


def check_history(cursor: object, run_id: int, then: dict[int, tuple[object, ...]]) -> None:
    """The stage history tells the same stages for that run."""
    cursor.execute(
        "select lead_id, limbo_stage from ops.v_cabinet_stage_history"  # type: ignore[attr-defined]
        " where from_run <= %s and (to_run is null or to_run > %s)",
        (run_id, run_id),
    )
    assert dict(cursor.fetchall()) == {lead_id: row[0] for lead_id, row in then.items()}  # type: ignore[attr-defined]
