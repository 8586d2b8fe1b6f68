"""The web's database session: it reads ops, and neither writes nor sees what is behind it."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import psycopg2
import pytest
from psycopg2 import errors

from runner import migrate
from runner.database import Server
from runner.settings import Settings
from runner.web.pool import ROLE, Pool
from tests import harness
from tests.conftest import administrate, settings_at

BEHIND = (
    "public.drivers",
    "public.module_ct_cabinet_leads",
    "public.summary_daily",
    "canon.identity_registry",
    "canon.claims_yango_cabinet_14d",
    "ops_intermediate.int_states__leads",
    "ops_intermediate.catalogue",
    "ops_staging.stg_cabinet__leads",
)


@contextmanager
def session_of(settings: Settings) -> Iterator[Any]:
    """A session as requests have it."""
    pool = Pool(settings)
    connection = pool.take()
    try:
        yield connection
    finally:
        pool.give(connection)
        pool.close()


@pytest.fixture
def session(web_settings: Settings) -> Iterator[Any]:
    """One on the sample."""
    with session_of(web_settings) as connection:
        yield connection


def run(session: Any, *statements: str) -> list[tuple[Any, ...]]:
    """Statements in a transaction of their own; the last one's rows."""
    try:
        with session.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []
    finally:
        session.rollback()


def test_every_relation_of_ops_can_be_read(session: Any) -> None:
    assert run(session, "select current_user") == [(ROLE,)]
    names = run(
        session,
        "select c.relname from pg_class as c where c.relnamespace = 'ops'::regnamespace"
        " and c.relkind in ('r', 'v') order by 1",
    )
    assert len(names) > 30
    for (name,) in names:
        run(session, f"select * from ops.{name} limit 1")


@pytest.mark.parametrize("relation", BEHIND)
def test_what_is_behind_can_not_be_read(session: Any, relation: str) -> None:
    with pytest.raises(errors.InsufficientPrivilege):
        run(session, f"select 1 from {relation} limit 1")


@pytest.mark.parametrize(
    "statement",
    [
        "update ops.runs set error = 'x'",
        "delete from ops.alert_mutes",
        "insert into ops.alert_mutes (rule) values ('A1')",
        "create table ops.x (a integer)",
        "create view ops.x as select 1 as one",
        "truncate ops.runs",
        "drop view ops.v_cabinet_alerts",
        "select ops.publish_run(1)",
        "select ops.let_web_read()",
        "create table public.x (a integer)",
        "create role x",
        "copy ops.runs to program 'true'",
        "copy ops.runs from '/dev/null'",
        "select pg_read_file('postgresql.conf')",
        "grant select on ops.runs to public",
    ],
)
def test_nothing_can_be_written(session: Any, statement: str) -> None:
    with pytest.raises((errors.ReadOnlySqlTransaction, errors.InsufficientPrivilege)):
        run(session, statement)


@pytest.mark.parametrize("statement", ["update ops.runs set error = 'x'", "delete from canon.claims_yango_cabinet_14d"])
def test_the_role_writes_nothing_even_in_a_writing_transaction(session: Any, statement: str) -> None:
    """Read-only is a setting that a session may change; the role's rights are not."""
    with pytest.raises(errors.InsufficientPrivilege):
        run(session, "set transaction read write", statement)


def test_a_statement_may_not_last(web_settings: Settings) -> None:
    with session_of(harness.settings_with(web_settings, web_statement_timeout="50ms")) as connection:
        with pytest.raises(errors.QueryCanceled):
            run(connection, "select pg_sleep(30)")
        assert run(
            connection, "select current_setting('lock_timeout'), current_setting('idle_in_transaction_session_timeout')"
        ) == [("5s", "1min")]


