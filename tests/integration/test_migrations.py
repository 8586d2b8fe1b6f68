"""Migrations: one schema by every road, the original's database adopted without loss, claims kept lawful."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import replace
from typing import Any

import psycopg2
import pytest

from runner import migrate, settings
from runner.database import Server, connect
from runner.errors import BadConfiguration, LockHeld

SETTINGS = settings.load()
REVISIONS = [
    "0001_raw",
    "0002_canon",
    "0003_run_log",
    "0004_load_rejects",
    "0005_identity",
    "0006_watch",
    "0007_collection",
    "0008_standing",
    "0009_web",
    "0010_changes",
    "0011_claims",
    "0012_claims_indexes",
]
CLAIMS = "canon.claims_yango_cabinet_14d"
KEY = "person_key, lead_source_pk, lead_date, milestone"
STATUSES = ["expected", "generated", "paid", "rejected", "expired"]
BY_JOB = {("expected", "generated"), ("generated", "paid")}
BY_PERSON = {
    ("generated", "rejected"),
    ("generated", "expired"),
    ("paid", "generated"),
    ("rejected", "generated"),
    ("expired", "generated"),
}
P1, P2, P3 = (f"00000000-0000-0000-0000-00000000000{digit}" for digit in (1, 2, 3))

# Everything that makes a schema, a line each: column, constraint, index, trigger, function, view, enum.
CATALOG = """
with ours as (select oid, nspname from pg_namespace where nspname in ('public', 'canon', 'ops')),
relations as (select c.*, o.nspname from pg_class as c inner join ours as o on o.oid = c.relnamespace)

select format('column %s.%s %s %s %s %s %s%s', r.nspname, r.relname, a.attnum, a.attname,
    format_type(a.atttypid, a.atttypmod), case when a.attnotnull then 'not null' end,
    pg_get_expr(d.adbin, d.adrelid), a.attidentity)
from relations as r
inner join pg_attribute as a on a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped
left join pg_attrdef as d on d.adrelid = r.oid and d.adnum = a.attnum
where r.relkind in ('r', 'v', 'm', 'p')
union all
select format('constraint %s.%s %s %s %s', r.nspname, r.relname, c.conname, pg_get_constraintdef(c.oid),
    c.convalidated)
from pg_constraint as c inner join relations as r on r.oid = c.conrelid
union all
select format('index %s', pg_get_indexdef(i.indexrelid))
from pg_index as i inner join relations as r on r.oid = i.indrelid
union all
select format('trigger %s %s', pg_get_triggerdef(t.oid), t.tgenabled)
from pg_trigger as t inner join relations as r on r.oid = t.tgrelid where not t.tgisinternal
union all
select format('function %s', pg_get_functiondef(p.oid))
from pg_proc as p inner join ours as o on o.oid = p.pronamespace
union all
select format('view %s.%s %s', r.nspname, r.relname, pg_get_viewdef(r.oid))
from relations as r where r.relkind = 'v'
union all
select format('enum %s %s', e.enumtypid::regtype, string_agg(e.enumlabel, ' ' order by e.enumsortorder))
from pg_enum as e group by e.enumtypid
union all
select format('comment %s.%s %s %s', r.nspname, r.relname, d.objsubid, d.description)
from pg_description as d inner join relations as r on r.oid = d.objoid and d.classoid = 'pg_class'::regclass
order by 1
"""

# The original's database as domain sections 2 and 3 have it: its own types, names and revision table,
# more columns in the raw tables than ours, none of our indexes.
RAW = """
create table public.alembic_version (version_num varchar(32) primary key);
insert into public.alembic_version values ('018_the_original');
create table public.module_ct_cabinet_leads (
    id serial primary key, external_id varchar unique, lead_created_at timestamp, first_name varchar,
    middle_name varchar, last_name varchar, park_phone varchar, asset_plate_number varchar,
    created_at timestamp default now(), a_column_of_theirs text
);
create table public.summary_daily (
    driver_id varchar, date_file varchar, count_orders_completed integer,
    sum_work_time_seconds double precision, created_at timestamp
);
create table public.drivers (
    id bigint not null, driver_id varchar not null, park_id varchar, first_name varchar, middle_name varchar,
    last_name varchar, full_name varchar, phone varchar, hire_date date, fire_date date, car_number varchar,
    license_number varchar, balance numeric
);
create table public.module_ct_cabinet_payments (
    id integer not null, date date, time time, scout_id integer, driver varchar, trip_1 boolean,
    trip_5 boolean, trip_25 boolean, driver_id varchar, person_key uuid, created_at timestamp
);
insert into public.module_ct_cabinet_leads (external_id, lead_created_at)
values ('', null), ('200', '2026-01-01');
insert into public.summary_daily values ('d1', '31-02-2025', -1, 0, null), ('d1', '31-02-2025', -1, 0, null);
"""
ORIGINAL = f"""
{RAW}
create type public.confidencelevel as enum ('HIGH', 'MEDIUM', 'LOW');
create type public.unmatchedstatus as enum ('OPEN', 'RESOLVED', 'IGNORED');
create type public.claimstatus as enum ('expected', 'generated', 'paid', 'rejected', 'expired');
create schema ops;
create table ops.ingestion_runs (id serial primary key, started_at timestamptz default now());
insert into ops.ingestion_runs default values;

