"""The printed roles at work: migrate as owner, load and night as runner, and what each role can't do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date
from typing import Any

import psycopg2
import pytest
from click.testing import CliRunner
from psycopg2 import errors

from runner import chain, migrate, roles
from runner.cli import cli
from runner.database import Server
from runner.errors import BadInput
from runner.settings import Settings
from tests import harness
from tests.conftest import administrate, new_database
from tests.worlds import combine, sample, worlds

AS_OF = date(2026, 1, 14)
LOGINS = {"t_jefe": "owner", "t_noche": "runner", "t_analista": "reader", "t_pagina": "web"}


def run(where: Server, *statements: str) -> list[tuple[Any, ...]]:
    """Statements in one transaction; rows of the last."""
    with closing(psycopg2.connect(**where.conninfo())) as session, session, session.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
        return list(cursor.fetchall()) if cursor.description else []


@pytest.fixture(scope="module")
def database(settings: Settings) -> Iterator[Server]:
    """An empty database to which an administrator applied what is printed, twice, since it may be repeated."""
    if not settings.text("db_host").startswith("/"):
        pytest.skip("the embedded server listens on TCP here, with a password")
    with new_database(settings, "template0") as where:
        printed = roles.sql(LOGINS)
        run(where, printed)
        run(where, printed)
        yield where
    for login in LOGINS:
        administrate(settings, f"drop role {login}")
    for role in ("owner", "runner", "reader"):
        administrate(settings, f"drop role cabinet14d_{role}")


@pytest.fixture(scope="module")
def built(database: Server, settings: Settings) -> Server:
    """Migrated by the owner, and one night under a login that is only runner."""
    from tests.conftest import settings_at

    owner, runner = (replace(database, user=login, password="") for login in ("t_jefe", "t_noche"))
    migrate.upgrade(owner, settings_at(owner, settings.home))
    world = combine(sample(worlds(AS_OF), 20, 3))
    harness.write_world(database, world)
    ours = settings_at(runner, settings.home)
    for _ in range(2):
        outcome = chain.nightly(ours, AS_OF, progress=harness.QUIET)
    assert outcome.run.exit_code in (0, 1)
    return database


def as_login(where: Server, login: str) -> Server:
    return replace(where, user=login, password="")


def test_the_night_ran_under_the_runner(built: Server) -> None:
    """What dbt made belongs to the role, not to the login; what migrate made to the owner; nothing to anybody else."""
    owners = dict(run(built, """
        select n.nspname, string_agg(distinct pg_get_userbyid(c.relowner), ',')
        from pg_class as c inner join pg_namespace as n on n.oid = c.relnamespace
        where n.nspname in ('canon', 'ops', 'ops_staging', 'ops_intermediate') and c.relkind in ('r', 'v', 'S')
        group by 1"""))
    assert owners == {"canon": "cabinet14d_owner", "ops": "cabinet14d_owner,cabinet14d_runner",
                      "ops_staging": "cabinet14d_runner", "ops_intermediate": "cabinet14d_runner"}
    assert run(built, "select count(*) from ops.runs where command = 'nightly' and started_by = 't_noche'") == [(2,)]


@pytest.mark.parametrize("statement", [
    "drop table canon.claim_events", "truncate canon.identity_links", "alter table canon.identity_registry add x text",
    "create table canon.x (a integer)", "drop table ops.runs", "truncate ops.runs", "create table public.x (a integer)",
    "delete from public.drivers", "truncate public.summary_daily", "drop table public.drivers", "create role x",
    "create schema x", "drop function ops.publish_run(bigint)", "delete from canon.claims_yango_cabinet_14d",
])
def test_the_runner_can_not_harm_what_is_kept(built: Server, statement: str) -> None:
    with pytest.raises((errors.InsufficientPrivilege, errors.CheckViolation)):
        run(as_login(built, "t_noche"), statement, "select 1")
    if statement.startswith("delete from canon"):
        assert run(built, "select count(*) > 0 from canon.claims_yango_cabinet_14d") == [(True,)]


BEHIND = ("public.drivers", "public.summary_daily", "canon.identity_registry", "canon.claims_yango_cabinet_14d",
          "ops_intermediate.int_states__leads", "ops_staging.stg_cabinet__leads")
WRITING = ("update ops.runs set error = 'x'", "insert into ops.alert_mutes (rule) values ('A1')", "create schema x",
           "create table ops.x (a integer)", "create table public.x (a integer)", "set role cabinet14d_runner",
           "select ops.publish_run(1)", "drop view ops.v_cabinet_alerts")


@pytest.mark.parametrize("login", ["t_analista", "t_pagina"])
def test_readers_read_ops_and_nothing_else(built: Server, login: str) -> None:
    theirs = as_login(built, login)
    names = [name for (name,) in run(built, "select relname from pg_class where relnamespace = 'ops'::regnamespace"
                                            " and relkind in ('r', 'v')")]
    run(theirs, *(f"select * from ops.{name} limit 1" for name in names))
    assert len(names) > 30
    for relation in BEHIND:
        with pytest.raises(errors.InsufficientPrivilege):
            run(theirs, f"select * from {relation} limit 1")
    for statement in WRITING:
        with pytest.raises(errors.InsufficientPrivilege):
            run(theirs, statement)


def test_a_database_built_before_is_taken_over(
    migrated_database: Server, database: Server, settings_for: Callable[..., Settings]
) -> None:
    """Built by a superuser, then the roles: the runner's next build replaces what it must, and the owner migrates."""
    printed = roles.sql({"t_noche": "runner", "t_jefe": "owner"})
    run(migrated_database, printed)
    owner, runner = (as_login(migrated_database, login) for login in ("t_jefe", "t_noche"))
    assert migrate.upgrade(owner, settings_for(owner)).web is None
    run(migrated_database, "drop view ops.v_cabinet_alerts cascade")
    chain.build(settings_for(runner), AS_OF, progress=harness.QUIET)
    assert run(as_login(migrated_database, "t_noche"), "select count(*) from ops.v_cabinet_leads_limbo") == [(0,)]
    run(migrated_database, "drop owned by cabinet14d_reader, cabinet14d_web cascade",
        "reassign owned by cabinet14d_runner, cabinet14d_owner to postgres",
        "drop owned by cabinet14d_runner, cabinet14d_owner cascade")


def test_names_that_are_none_are_refused() -> None:
    for word in ("noche", "noche=jefe", "Noche=runner", "a b=runner", "x;drop=runner", "cabinet14d_web=web", "=owner"):
        with pytest.raises(BadInput, match="names no login"):
            roles.parse((word,))
    done = CliRunner().invoke(cli, ["roles", "--sql", "--login", "noche=runner"])
    assert done.exit_code == 0 and "alter role noche set role = 'cabinet14d_runner'" in done.output
    assert "password '" not in done.output
