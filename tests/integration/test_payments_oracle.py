"""Collection against its oracle: settlements, dues, aging, funnel, drivers' totals; the payment lists change."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest

from runner.database import Server
from runner.settings import Settings
from tests import harness
from tests.conftest import new_database
from tests.oracle_payments import Money, payment_statements
from tests.payment_worlds import combined, differences, monies, write_money, write_payments

AS_OF = date(2026, 1, 14)


def compare(where: Server, settings: Settings, seed: int, count: int, as_of: date) -> list[str]:
    """One batch of worlds: each earlier payment list is built and published, then the last one is compared."""
    money = combined(monies(as_of, count, seed))
    write_money(where, replace(money, payments=(*money.before, money.payments)[0]))
    harness.build(settings, money.world)
    for payments in [*money.before, money.payments][1:]:
        write_payments(where, payments)
        harness.build(settings, money.world)
    return differences(where, money)


def test_forty_worlds_agree(migrated_database: Server, settings_for: Callable[..., Settings]) -> None:
    """D-4, D-9, D-16, D-21, R17 to R19, F18, F21, F31 to F35: 0 differences."""
    found = compare(migrated_database, settings_for(migrated_database), 1, 40, AS_OF)
    assert not found, "\n".join(found[:25])


def test_the_worlds_are_nasty_enough() -> None:
    """Every outcome and cause occurs among them."""
    rows = payment_statements(combined(monies(AS_OF, 40, 1))).values()
    seen = {row["outcome"] for row in rows} | {row["cause"] for row in rows} | {row["found_by"] for row in rows}
    assert seen >= {
        *("SETTLES", "UNAPPLIED", "REVERSED", "NO_DRIVER", "NO_PAY_DATE", "ALREADY_PAID", "BEFORE_LEAD"),
        *("OTHER_MILESTONE", "NO_CLAIM", "ROW_DELETED", "STATEMENT_WITHDRAWN", "DRIVER_ID", "PERSON_KEY", "NAME"),
    }


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(300, 320))
def test_five_thousand_worlds_agree(
    settings: Settings, migrated_template: str, settings_for: Callable[..., Settings], seed: int
) -> None:
    """The same with 5,000 worlds in twenty databases; as-of dates on every day of the week."""
    with new_database(settings, migrated_template) as where:
        found = compare(where, settings_for(where), seed, 250, AS_OF + timedelta(days=seed % 11))
        assert not found, "\n".join(found[:25])


def test_a_build_of_nothing_balances(migrated_database: Server, settings_for: Callable[..., Settings]) -> None:
    """An empty database has every term, and each is zero."""
    money = Money(harness.World(as_of=AS_OF))
    write_money(migrated_database, money)
    harness.build(settings_for(migrated_database), money.world)
    assert differences(migrated_database, money) == []