create schema canon;
create table canon.identity_registry (
    person_key uuid primary key, created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(), confidence_level public.confidencelevel not null,
    primary_phone varchar, primary_document varchar, primary_license varchar, primary_full_name varchar,
    flags jsonb
);
create table canon.identity_links (
    id serial primary key, person_key uuid not null references canon.identity_registry (person_key),
    source_table varchar not null, source_pk varchar not null, snapshot_date timestamptz not null,
    match_rule varchar not null, match_score integer not null,
    confidence_level public.confidencelevel not null, evidence jsonb,
    linked_at timestamptz not null default now(), run_id integer references ops.ingestion_runs (id),
    constraint uq_links unique (source_table, source_pk)
);
create table canon.identity_unmatched (
    id serial primary key, source_table varchar not null, source_pk varchar not null,
    snapshot_date timestamptz not null, reason_code varchar not null, details jsonb, candidates_preview jsonb,
    status public.unmatchedstatus not null default 'OPEN', created_at timestamptz not null,
    resolved_at timestamptz, run_id integer references ops.ingestion_runs (id),
    constraint uq_unmatched unique (source_table, source_pk)
);
create table {CLAIMS} (
    claim_id serial primary key, person_key uuid references canon.identity_registry (person_key),
    driver_id varchar, lead_source_pk varchar not null, lead_date date not null, milestone integer not null,
    amount_expected numeric(12, 2) not null, status public.claimstatus not null default 'expected',
    expected_at timestamptz, generated_at timestamptz, paid_at timestamptz, reason varchar,
    created_at timestamptz not null default now(), updated_at timestamptz not null default now()
);
create unique index uq_claims on {CLAIMS} (person_key, lead_date, milestone);
insert into canon.identity_registry (person_key, confidence_level)
values ('{P1}', 'HIGH'), ('{P2}', 'LOW'), ('{P3}', 'LOW');
insert into canon.identity_links (person_key, source_table, source_pk, snapshot_date, match_rule, match_score,
    confidence_level, run_id) values ('{P1}', 'drivers', 'd1', '2026-01-01', 'DRIVER_MATCH', 100, 'HIGH', 1);
insert into canon.identity_unmatched (source_table, source_pk, snapshot_date, reason_code, created_at)
    values ('module_ct_cabinet_leads', '9', '2026-01-01', 'NO_CANDIDATES', '2026-01-02');
insert into {CLAIMS} ({KEY}, amount_expected, status)
    values ('{P1}', '200', '2026-01-01', 1, 25, 'generated');
"""

# claim_id 2 … 8: what the rulings forbid and the original let in. Each row breaks one rule, the last one two.
FORBIDDEN = f"""
insert into {CLAIMS} ({KEY}, amount_expected, status, paid_at) values
    (null, '201', '2026-01-01', 1, 25, 'generated', null),
    (null, '201', '2026-01-01', 1, 25, 'generated', null),
    ('{P1}', E' \\t', '2026-01-02', 1, 25, 'generated', null),
    ('{P1}', '200', '2026-01-04', 7, 25, 'generated', null),
    ('{P1}', '200', '2026-01-01', 5, 0, 'generated', null),
    ('{P1}', '200', '2026-01-03', 5, 35, 'paid', null),
    ('{P1}', '200', '2026-01-01', 25, -100, 'rejected', '2026-01-20');
