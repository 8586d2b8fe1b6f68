"""Puts an identity world into a database as the outside would, builds what matching is made of, and reads it back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import closing
from dataclasses import fields
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from runner import chain
from runner.database import Server
from runner.settings import Settings
from tests.harness import QUIET, connect, replace_rows
from tests.identity_worlds import ROOM
from tests.oracle_identity import Answer
from tests.oracle_identity_pairs import Driver, IdentityWorld

SELECT = "+int_states__identity +int_states__identity_candidates"
OPEN = "valid_to_run = 9223372036854775807"
LEAD = ("id", "external_id", "lead_created_at", "first_name", "middle_name", "last_name", "park_phone",
        "asset_plate_number", "asset_model")
DRIVER = tuple(field.name for field in fields(Driver))
LINK = ("id", "person_key", "source_table", "source_pk", "linked_at", "snapshot_date", "match_rule", "match_score",
        "confidence_level")
FREE = """
    set session_replication_role = replica;
    alter table public.drivers drop constraint if exists drivers_pkey;
    alter table public.drivers alter column driver_id drop not null
"""
KEPT = {  # what a full refresh must find as an incremental build left it
    "int_identity__name_parts": ("part", "points is not null"),
    "int_identity__pairs": ("lead_id, driver_id", "true"),
    "int_states__identity_candidates": ("lead_id, rule, driver_id", OPEN),
    "int_states__identity": ("lead_id", OPEN),
}
SHARED = {"int_states__identity_shared_keys": ("key_kind, key_value", OPEN)}
MARKS = ("is_new", "is_changed", "valid_from_run")  # what the last build did, not what it found


def write(where: Server, world: IdentityWorld) -> None:
    """Make the tables hold exactly this world; equal rows stay. A driver may have several rows or no id."""
    wanted = (
        ("public.module_ct_cabinet_leads", LEAD, [[getattr(row, name) for name in LEAD] for row in world.leads]),
        ("public.drivers", DRIVER, [[getattr(row, name) for name in DRIVER] for row in world.drivers]),
        ("canon.identity_registry", ("person_key", "confidence_level"), [[its, "HIGH"] for its in world.persons]),
        ("canon.identity_links", LINK,
         [[its.id, its.person_key, its.source_table, its.source_pk, its.linked_at, its.linked_at, "TEST", 100, "HIGH"]
          for its in world.links]),
        ("canon.identity_unmatched",
         ("id", "source_table", "source_pk", "snapshot_date", "reason_code", "status", "created_at"),
         [[number, its.source_table, its.source_pk, date(2026, 1, 1), "NO_CANDIDATES", its.status, datetime(2026, 1, 1)]
          for number, its in enumerate(world.unmatched, 1)]),
        ("canon.identity_decisions", ("decision_id", "lead_source_pk", "driver_id", "verdict", "decided_by", "why"),
         [[its.decision_id, its.lead_source_pk, its.driver_id, its.verdict, "somebody", "test"]
          for its in world.verdicts]),
    )
    with closing(connect(where)) as session, session, session.cursor() as cursor:
        cursor.execute(FREE)
        for table, columns, rows in wanted:
            how = "overriding system value" if "decision_id" in columns else ""
            replace_rows(cursor, table, columns, rows, how)


def build(
    settings: Settings, world: IdentityWorld, full_refresh: bool = False, select: str | None = SELECT
) -> None:
    """What matching is made of, as `cabinet14d build --select` makes it; with None all, and published."""
    chain.build(settings, world.as_of, select=select, full_refresh=full_refresh, progress=QUIET)


def _rows(where: Server, relation: str, order: str, condition: str = "true") -> list[dict[str, Any]]:
    with closing(connect(where)) as session, session, session.cursor() as cursor:
        cursor.execute(f"select * from ops_intermediate.{relation} where {condition} order by {order}")
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def read(where: Server) -> Answer:
    """Pairs, candidates and decisions as a build leaves them: a partial one decides about few and keeps the rest."""
    pairs = _rows(where, "int_identity__pairs", "lead_id, driver_id")
    candidates = _rows(where, "int_states__identity_candidates", "lead_id, rule, driver_id", OPEN)
    decisions = _rows(where, "int_states__identity", "lead_id", OPEN)
    found = Answer({(row["lead_id"], row["driver_id"]): row for row in pairs},
                   {(row["lead_id"], row["rule"], row["driver_id"]): row for row in candidates},
                   {row["lead_id"]: row for row in decisions})
    assert [*map(len, found)] == [len(pairs), len(candidates), len(decisions)], "a key is repeated"
    return found


def differences(found: Answer, expected: Answer) -> list[str]:
    """One line per row too many or missing, and per column that differs."""
    return [*_differences("pair", found.pairs, expected.pairs),
            *_differences("candidate", found.candidates, expected.candidates),
            *_differences("decision", found.decisions, expected.decisions)]


def _differences(kind: str, found: Mapping[Any, dict[str, Any]], expected: Mapping[Any, dict[str, Any]]) -> list[str]:
    lines = [f"{kind} {key}: missing, {expected[key]}" for key in sorted(expected.keys() - found.keys())]
    lines += [f"{kind} {key}: too many, {found[key]}" for key in sorted(found.keys() - expected.keys())]
    lines += [f"{kind} {key} {column}: found {found[key][column]!r}, expected {value!r}"
              for key in sorted(expected.keys() & found.keys())
              for column, value in expected[key].items() if plain(found[key][column]) != plain(value)]
    return lines


def home(line: str) -> int:
    """The place of the world that a line of differences is about."""
    number = re.search(r"\d+", line)
    assert number, line
    return int(number[0]) // ROOM


def plain(value: Any) -> Any:
    """A form in which equal values of either side are equal."""
    if isinstance(value, Decimal):
        return f"{value:.4f}"
    return str(value) if isinstance(value, UUID) else value


def everything(where: Server, relations: Mapping[str, tuple[str, str]] = KEPT) -> dict[str, list[str]]:
    """The kept tables as texts, for comparing two builds."""
    return {relation: [repr({name: value for name, value in row.items() if name not in MARKS})
                       for row in _rows(where, relation, *asked)] for relation, asked in relations.items()}
