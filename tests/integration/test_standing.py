"""A project that stands as it was built is not looked at again; whatever somebody touched is made anew."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from datetime import date
from typing import Any

import pytest

from runner import chain
from runner.database import Server
from runner.settings import Settings
from tests import harness
from tests.worlds import combine, sample, worlds

AS_OF = date(2026, 1, 14)
LIMBO = "ops.v_cabinet_leads_limbo"


def ask(where: Server, sql: str) -> list[tuple[Any, ...]]:
    """Rows of one statement, committed."""
    with closing(harness.connect(where)) as session, session, session.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall() if cursor.description else []


def views(where: Server) -> dict[str, tuple[Any, ...]]:
    """Each view of ours with the identity of its definition: another one if it was replaced."""
    rows = ask(where, """
        select format('%s.%s', n.nspname, c.relname), c.oid, r.xmin::text, pg_get_viewdef(c.oid)
        from pg_class as c
        inner join pg_namespace as n on n.oid = c.relnamespace
        inner join pg_rewrite as r on r.ev_class = c.oid
        where n.nspname like 'ops%' and c.relkind = 'v'""")
    return {name: tuple(rest) for name, *rest in rows}


def tables(where: Server) -> dict[str, int]:
    """The identity of each table of ours: another one if it was exchanged."""
    return dict(ask(where, """
        select format('%s.%s', n.nspname, c.relname), c.oid::bigint
        from pg_class as c inner join pg_namespace as n on n.oid = c.relnamespace
        where n.nspname like 'ops%' and c.relkind = 'r' and c.relname not like 'failures%'"""))


def test_a_second_build_touches_no_view_and_exchanges_no_table(
    migrated_database: Server, settings_for: Callable[..., Settings]
) -> None:
    """And says what the oracle says all the same, though every table got other rows."""
    settings = settings_for(migrated_database)
    first, second = (combine(sample(worlds(AS_OF), 40, seed)) for seed in (5, 6))
    harness.write_world(migrated_database, first)
    harness.build(settings, first)
    before = views(migrated_database), tables(migrated_database)
    harness.write_world(migrated_database, second)
    harness.build(settings, second)
    assert (views(migrated_database), tables(migrated_database)) == before
    assert not harness.differences(harness.read_all(migrated_database), harness.answers(second))


# Each takes two builds of every view; one in every test run, the others under `make soak`.
@pytest.mark.parametrize("act", [
    pytest.param(f"create or replace view {LIMBO} as select * from (select * from ops.v_standing_test) as other",
                 id="replaced"),
    pytest.param(f"drop view {LIMBO}", id="dropped", marks=pytest.mark.soak),
    pytest.param("drop table ops_intermediate.int_leads__resolved cascade", id="table dropped", marks=pytest.mark.soak),
    pytest.param("drop view ops_staging.stg_cabinet__leads cascade", id="staging dropped", marks=pytest.mark.soak),
])
def test_what_somebody_touched_is_made_anew(
    migrated_database: Server, settings_for: Callable[..., Settings], act: str
) -> None:
    """Every view has its definition again, and the relations say the same."""
    settings = settings_for(migrated_database)
    world = combine(sample(worlds(AS_OF), 20, 7))
    harness.write_world(migrated_database, world)
    harness.build(settings, world)
    meant = {name: definition for name, (*_, definition) in views(migrated_database).items()}
    if "v_standing_test" in act:
        ask(migrated_database, f"create table ops.v_standing_test as select * from {LIMBO} limit 0")
    ask(migrated_database, act)
    harness.build(settings, world)
    assert {name: definition for name, (*_, definition) in views(migrated_database).items()} == meant
    assert not harness.differences(harness.read_all(migrated_database), harness.answers(world))


def test_columns_in_another_order_are_not_filled_by_place(
    migrated_database: Server, settings_for: Callable[..., Settings]
) -> None:
    """A table that no view reads, left by a build of another version that died: its columns are made anew."""
    settings = settings_for(migrated_database)
    world = combine(sample(worlds(AS_OF), 20, 7))
    harness.write_world(migrated_database, world)
    harness.build(settings, world)
    columns = (
        "select attname from pg_attribute where attnum > 0 and not attisdropped"
        " and attrelid = 'ops_intermediate.int_identity__winners'::regclass order by attnum"
    )
    before = ask(migrated_database, columns)
    ask(migrated_database, """
        alter table ops_intermediate.int_identity__winners rename column score to held;
        alter table ops_intermediate.int_identity__winners rename column rule_score to score;
        alter table ops_intermediate.int_identity__winners rename column held to rule_score""")
    assert ask(migrated_database, columns) != before
    harness.build(settings, world)
    assert ask(migrated_database, columns) == before


@pytest.mark.soak  # the project is parsed anew for each language
def test_another_language_is_another_project(
    migrated_database: Server, settings_for: Callable[..., Settings]
) -> None:
    """A variable that views hold makes them anew, and back again."""
    texts = "select distinct limbo_reason_detail from ops.v_cabinet_leads_limbo order by 1"
    ask(migrated_database, "insert into public.module_ct_cabinet_leads (id, lead_created_at) values (1, '2026-01-02')")
    seen = []
    for language in ("es", "en", "es"):
        chain.build(settings_for(migrated_database, language=language), AS_OF, progress=harness.QUIET)
        seen.append(ask(migrated_database, texts))
    assert seen[0] == seen[2] != seen[1]


def test_a_build_after_a_table_was_made_anew_looks_at_everything(
    migrated_database: Server, settings_for: Callable[..., Settings]
) -> None:
    """Made anew outside of a published run a table knows no changes since the live one; after a publication it does."""
    settings = settings_for(migrated_database)
    first, second = (combine(sample(worlds(AS_OF), 20, seed)) for seed in (5, 6))
    harness.write_world(migrated_database, first)
    harness.build(settings, first)
    harness.build(settings, first, select="int_identity__leads int_identity__drivers", full_refresh=True)
    harness.write_world(migrated_database, second)
    harness.build(settings, second)
    harness.write_world(migrated_database, first)
    harness.build(settings, first)
    steps = "select counters ->> 'partial' from ops.run_steps where name = 'build' order by run_id"
    told = ask(migrated_database, steps)
    assert [partial for (partial,) in told] == ["false", "false", "false", "true"]
    assert not harness.differences(harness.read_all(migrated_database), harness.answers(first))


def test_what_a_test_kept_goes_when_it_passes(
    migrated_database: Server, settings_for: Callable[..., Settings]
) -> None:
    """The rows of an old failure would be taken for those of last night."""
    settings = settings_for(migrated_database)
    first, second = (combine(sample(worlds(AS_OF), 20, seed)) for seed in (8, 9))
    harness.write_world(migrated_database, first)
    harness.build(settings, first)
    kept = "ops_intermediate.failures__h1_no_trips_without_driver"
    ask(migrated_database, f"create table {kept} as select 1 as lead_id")
    harness.write_world(migrated_database, second)
    harness.build(settings, second)
    assert ask(migrated_database, f"select to_regclass('{kept}')") == [(None,)]