"""
FORBIDDEN_FOUND = {
    ("claims_amount_positive", ("6", "8")),
    ("claims_lead_source_pk_present", ("4",)),
    ("claims_milestone_known", ("5",)),
    ("claims_paid_at_when_paid", ("7", "8")),
    ("claims_person_key_required", ("2", "3")),
}

# An original whose keys were dropped by hand or replaced by weaker ones, and what crept in since.
KEYLESS = f"""
drop index canon.uq_claims;
alter table {CLAIMS} drop constraint claims_yango_cabinet_14d_person_key_fkey;
alter table canon.identity_links drop constraint identity_links_person_key_fkey, drop constraint uq_links;
alter table canon.identity_unmatched drop constraint uq_unmatched;
insert into {CLAIMS} ({KEY}, amount_expected)
    select {KEY}, amount_expected from {CLAIMS};
update {CLAIMS} set person_key = '00000000-0000-0000-0000-00000000dead' where claim_id = 1;
insert into {CLAIMS} ({KEY}, amount_expected)
    select {KEY}, amount_expected from {CLAIMS} where claim_id = 2;
insert into canon.identity_links (person_key, source_table, source_pk, snapshot_date, match_rule, match_score,
    confidence_level) values
    ('00000000-0000-0000-0000-00000000dead', 'drivers', 'd1', '2026-01-01', 'DRIVER_MATCH', 100, 'HIGH');
insert into canon.identity_unmatched (source_table, source_pk, snapshot_date, reason_code, created_at)
    select source_table, source_pk, snapshot_date, reason_code, created_at from canon.identity_unmatched;
create unique index on {CLAIMS} (person_key, lead_date, milestone) where milestone = 25;
create index on canon.identity_links (source_table, source_pk);
alter table canon.identity_links
    add constraint theirs foreign key (person_key) references canon.identity_registry (person_key) not valid;
"""
KEYLESS_FOUND = {
    ("claims_once_per_milestone", ("2", "3")),
    ("claims_person_key_registered", ("1",)),
    ("identity_links_once_per_source_row", ("1", "2")),
    ("identity_links_person_key_registered", ("2",)),
    ("identity_unmatched_once_per_source_row", ("1", "2")),
}


@contextmanager
def session(where: Server) -> Iterator[Any]:
    """A cursor whose every statement is its own transaction."""
    with closing(connect(where, "test", SETTINGS)) as connection:
        connection.autocommit = True
        yield connection.cursor()


def ask(where: Server, statement: str) -> list[tuple[Any, ...]]:
    with session(where) as cursor:
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else []


def catalog(where: Server) -> list[str]:
    return [line for (line,) in ask(where, CATALOG)]


def of_public(lines: list[str]) -> list[str]:
    """What the catalog says about the tables of public and the original's run log."""
    about = re.compile(r"(column|constraint|comment) (public|ops\.ingestion_runs)\b| ON public\.")
    return [line for line in lines if about.search(line)]


def rows(where: Server, *relations: str) -> list[Any]:
    return [ask(where, f"select to_jsonb(t) from {relation} as t order by 1") for relation in relations]


def emptied(where: Server) -> Server:
    ask(where, "drop schema if exists ops, canon, public cascade; create schema public")
    return where


def found(result: migrate.MigrationResult) -> set[tuple[str, tuple[str, ...]]]:
    return {(finding.rule, finding.examples) for finding in result.findings}


def rules(where: Server) -> dict[str, bool]:
    """The checks on claims by name, and whether every row was proven to keep them."""
    return dict(
        ask(
            where,
            "select conname, convalidated from pg_constraint where contype = 'c' "
            f"and conrelid = '{CLAIMS}'::regclass",
        )
    )


def refusal(cursor: Any, statement: str) -> str | None:
    """The name of the rule that refuses a statement, or None when it is let through."""
    try:
        cursor.execute(statement)
    except psycopg2.errors.CheckViolation as error:
        return error.diag.constraint_name
    return None


