"""A payment list loaded twice, in two orders, or in pieces with a night between them: the same result."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from runner import chain
from runner.load import load_files
from runner.settings import Settings
from tests import harness
from tests.conftest import new_database
from tests.integration.test_reconcile_claims import rows
from tests.oracle_payments import Money, Payment
from tests.payment_worlds import COLUMNS, combined, monies, write_money
from tests.worlds import after_claims_job

AS_OF = date(2026, 1, 14)
RESULT = (
    "select payment_id, milestone_value, outcome, cause, claim_id, found_by, amount from ops.v_payments_statements"
    " order by 1, 2",
    "select claim_id, status::text, reason from canon.claims_yango_cabinet_14d order by 1",
    "select claim_id, payment_id, milestone, amount from canon.claim_settlements order by 1",
    "select * from ops.v_collection_aging order by 1, 2",
    "select check_code, term, value from ops.v_cabinet_conservation order by 1, 2",
)


def write(path: Path, payments: list[Payment]) -> Path:
    """A file as the platform sends it."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for row in payments:
            writer.writerow(["" if (value := getattr(row, name)) is None else value for name in COLUMNS])
    return path


def test_twice_in_two_orders_and_in_pieces(
    settings: Settings, migrated_template: str, settings_for: Callable[..., Settings], tmp_path: Path
) -> None:
    """Three ways in, one result: rows, claims, settlements, ages and sums."""
    money = combined(monies(AS_OF, 40, 4))
    money = replace(money, world=after_claims_job(money.world), before=())  # claims keep their numbers in every way
    payments = list(money.payments)
    third = len(payments) // 3
    pieces = [payments[2 * third :], payments[:third], payments[third : 2 * third]]
    ways: dict[str, tuple[list[list[Payment]], bool]] = {
        "once": ([payments], True),
        "backwards, and twice": ([payments[::-1], payments], False),
        "in pieces, a night each": (pieces, True),
    }
    found = {name: play(settings, migrated_template, settings_for, tmp_path, money, *way) for name, way in ways.items()}
    assert len(found["once"][0]) > 100
    for name, result in found.items():
        assert result == found["once"], name


def play(
    settings: Settings,
    template: str,
    settings_for: Callable[..., Settings],
    folder: Path,
    money: Money,
    files: list[list[Payment]],
    nights_between: bool,
) -> list[list[tuple[Any, ...]]]:
    """Load the files in their order into a database of its own, with or without nights between them."""
    with new_database(settings, template) as where:
        ours = settings_for(where)
        write_money(where, replace(money, payments=()))
        for number, payments in enumerate(files, 1):
            load_files(where, ours, "payments", [write(folder / "payments.csv", payments)])
            if nights_between or number == len(files):
                chain.nightly(ours, AS_OF, progress=harness.QUIET)
        return [rows(where, sql) for sql in RESULT]
