"""Puts a world into a database as the outside would, builds it through the real door, and reads the relations back."""

from __future__ import annotations

from collections import Counter
from contextlib import closing
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import psycopg2
from psycopg2.extras import execute_values, register_uuid

from runner import chain
from runner.database import Server
from runner.progress import Progress
from runner.settings import Settings, Value
from tests import oracle
from tests.oracle import World

register_uuid()

Rows = dict[Any, dict[str, Any]]

# Relation, key, and the oracle's answer to it.
RELATIONS = {
    "v_cabinet_leads_limbo": (("lead_id",), oracle.limbo),
    "v_cabinet_claims_expected_14d": (("lead_id", "milestone"), oracle.expected),
    "v_claims_expected_vs_present_14d": (("lead_id", "milestone"), oracle.expected_vs_present),
    "v_cabinet_claims_gap_14d": (("lead_id", "milestone_value"), oracle.gap),
    "v_cabinet_claims_unsupported": (("claim_id",), oracle.unsupported),
}
# Texts of an as-of date's build, in the order in which rows must be compared.
TABLES = {
    "public.module_ct_cabinet_leads": (
        "id",
        "external_id",
        "lead_created_at",
        "first_name",
        "middle_name",
        "last_name",
        "park_phone",
        "asset_plate_number",
    ),
    "public.summary_daily": ("driver_id", "date_file", "count_orders_completed", "sum_work_time_seconds", "created_at"),
}
QUIET = Progress(9, quiet=True)
AS_OF = date(2026, 1, 14)


def connect(where: Server) -> Any:
    """A plain connection for a test."""
    return psycopg2.connect(**where.conninfo(), options="-c timezone=UTC")


def settings_with(settings: Settings, **more: str) -> Settings:
    """The same settings with some others."""
    return Settings({**settings.values, **{name: Value(value, "test") for name, value in more.items()}})


LINKS = (
    "id",
    "person_key",
    "source_table",
    "source_pk",
    "linked_at",
    "snapshot_date",
    "match_rule",
    "match_score",
    "confidence_level",
)
CLAIMS = (
    "claim_id",
    "person_key",
    "driver_id",
    "lead_source_pk",
    "lead_date",
    "milestone",
    "amount_expected",
    "status",
    "generated_at",
    "paid_at",
)


def write_world(where: Server, world: World) -> None:
    """Make the raw and write-back tables hold exactly this world; rows that are there already are not touched."""
    linked = [
        [
            link.id,
            link.person_key,
            link.source_table,
            link.source_pk,
            link.linked_at,
            link.linked_at,
            "TEST",
            100,
            "HIGH",
        ]
        for link in world.links
    ]
    wanted = {
        table: (
            columns,
            [
                [getattr(row, column) for column in columns]
                for row in (world.leads if "leads" in table else world.trips)
            ],
        )
        for table, columns in TABLES.items()
    }
    wanted["canon.identity_registry"] = (
        ("person_key", "confidence_level"),
        [[person.person_key, "HIGH"] for person in world.persons],
    )
    wanted["canon.identity_links"] = (LINKS, linked)
    wanted["canon.claims_yango_cabinet_14d"] = (
        CLAIMS,
        [[getattr(claim, column) for column in CLAIMS] for claim in world.claims],
    )
    with closing(connect(where)) as session, session, session.cursor() as cursor:
        # The outside may do what our guards refuse to a job, and a test must be able to take a claim away.
        cursor.execute("set session_replication_role = replica")
        for table, (columns, rows) in wanted.items():
            replace_rows(cursor, table, columns, rows)
        cursor.execute(
            "select setval('canon.claims_yango_cabinet_14d_claim_id_seq',"
            " (select coalesce(max(claim_id), 0) + 1 from canon.claims_yango_cabinet_14d))"
        )


def replace_rows(cursor: Any, table: str, columns: tuple[str, ...], rows: list[list[Any]], how: str = "") -> None:
    """Take away the rows that are not wanted, add those that are not there; equal rows stay."""
    cursor.execute(f"select ctid::text, {', '.join(columns)} from {table}")
    missing = Counter(_comparable(row) for row in rows)
    gone = []
    for place, *row in cursor.fetchall():
        key = _comparable(row)
        if missing[key] > 0:
            missing[key] -= 1
        else:
            gone.append(place)
    if gone:
        cursor.execute(f"delete from {table} where ctid = any(%s::tid[])", (gone,))
    added = []
    for row in rows:
        if missing[_comparable(row)] > 0:
            missing[_comparable(row)] -= 1
            added.append(row)
    _insert(cursor, table, columns, added, how)