@pytest.fixture
def migrated(fresh_database: Server) -> Server:
    migrate.upgrade(fresh_database, SETTINGS)
    return fresh_database


@pytest.fixture
def claims(migrated: Server) -> Iterator[Any]:
    """A cursor on a database with one person and one claim in every status (claim_id 1 to 5, dates apart)."""
    with session(migrated) as cursor:
        cursor.execute(
            f"insert into canon.identity_registry (person_key, confidence_level) values ('{P1}', 'HIGH')"
        )
        cursor.execute("set cabinet14d.adopting = 'test'")
        for day, status in enumerate(STATUSES, 1):
            cursor.execute(
                f"insert into {CLAIMS} ({KEY}, amount_expected, status, paid_at) "
                "values (%s, '1', %s, 1, 25, %s, %s)",
                [P1, f"2026-01-0{day}", status, "2026-02-01" if status == "paid" else None],
            )
        cursor.execute("reset cabinet14d.adopting")
        yield cursor


# One schema by every road


def test_head_is_the_newest_script(fresh_database: Server) -> None:
    assert migrate.pending(fresh_database, SETTINGS) == REVISIONS
    assert REVISIONS[-1] == migrate.HEAD


def test_fresh_and_stepwise_and_printed_give_the_same_schema(fresh_database: Server) -> None:
    result = migrate.upgrade(fresh_database, SETTINGS)
    assert result == migrate.MigrationResult(None, migrate.HEAD)
    fresh = catalog(fresh_database)

    emptied(fresh_database)
    for revision in REVISIONS:
        assert migrate.upgrade(fresh_database, SETTINGS, revision).to_revision == revision
    assert catalog(fresh_database) == fresh

    ask(emptied(fresh_database), migrate.sql())
    assert catalog(fresh_database) == fresh
    assert migrate.pending(fresh_database, SETTINGS) == []


def test_each_step_down_and_up_again_gives_the_same_schema(migrated: Server) -> None:
    before = catalog(migrated)
    for steps, revision in enumerate([*REVISIONS[-2::-1], None], 1):
        assert migrate.downgrade(migrated, SETTINGS, steps).to_revision == revision
        migrate.upgrade(migrated, SETTINGS)
        assert catalog(migrated) == before


def test_a_step_down_keeps_raw_rows_persons_and_claims(fresh_database: Server) -> None:
    ask(fresh_database, ORIGINAL + FORBIDDEN)
    kept = ["public.module_ct_cabinet_leads", "public.summary_daily", "canon.identity_registry", CLAIMS]
    before = rows(fresh_database, *kept)
    migrate.upgrade(fresh_database, SETTINGS)
    migrate.downgrade(fresh_database, SETTINGS, len(REVISIONS))
    assert rules(fresh_database) == {}
    assert rows(fresh_database, *kept) == before
    assert found(migrate.upgrade(fresh_database, SETTINGS)) == FORBIDDEN_FOUND


def test_a_second_migrate_changes_nothing(migrated: Server) -> None:
    before = catalog(migrated)
    assert migrate.upgrade(migrated, SETTINGS) == migrate.MigrationResult(migrate.HEAD, migrate.HEAD)
    assert catalog(migrated) == before


def test_nothing_is_said_on_stdout(fresh_database: Server, capfd: pytest.CaptureFixture[str]) -> None:
    migrate.upgrade(fresh_database, SETTINGS)
    migrate.downgrade(fresh_database, SETTINGS)
    migrate.sql()
    assert capfd.readouterr() == ("", "")


# The original's database, adopted


def test_an_original_that_keeps_the_rules_ends_with_the_rules_of_a_fresh_one(fresh_database: Server) -> None:
    migrate.upgrade(fresh_database, SETTINGS)
    fresh = rules(fresh_database)
    ask(emptied(fresh_database), ORIGINAL)
    assert migrate.upgrade(fresh_database, SETTINGS).findings == ()
    assert rules(fresh_database) == fresh
    assert set(fresh.values()) == {True}


