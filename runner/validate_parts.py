"""Validation in parts: what each check found, as rows; a crash, an absence and a finding are three different things."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from runner import database, queries
from runner.errors import CLEAN, CRITICAL, FINDINGS
from runner.settings import Settings

if TYPE_CHECKING:
    from psycopg2.extensions import connection as Connection

PASSED, FAILED, NOT_CHECKED = "PASSED", "FAILED", "NOT_CHECKED"
SHOWN = 20
Row = dict[str, Any]
_HEAD = re.compile(r"^-- (CRITICAL|WARNING): (.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Check:
    """One check: PASSED, FAILED with the rows that break it, or NOT_CHECKED with what was in the way."""

    name: str
    severity: str
    status: str
    sentence: str
    rows: list[Row] = field(default_factory=list)
    counted: int | None = None

    @property
    def violations(self) -> int:
        """How many rows break it, also where they are not listed."""
        return self.counted if self.counted is not None else len(self.rows)


@dataclass
class Part:
    """One part of the validation. It has passed when every check has; what was not checked has not passed."""

    name: str
    checks: list[Check]
    statistics: Row = field(default_factory=dict)

    @property
    def open(self) -> list[Check]:
        """The checks that did not pass, worst first."""
        return sorted((c for c in self.checks if c.status != PASSED), key=lambda c: (c.severity, c.status, c.name))

    @property
    def exit_code(self) -> int:
        """Exit code of D-12."""
        if any(check.severity == "CRITICAL" for check in self.open):
            return CRITICAL
        return FINDINGS if self.open else CLEAN

    def as_dict(self) -> Row:
        """For programs: every row of every check."""
        checks = [
            {
                "name": check.name,
                "severity": check.severity,
                "status": check.status,
                "sentence": check.sentence,
                "violations": check.violations,
                "rows": check.rows,
            }
            for check in self.checks
        ]
        return {"part": self.name, "passed": not self.open, "checks": checks, "statistics": self.statistics}


def on_database(settings: Settings, work: Callable[[Connection], Part]) -> Part:
    """One part on one connection that can't write."""
    session = database.connect(database.server(settings), "validate", settings)
    try:
        session.set_session(isolation_level="REPEATABLE READ", readonly=True)
        return work(session)
    finally:
        session.close()


def limbo(session: Connection, *, stage: str | None = None, rules_only: bool = False) -> Part:
    """Every check of limbo; the stage narrows the statistics only."""
    part = Part("limbo", [*shapes(session, ["v_cabinet_leads_limbo"]), *statements(session, "validate_limbo")])
    found = [] if rules_only else ask(session, "stages", stage=stage)
    if found:
        leads, with_identity = sum(row[1] for row in found), sum(row[2] for row in found)
        part.statistics = {
            "total_leads": leads,
            **{row[0]: row[1] for row in found},
            "with_identity": with_identity,
            "pct_with_identity": round(100 * with_identity / leads, 2),
        }
    return part


def claims_gap(session: Connection, *, reason: str | None = None) -> Part:
    """Every check of the gap; the reason narrows the statistics only."""
    relations = ["v_cabinet_claims_gap_14d", "v_cabinet_claims_expected_14d", "v_claims_expected_vs_present_14d"]
    part = Part("claims-gap", [*shapes(session, relations), *statements(session, "validate_gap")])
    part.statistics = {
        name: {
            str(row[0]): dict(zip(labels, (*row[1:3], f"{row[3]:.2f}"), strict=True))
            for row in ask(session, name, reason=reason)
        }
        for name, labels in (
            ("reasons", ("count", "expected", "missing_amount")),
            ("milestones", ("count", "missing", "missing_amount")),
        )
    }
    return part


def ask(session: Connection, name: str, **parameters: Any) -> list[tuple[Any, ...]]:
    """Rows of a statement of validate_shape.sql; none where what it reads is absent (a check says so)."""
    import psycopg2

    try:
        with session, session.cursor() as cursor:
            cursor.execute(queries.get("validate_shape", name), parameters)
            return list(cursor.fetchall())
    except (psycopg2.errors.UndefinedTable, psycopg2.errors.UndefinedColumn, psycopg2.errors.UndefinedFunction):
        return []


def statements(session: Connection, file: str) -> list[Check]:
    """Run each statement of a file; one that can't run is NOT_CHECKED, and the next one still runs."""
    return [_statement(session, name, sql) for name, sql in queries.load(file).items()]


def _statement(session: Connection, name: str, sql: str) -> Check:
    import psycopg2

    head = _HEAD.search(sql)
    assert head, name
    severity, sentence = head.groups()
    try:
        with session, session.cursor() as cursor:
            cursor.execute(sql)
            names = [column.name for column in cursor.description or []]
            rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    except (psycopg2.ProgrammingError, psycopg2.DataError) as error:
        reason = str(error).splitlines()[0]
        return Check(name, severity, NOT_CHECKED, f"not checked: {reason}")
    except psycopg2.Error as error:
        from runner.errors import from_database

        raise from_database(error) from error
    return Check(name, severity, FAILED if rows else PASSED, sentence, rows)


@cache
def contracts() -> dict[str, dict[str, str]]:
    """Columns and types of every relation that others read, as the models' own YAML promises them."""
    import yaml

    from runner.warehouse import project_folder

    found: dict[str, dict[str, str]] = {}
    for path in sorted((project_folder() / "models" / "marts").rglob("*.yml")):
        for model in (yaml.safe_load(path.read_text(encoding="utf-8")) or {}).get("models", []):
            found[model["name"]] = {column["name"]: column["data_type"] for column in model["columns"]}
    return found


def shapes(session: Connection, relations: list[str] | None = None) -> list[Check]:
    """One check per relation: it exists, with exactly the promised columns and types."""
    return [_shape(session, name) for name in relations or sorted(contracts())]


def _shape(session: Connection, relation: str) -> Check:
    promised = contracts()[relation]
    found = {name: kind for name, kind, _ in ask(session, "columns", relation=f"ops.{relation}")}
    name = f"shape_of_{relation}"
    if not found:
        return Check(name, "CRITICAL", FAILED, f"ops.{relation} does not exist", [{"relation": relation}])
    rows = [
        {"column": column, "promised": promised.get(column), "found": found.get(column)}
        for column in sorted(promised.keys() | found.keys())
        if promised.get(column) != found.get(column)
    ]
    return Check(name, "CRITICAL", FAILED if rows else PASSED, f"ops.{relation} has not the promised columns", rows)


def table(part: Part) -> str:
    """What did not pass, with the first rows of each; then counts and statistics."""
    lines = []
    for check in part.open:
        count = f"{check.violations:,} rows, " if check.rows else ""
        lines.append(f"{check.severity:<8} {check.status:<11} {check.name}: {count}{check.sentence}")
        lines += ["  " + ", ".join(f"{key}={value}" for key, value in row.items()) for row in check.rows[:SHOWN]]
        if len(check.rows) > SHOWN:
            lines.append(f"  … and {len(check.rows) - SHOWN:,} more (--output-json has all)")
    passed = len(part.checks) - len(part.open)
    lines.append(f"{part.name}: {passed} of {len(part.checks)} checks passed")
    return "\n".join([*lines, *_statistics(part.statistics)])


def _statistics(statistics: Row) -> list[str]:
    lines = []
    for name, value in statistics.items():
        if isinstance(value, dict):
            lines += [
                f"  {name} {key}".ljust(30) + ", ".join(f"{label} {number}" for label, number in row.items())
                for key, row in value.items()
            ]
        else:
            lines.append(f"  {name:<20}{value:>12,}")
    return lines
