"""Collection's rules broken on purpose, one at a time: a blocking test stops the build, nothing false is published."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from runner import warehouse
from runner.database import Server
from runner.settings import Settings
from tests.integration.test_broken_rules import Break, copy_with, red_rules
from tests.integration.test_payments_oracle import AS_OF
from tests.payment_worlds import combined, monies, write_money

FOLDER = "models/intermediate/collection"
BREAKS = (
    Break(
        "live = paid + due",
        f"{FOLDER}/int_collection__claims_paid.sql",
        "then amount_expected - paid_amount else 0",
        "then amount_expected else 0",
    ),
    Break(
        "payments = settled + unapplied + reversed",
        f"{FOLDER}/int_payments__statements.sql",
        "where shared.age = 1",
        "where shared.age = 1 and shared.pay_date is not null",
    ),
    Break(
        "a claim has at most one settlement",
        f"{FOLDER}/int_collection__allocated.sql",
        "where by_driver.claim_id is null\n),\n\n{{ allocate('by_person'",
        "where true\n),\n\n{{ allocate('by_person'",
    ),
    Break(
        "weekly sums = totals",
        f"{FOLDER}/int_collection__funnel.sql",
        "sum(case when claim_expected then amount_expected else 0 end) as debt_expected_total",
        "sum(case when claim_present then amount_expected else 0 end) as debt_expected_total",
    ),
    Break(
        "drivers' sums = totals",
        f"{FOLDER}/int_collection__financial.sql",
        "{{ is_candidate('states') }} and states.claim_expected",
        "{{ is_candidate('states') }} and states.claim_expected and states.milestone < 25",
    ),
    Break(
        "expected = live + rejected + expired + missing",
        f"{FOLDER}/int_collection__claims.sql",
        "states.claim_expected and states.claim_id is not null",
        "states.claim_expected and states.claim_id is not null and states.overlaps_lead_source_pk is null",
    ),
)


# Each parses and builds a project of its own; every third one in every test run, the others under `make soak`.
@pytest.mark.parametrize(
    "broken",
    [
        pytest.param(broken, id=broken.rule, marks=[pytest.mark.soak] * bool(place % 3))
        for place, broken in enumerate(BREAKS)
    ],
)
def test_a_broken_sum_stops_the_build(
    migrated_database: Server,
    settings_for: Callable[..., Settings],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    broken: Break,
) -> None:
    """Each break alone, on the same rows; the difference is in the failures' table."""
    money = combined(monies(AS_OF, 60, 5))
    write_money(migrated_database, money)
    project = copy_with(tmp_path / "project", broken)
    monkeypatch.setattr(warehouse, "project_folder", lambda: project)
    monkeypatch.setattr(warehouse, "_parsed", {})
    assert red_rules(settings_for(migrated_database), money.world), f"{broken.rule} is not guarded"