@pytest.mark.parametrize(
    ("old_rows", "expected"),
    [(FORBIDDEN, FORBIDDEN_FOUND), (KEYLESS, KEYLESS_FOUND)],
    ids=["forbidden", "keyless"],
)
def test_rows_that_break_a_rule_are_reported_and_kept(
    fresh_database: Server, old_rows: str, expected: Any
) -> None:
    ask(fresh_database, ORIGINAL + old_rows)
    tables = [
        table
        for (table,) in ask(
            fresh_database,
            "select format('%s.%s', schemaname, tablename) "
            "from pg_tables where schemaname in ('public', 'canon', 'ops')",
        )
    ]
    held, shape = rows(fresh_database, *tables), of_public(catalog(fresh_database))

    first = migrate.upgrade(fresh_database, SETTINGS)
    listed = rows(fresh_database, "ops.adoption_findings")
    assert found(first) == expected
    assert rows(fresh_database, *tables) == held
    assert of_public(catalog(fresh_database)) == shape

    schema = catalog(fresh_database)
    again = migrate.upgrade(fresh_database, SETTINGS)
    assert again.findings == first.findings
    assert rows(fresh_database, "ops.adoption_findings", *tables) == [*listed, *held]
    assert catalog(fresh_database) == schema


def test_the_raw_tables_of_the_original_are_left_exactly_as_they_are(fresh_database: Server) -> None:
    ask(fresh_database, ORIGINAL)
    before = of_public(catalog(fresh_database))
    assert any("a_column_of_theirs" in line for line in before)
    migrate.upgrade(fresh_database, SETTINGS)
    assert of_public(catalog(fresh_database)) == before
    assert ask(fresh_database, "select * from public.alembic_version") == [("018_the_original",)]


def test_a_database_with_some_of_the_tables_gets_the_others(fresh_database: Server) -> None:
    lost = ["canon.identity_links", "canon.identity_unmatched", "public.drivers"]
    ask(fresh_database, f"{ORIGINAL} drop table {', '.join(lost)}")
    before = rows(fresh_database, "canon.identity_registry", CLAIMS)
    assert migrate.upgrade(fresh_database, SETTINGS).findings == ()
    assert rows(fresh_database, "canon.identity_registry", CLAIMS) == before
    assert rows(fresh_database, *lost) == [[], [], []]


def test_tables_of_another_owner_are_told_and_left(fresh_database: Server) -> None:
    role = f"owns_nothing_{fresh_database.dbname}"
    password = fresh_database.password or "x"
    ask(
        fresh_database,
        f"""
        {ORIGINAL}
        create role {role} login password '{password}';
        grant create on database {fresh_database.dbname} to {role};
        grant create, usage on schema public, canon, ops to {role};
        grant select on all tables in schema public, canon to {role}""",
    )
    try:
        with pytest.raises(BadConfiguration, match="must be owner of table"):
            migrate.upgrade(replace(fresh_database, user=role, password=password), SETTINGS)
        assert migrate.pending(fresh_database, SETTINGS) == REVISIONS[1:]
    finally:
        ask(fresh_database, f"drop owned by {role} cascade; drop role {role}")


def test_a_new_row_must_keep_the_rules_that_old_rows_break(fresh_database: Server) -> None:
    ask(fresh_database, ORIGINAL + FORBIDDEN)
    migrate.upgrade(fresh_database, SETTINGS)
    with session(fresh_database) as cursor:
        assert (
            refusal(
                cursor,
                f"insert into {CLAIMS} ({KEY}, amount_expected) values (null, '1', '2026-01-01', 1, 25)",
            )
            == "claims_person_key_required"
        )


