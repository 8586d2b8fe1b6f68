"""Checks on the published relations, after the build: what a reader would find broken, as rows."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from runner import database, queries
from runner.errors import CLEAN, CRITICAL, FINDINGS

if TYPE_CHECKING:
    from psycopg2.extensions import connection as Connection


@dataclass(frozen=True)
class Check:
    """One check: violations 0 is passed; amount in PEN where the check is about money."""

    name: str
    severity: str
    violations: int
    amount: Decimal
    sentence: str


def run_checks(session: Connection) -> list[Check]:
    """Run every check of queries/validate.sql in one snapshot; a missing relation is an error, never a pass."""
    with database.transaction(session) as cursor:
        cursor.execute("set transaction isolation level repeatable read, read only")
        checks = []
        for sql in queries.load("validate").values():
            cursor.execute(sql)
            checks.append(Check(*cursor.fetchone()))
    return checks


def exit_code(checks: list[Check], fail_on: str) -> int:
    """Exit code of D-12 for the worst finding; warnings count only when asked to (`--fail-on warning`)."""
    broken = [check for check in checks if check.violations]
    if any(check.severity == "critical" for check in broken):
        return CRITICAL
    return FINDINGS if broken and fail_on == "warning" else CLEAN