def _comparable(row: Any) -> tuple[str | None, ...]:
    return tuple(None if value is None else str(plain(value)) for value in row)


def _insert(cursor: Any, table: str, columns: tuple[str, ...], rows: list[list[Any]], how: str = "") -> None:
    if rows:
        execute_values(cursor, f"insert into {table} ({', '.join(columns)}) {how} values %s", rows, page_size=1000)


def build(settings: Settings, world: World, **options: Any) -> None:
    """One published build, as `cabinet14d build --as-of` makes it."""
    chain.build(settings, world.as_of, progress=QUIET, **options)


def read_relation(where: Server, relation: str, key: tuple[str, ...]) -> Rows:
    """All rows of a relation in ops by key, a single column's key bare."""
    with closing(connect(where)) as session, session, session.cursor() as cursor:
        cursor.execute(f"select * from ops.{relation}")
        names = [column.name for column in cursor.description]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    keyed = {tuple(row[name] for name in key): row for row in rows}
    assert len(keyed) == len(rows), f"{relation} repeats a key"
    return {grain if len(key) > 1 else grain[0]: row for grain, row in keyed.items()}


def read_all(where: Server) -> dict[str, Rows]:
    """Every compared relation."""
    return {relation: read_relation(where, relation, key) for relation, (key, _) in RELATIONS.items()}


def differences(found: dict[str, Rows], expected: dict[str, Rows]) -> list[str]:
    """One line per difference: relation, key, column, what was found and what the rules ask for."""
    lines = []
    for relation, rules in expected.items():
        rows = found[relation]
        lines += [f"{relation} {grain}: missing" for grain in rules.keys() - rows.keys()]
        lines += [f"{relation} {grain}: too many" for grain in rows.keys() - rules.keys()]
        for grain in rules.keys() & rows.keys():
            if rules[grain].keys() != rows[grain].keys():
                lines.append(f"{relation}: columns {sorted(rules[grain].keys() ^ rows[grain].keys())}")
            lines += [
                f"{relation} {grain} {column}: found {rows[grain].get(column)!r}, expected {value!r}"
                for column, value in rules[grain].items()
                if plain(rows[grain].get(column)) != plain(value)
            ]
    return sorted(lines)


def exclusions(where: Server) -> dict[tuple[str, str], int]:
    """Source rows that are listed as left out, per source and reason."""
    with closing(connect(where)) as session, session, session.cursor() as cursor:
        cursor.execute(
            "select source, reason, sum(source_rows) from ops.v_cabinet_exclusions"
            " where reason not in ('SUPERSEDED_LOAD', 'REPEATED_ROWS', 'FUTURE_TRIP_DATE') group by 1, 2"
        )
        return {(source, reason): int(count) for source, reason, count in cursor.fetchall()}


def answered_exclusions(world: World) -> dict[tuple[str, str], int]:
    """The same as the oracle has it (D-18, D-20)."""
    leads = [("leads", reason) for reason in oracle.excluded_leads(world).values()]
    return dict(Counter(leads + [("trips", reason) for _, reason in oracle.rejected_trips(world)]))


def answers(world: World) -> dict[str, Rows]:
    """What the oracle says to every compared relation."""
    return {relation: rules(world) for relation, (_, rules) in RELATIONS.items()}


def plain(value: Any) -> Any:
    """A form in which equal values of either side are equal: money to the cent, uuids as text."""
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    return str(value) if isinstance(value, UUID) else value


def partial_builds(where: Server) -> list[bool]:
    """Of every build so far, whether it looked only at what had changed; one that found nothing to do did too."""
    with closing(connect(where)) as session, session, session.cursor() as cursor:
        cursor.execute(
            "select coalesce((counters ->> 'partial')::boolean, true) from ops.run_steps"
            " where name = 'build' order by run_id, step_no"
        )
        return [partial for (partial,) in cursor.fetchall()]