def test_mended_rows_prove_the_rule_and_close_the_finding(fresh_database: Server) -> None:
    ask(fresh_database, ORIGINAL + FORBIDDEN)
    migrate.upgrade(fresh_database, SETTINGS)
    mend = f"update {CLAIMS} set reason = 'mended', {{}} where claim_id = {{}}"
    with session(fresh_database) as cursor:
        for change, claim in ((f"person_key = '{P2}'", 2), ("milestone = 5", 5), ("amount_expected = 35", 6)):
            assert refusal(cursor, mend.format(change, claim)) == "claims_key_stands"
        cursor.execute("set cabinet14d.manual_act = 'ana mends what adoption found'")
        cursor.execute(mend.format(f"person_key = '{P2}'", 2))
        assert ("claims_person_key_required", ("3",)) in found(migrate.upgrade(fresh_database, SETTINGS))
        assert rules(fresh_database)["claims_person_key_required"] is False

        cursor.execute(mend.format(f"person_key = '{P3}'", 3))
        cursor.execute(mend.format("lead_source_pk = '200'", 4))
        cursor.execute(mend.format("milestone = 5", 5))
        cursor.execute(mend.format("amount_expected = 35", 6))
        cursor.execute(mend.format("paid_at = '2026-01-20'", 7))
        cursor.execute(mend.format("amount_expected = 100, paid_at = null", 8))
    assert migrate.upgrade(fresh_database, SETTINGS).findings == ()
    assert set(rules(fresh_database).values()) == {True}
    assert ask(fresh_database, "select count(*) from ops.adoption_findings where still_open") == [(0,)]
    assert ask(fresh_database, "select count(*) from ops.adoption_findings") == [(8,)]


def test_a_unique_key_is_built_once_the_repeats_are_gone(fresh_database: Server) -> None:
    ask(fresh_database, ORIGINAL + KEYLESS)
    migrate.upgrade(fresh_database, SETTINGS)
    ask(
        fresh_database,
        "delete from canon.identity_links where id = 2; delete from canon.identity_unmatched where id = 2",
    )
    assert {rule for rule, _ in found(migrate.upgrade(fresh_database, SETTINGS))} == {
        "claims_once_per_milestone",
        "claims_person_key_registered",
    }
    built = ask(
        fresh_database, "select indexname from pg_indexes where indexname like '%source_row' order by 1"
    )
    assert built == [("identity_links_once_per_source_row",), ("identity_unmatched_once_per_source_row",)]


def test_a_finding_that_comes_back_is_open_again(fresh_database: Server) -> None:
    ask(fresh_database, ORIGINAL + KEYLESS)
    ask(
        fresh_database,
        "insert into canon.identity_unmatched "
        "(source_table, source_pk, snapshot_date, reason_code, created_at) "
        "select 'x', 'x', snapshot_date, reason_code, created_at from canon.identity_unmatched",
    )
    for source_pk, keys in (("9", ("1", "2", "3", "4")), ("8", ("3", "4")), ("9", ("1", "2", "3", "4"))):
        ask(fresh_database, f"update canon.identity_unmatched set source_pk = '{source_pk}' where id = 2")
        assert ("identity_unmatched_once_per_source_row", keys) in found(
            migrate.upgrade(fresh_database, SETTINGS)
        )


def test_a_finding_is_a_sentence_without_personal_data() -> None:
    one = migrate.Finding(CLAIMS, "claims_milestone_known", "check", 1, ("5",))
    many = migrate.Finding(CLAIMS, "claims_once_per_milestone", "unique", 7, ("1", "2", "3", "4", "5"))
    assert str(one).startswith(f"{CLAIMS}: 1 row breaks claims_milestone_known (key 5)")
    assert str(many).startswith(f"{CLAIMS}: 7 rows break claims_once_per_milestone (key 1, 2, 3, 4, 5, …)")


def test_a_missing_column_is_told_before_anything_changes(fresh_database: Server) -> None:
    ask(
        fresh_database,
        """
        create table public.summary_daily (driver_id varchar, date_file varchar, created_at timestamp);
        create schema canon;
        create table canon.identity_registry (person_key uuid primary key)""",
    )
    before = catalog(fresh_database)
    with pytest.raises(BadConfiguration) as error:
        migrate.upgrade(fresh_database, SETTINGS)
    assert "public.summary_daily has no count_orders_completed, sum_work_time_seconds" in error.value.message
    assert "canon.identity_registry has no created_at" in error.value.message
    assert catalog(fresh_database) == before
    assert ask(fresh_database, "select to_regnamespace('ops')") == [(None,)]