def test_relations_of_later_builds_are_readable_and_a_grant_lost_comes_back(
    migrated_database: Server, settings_for: Callable[..., Settings]
) -> None:
    """dbt may drop and make a view anew; and `migrate` gives the grants again when somebody took them."""
    settings = settings_for(migrated_database)
    with closing(harness.connect(migrated_database)) as owner, session_of(settings) as session:
        run_as_owner(owner, "create view ops.v_made_later as select 1 as one")
        assert run(session, "select * from ops.v_made_later") == [(1,)]
        run_as_owner(
            owner, f"revoke select on all tables in schema ops from {ROLE}", f"revoke usage on schema ops from {ROLE}"
        )
        with pytest.raises(errors.InsufficientPrivilege):
            run(session, "select * from ops.runs")
        assert migrate.upgrade(migrated_database, settings).web is None
        run(session, "select * from ops.runs")


def run_as_owner(owner: Any, *statements: str) -> None:
    """As the one who migrates and builds."""
    with owner, owner.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


@contextmanager
def a_user(settings: Settings, *grants: str) -> Iterator[str]:
    """A login of the server for one test."""
    name = f"u_{uuid.uuid4().hex[:8]}"
    administrate(settings, f"create role {name} login")
    try:
        for grant in grants:
            administrate(settings, grant.format(name=name))
        yield name
    finally:
        administrate(settings, f"drop role {name}")


def test_a_login_of_its_own_has_no_way_out(sample_database: Server, settings: Settings, web_settings: Settings) -> None:
    """Where web_database_url is given the session can't go back to a stronger role, whatever it is made to say."""
    with a_user(settings, f"grant {ROLE} to {{name}}") as name:
        where = f"postgresql://{name}@/{sample_database.dbname}?host={sample_database.host}&port={sample_database.port}"
        if not sample_database.host.startswith("/"):
            pytest.skip("the embedded server listens on TCP here, with a password")
        with session_of(harness.settings_with(web_settings, web_database_url=where)) as session:
            assert run(session, "select session_user") == [(name,)]
            assert run(session, "select count(*) > 0 from ops.v_cabinet_leads_limbo") == [(True,)]
            for way_out in (
                "reset role",
                "reset session authorization",
                "set role none",
                "set role postgres",
                "set session authorization postgres",
            ):
                for statement in ("update ops.runs set error = 'x'", "select * from public.drivers"):
                    with pytest.raises(errors.InsufficientPrivilege):
                        run(session, "set transaction read write", way_out, statement)


def test_who_may_not_make_roles_is_told(
    settings: Settings, fresh_database: Server, settings_for: Callable[..., Settings]
) -> None:
    """The migration goes on, and the web reads with the owner's rights, read-only."""
    with a_user(settings, f"grant create on database {fresh_database.dbname} to {{name}}") as name:
        theirs = Server(fresh_database.host, fresh_database.port, fresh_database.dbname, name, "")
        owner = settings_for(theirs)
        with closing(psycopg2.connect(**fresh_database.conninfo())) as session:
            run_as_owner(
                session, f"grant all on schema public to {name}", "create extension if not exists fuzzystrmatch"
            )
        result = migrate.upgrade(theirs, owner)
        assert result.web in ("This user may not become the role cabinet14d_web.", None)
        with (
            session_of(owner) as connection,
            pytest.raises((errors.ReadOnlySqlTransaction, errors.InsufficientPrivilege)),
        ):
            run(connection, "update ops.runs set error = 'x'")
        with closing(psycopg2.connect(**fresh_database.conninfo())) as session:
            run_as_owner(session, f"drop owned by {name} cascade")


def test_what_ends_a_connection_ends_no_more(client: Any, settings: Settings, sample_database: Server) -> None:
    """The server restarts, or somebody ends our sessions: the next request has a new one."""
    address = "/api/v1/ops/payments/cabinet-financial-14d/funnel-gap"
    assert client.get(address).status_code == 200
    with closing(harness.connect(settings_at(sample_database, settings.home) and sample_database)) as session:
        run(
            session,
            "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'cabinet14d web'"
            " and datname = current_database()",
        )
    assert client.get(address).status_code == 200