def test_a_role_that_may_only_read_the_raw_tables_can_migrate(fresh_database: Server) -> None:
    role = f"only_reads_{fresh_database.dbname}"
    ask(
        fresh_database,
        f"""
        create role {role} login password '{fresh_database.password or "x"}';
        revoke create on schema public from public;
        grant create on database {fresh_database.dbname} to {role};
        {RAW}
        grant select on all tables in schema public to {role}""",
    )
    try:
        limited = replace(fresh_database, user=role, password=fresh_database.password or "x")
        assert migrate.upgrade(limited, SETTINGS).to_revision == migrate.HEAD
    finally:
        ask(fresh_database, f"drop owned by {role} cascade; drop role {role}")


# What may happen to a claim


@pytest.mark.parametrize("named_act", [False, True])
def test_only_lawful_steps_of_a_claim_are_let_through(claims: Any, named_act: bool) -> None:
    if named_act:
        claims.execute("set cabinet14d.manual_act = 'ana decides'")
    outcome = {}
    for claim, before in enumerate(STATUSES, 1):
        for after in STATUSES:
            paid_at = "now()" if after == "paid" else "null"
            claims.execute("begin")
            step = (
                f"update {CLAIMS} set status = '{after}', reason = 'asked by phone', "
                f"paid_at = {paid_at if after != before else 'paid_at'} where claim_id = {claim}"
            )
            outcome[before, after] = refusal(claims, step)
            claims.execute("rollback")
    same = {(status, status) for status in (STATUSES if named_act else ["expected", "generated"])}
    lawful = BY_JOB | same | (BY_PERSON if named_act else set())
    assert {step for step, refused_by in outcome.items() if refused_by is None} == lawful
    assert set(outcome.values()) == {None, "claims_lawful_steps"}


def test_a_named_act_needs_a_reason(claims: Any) -> None:
    claims.execute("set cabinet14d.manual_act = 'ana decides'")
    for reason in ("null", "''", "E' \t'"):
        reject = f"update {CLAIMS} set status = 'rejected', reason = {reason} where claim_id = 2"
        assert refusal(claims, reject) == "claims_lawful_steps"
    claims.execute("set cabinet14d.manual_act = ' '")
    assert refusal(claims, f"update {CLAIMS} set status = 'rejected', reason = 'x' where claim_id = 2")


def test_a_final_claim_is_not_touched_by_a_job(claims: Any) -> None:
    for claim in (3, 4, 5):
        change = f"update {CLAIMS} set {{}} where claim_id = {claim}"
        assert refusal(claims, change.format("driver_id = 'other'")) == "claims_lawful_steps"
        assert refusal(claims, change.format("status = status, updated_at = now()")) is None


@pytest.mark.parametrize("status", STATUSES)
def test_a_claim_is_born_expected_or_generated(claims: Any, status: str) -> None:
    paid_at = "now()" if status == "paid" else "null"
    new = (
        f"insert into {CLAIMS} ({KEY}, amount_expected, status, paid_at, reason) "
        f"values ('{P1}', '1', '2026-03-01', %s, 25, '{status}', {paid_at}, %s)"
    )
    born = None if status in ("expected", "generated") else "claims_are_born_expected_or_generated"
    assert refusal(claims, claims.mogrify(new, [1, "x"]).decode()) == born
    claims.execute("set cabinet14d.manual_act = 'ana decides'")
    assert refusal(claims, claims.mogrify(new, [5, None]).decode()) == born
    assert refusal(claims, claims.mogrify(new, [25, "x"]).decode()) is None


@pytest.mark.parametrize(
    "change",
    [
        f"person_key = '{P2}'",
        "person_key = null",
        "lead_date = '2026-05-05'",
        "milestone = 5",
        "amount_expected = 26",
        "claim_id = 99",
    ],
)
def test_key_and_money_of_a_claim_stand_even_for_a_person(claims: Any, change: str) -> None:
    claims.execute("set cabinet14d.manual_act = 'ana decides'")
    change = f"update {CLAIMS} set reason = 'x', {change} where claim_id = 2"
    assert refusal(claims, change) == "claims_key_stands"


def test_a_claim_is_never_deleted(claims: Any) -> None:
    claims.execute("set cabinet14d.manual_act = 'ana decides'; set cabinet14d.adopting = 'test'")
    assert refusal(claims, f"delete from {CLAIMS} where claim_id = 1") == "claims_are_kept"
    assert refusal(claims, f"truncate {CLAIMS}") == "claims_are_kept"


@pytest.mark.parametrize(
    ("values", "rule"),
    [
        ("null, '1', '2026-04-01', 1, 25, 'generated', null", "claims_person_key_required"),
        (f"'{P1}', E' \n', '2026-04-01', 1, 25, 'generated', null", "claims_lead_source_pk_present"),
        (f"'{P1}', '1', '2026-04-01', 2, 25, 'generated', null", "claims_milestone_known"),
        (f"'{P1}', '1', '2026-04-01', 1, 0, 'generated', null", "claims_amount_positive"),
        (f"'{P1}', '1', '2026-04-01', 1, 25, 'generated', now()", "claims_paid_at_when_paid"),
    ],
)
def test_a_new_claim_keeps_every_rule(claims: Any, values: str, rule: str) -> None:
    new = f"insert into {CLAIMS} ({KEY}, amount_expected, status, paid_at) values ({values})"
    assert refusal(claims, new) == rule


@pytest.mark.parametrize(
    ("relation", "change"),
    [(CLAIMS, "driver_id = 'd2' where claim_id = 2"), ("canon.identity_registry", "primary_phone = '9'")],
)
def test_updated_at_moves_when_a_row_changes_and_only_then(claims: Any, relation: str, change: str) -> None:
    def moment() -> Any:
        claims.execute(f"select max(updated_at) from {relation}")
        return claims.fetchone()[0]

    before = moment()
    claims.execute(f"update {relation} set updated_at = now() + interval '1 day', created_at = created_at")
    assert moment() == before
    claims.execute(f"update {relation} set {change}")
    after = moment()
    assert after > before
    claims.execute(f"update {relation} set {change}")
    assert moment() == after


# The step itself


def test_pending_on_a_new_database_needs_no_alembic(migrated: Server) -> None:
    code = (
        "import sys; from runner import migrate, settings, database; from runner.database import Server; "
        f"print(migrate.pending({migrated!r}, settings.load())); print('alembic' in sys.modules)"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.split("\n")[:2] == ["[]", "False"]


def test_a_database_newer_than_the_program_is_told_as_such(migrated: Server) -> None:
    ask(migrated, "update ops.cabinet14d_alembic_version set version_num = '9999_future'")
    for step in (migrate.pending, migrate.upgrade, migrate.downgrade):
        with pytest.raises(BadConfiguration, match="9999_future"):
            step(migrated, SETTINGS)


def test_two_migrations_at_once_do_not_race(fresh_database: Server) -> None:
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(lambda _: migrate.upgrade(fresh_database, SETTINGS), range(2)))
    assert sorted(str(result.from_revision) for result in results) == [migrate.HEAD, "None"]
    assert {result.to_revision for result in results} == {migrate.HEAD}


def test_a_migration_that_waits_too_long_says_for_whom(migrated: Server) -> None:
    impatient = settings.load({"lock_timeout": "50ms"})
    with session(migrated) as cursor:
        cursor.execute("select pg_advisory_lock(%s, %s)", migrate.LOCK)
        with pytest.raises(LockHeld, match=r"Another migration is at work .*cabinet14d test"):
            migrate.upgrade(migrated, impatient)


def test_a_step_that_fails_leaves_the_steps_before_it(fresh_database: Server) -> None:
    ask(fresh_database, "create schema ops; create table ops.load_rejects (in_the_way int)")
    with pytest.raises(Exception, match="refused a statement"):
        migrate.upgrade(fresh_database, SETTINGS)
    assert migrate.pending(fresh_database, SETTINGS) == REVISIONS[3:]
    ask(fresh_database, "drop table ops.load_rejects")
    assert migrate.upgrade(fresh_database, SETTINGS).from_revision == REVISIONS[2]


def test_an_extension_that_cannot_be_created_is_told_in_words(fresh_database: Server) -> None:
    ask(fresh_database, "create function public.levenshtein_less_equal(text, text, int) returns int"
                        " language sql return 0")
    with pytest.raises(BadConfiguration, match="fuzzystrmatch"):
        migrate.upgrade(fresh_database, SETTINGS)
    assert migrate.pending(fresh_database, SETTINGS) == REVISIONS[4:]
