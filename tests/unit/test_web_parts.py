"""The web's small parts: cursors, parsing, hiding, and statements that are put together from named pieces."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner import queries
from runner.web import access, cursors, parsing
from runner.web.access import Visitor, masked
from runner.web.filters import FinancialFilter, GapFilter, KpiFilter, LimboFilter, Page
from runner.web.meta import plain
from runner.web.problems import Problem
from runner.web.reads.common import statement
from runner.web.reads.gap import rows_statement

VIEWER, OPERATOR = Visitor("viewer", "v", "es"), Visitor("operator", "o", "es")
DAYS = st.dates(date(1, 1, 1), date(8000, 1, 1))
IDS = st.integers(-(2**31), 2**31 - 1)

# --- cursors ------------------------------------------------------------------------------------------------


@given(DAYS, st.sampled_from([1, 5, 25]), IDS)
def test_a_cursor_comes_back_as_it_was(day: date, milestone: int, lead: int) -> None:
    row = {"lead_date": day, "milestone_value": milestone, "lead_id": lead, "more": "x"}
    text = cursors.GAP.write(row)
    assert re.search(cursors.GAP.form, text)
    assert cursors.GAP.read(text) == {"after_lead_date": day, "after_milestone_value": milestone, "after_lead_id": lead}


@given(DAYS, st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=30))
def test_a_drivers_key_comes_back_as_it_was(day: date, key: str) -> None:
    text = cursors.DRIVERS.write({"lead_date": day, "driver_id": key})
    assert cursors.DRIVERS.read(text) == {"after_lead_date": day, "after_driver_id": key}


@pytest.mark.parametrize("form", [cursors.LIMBO, cursors.GAP, cursors.DRIVERS, cursors.RUNS])
@given(data=st.data())
def test_every_text_of_the_form_is_a_place(form: cursors.Cursor, data: st.DataObject) -> None:
    """What OpenAPI says is good is good: no text of the pattern is refused, and none makes a value that breaks SQL."""
    values = form.read(data.draw(st.from_regex(re.compile(form.form, re.ASCII), fullmatch=True)))
    assert not any(isinstance(value, str) and "\0" in value for value in values.values())


@pytest.mark.parametrize(
    "text", ["", "0", "zz", "300000ffffffff", "0b4d1a", "0B4D1AFFFFFFFF", "0b4d1affffffff0", "0b4d1afffffff\n"]
)
def test_any_other_text_is_refused(text: str) -> None:
    with pytest.raises(Problem) as refused:
        cursors.LIMBO.read(text)
    assert (refused.value.status, refused.value.field) == (400, "cursor")


# --- parsing ------------------------------------------------------------------------------------------------


@given(st.text(max_size=30))
def test_any_text_is_a_value_or_a_problem(text: str) -> None:
    """No parameter makes anything else of whatever it is given."""
    names = (
        "limbo_stage",
        "gap_reason",
        "milestone_value",
        "week_start",
        "lead_date_from",
        "lead_date_to",
        "limit",
        "offset",
        "cursor",
        "only_with_debt",
        "min_debt",
        "reached_milestone",
        "scout_id",
        "week_start_from",
        "limit_weeks",
    )
    for name in names:
        for reader in (
            LimboFilter.from_query,
            GapFilter.from_query,
            FinancialFilter.from_query,
            KpiFilter.from_query,
            Page.from_query,
        ):
            try:
                reader({name: text})
            except Problem as problem:
                assert problem.status in (400, 422) and problem.field == name


@pytest.mark.parametrize(
    ("text", "amount"), [("25", Decimal(25)), ("25.50", Decimal("25.5")), ("0", 0), ("1e2", 100), ("1e10", 10**10)]
)
def test_amounts(text: str, amount: Decimal) -> None:
    assert parsing.money({"min_debt": text}, "min_debt") == amount


@pytest.mark.parametrize("text", ["-1", "NaN", "Infinity", "1e11", "25,50", "S/ 25", "0x10", "1e999999999"])
def test_what_is_no_amount(text: str) -> None:
    with pytest.raises(Problem):
        parsing.money({"min_debt": text}, "min_debt")


def test_blank_fields_of_a_form_are_no_filter() -> None:
    assert LimboFilter.from_query({"limbo_stage": "", "week_start": " "}) == LimboFilter()


# --- what viewers see ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "value", "seen"),
    [
        ("park_phone", "+51 900 000 121", "•••••21"),
        ("park_phone", "12345", "•••••"),
        ("asset_plate_number", "ABC-123", "•••••"),
        ("lead_name", "ANA QUISPE", "A. Q."),
        ("driver_name", "José de la Cruz", "J. d. l. C."),
        ("license_number", "Q12345678", "•••••"),
        ("lead_name", None, None),
        ("lead_name", "", ""),
        ("lead_name", " ", " "),
        ("driver_id", "7c17a075", "7c17a075"),
        ("trips_14d", 5, 5),
    ],
)
def test_what_a_viewer_sees(field: str, value: Any, seen: Any) -> None:
    assert access.mask(VIEWER, field, value) == seen
    assert access.mask(OPERATOR, field, value) == value


def test_details_are_hidden_at_any_depth() -> None:
    row = {
        "evidence": {"phone_normalized": "900000121", "more": [{"full_name": "ANA QUISPE", "score": 95}]},
        "lead_id": 1,
    }
    assert masked(VIEWER, row) == {
        "evidence": {"phone_normalized": "•••••21", "more": [{"full_name": "A. Q.", "score": 95}]},
        "lead_id": 1,
    }
    assert masked(OPERATOR, row) is row


# --- statements and values ----------------------------------------------------------------------------------


def test_statements_are_whole() -> None:
    """No part is left out: a brace would reach the database only when the rare branch is asked for."""
    parts = {"columns": "1", "order": "1", "after": "", "relation": "x", "reason": "", "milestone": "1", "amount": "1"}
    for file in ("web_limbo", "web_gap", "web_drivers", "web"):
        for name in queries.load(file):
            assert not re.search(r"[{}]", statement(file, name, **parts)), (file, name)
    for wanted in (GapFilter(), GapFilter("OK")):
        for after in ("", "after", "from_day"):
            for sort in (None, "expected_amount", "-milestone_value"):
                assert not re.search(r"[{}]", rows_statement(wanted, after=after, sort=sort))


def test_values_of_the_database_as_json_has_them() -> None:
    assert [plain(each) for each in (Decimal("25"), Decimal("-0.5"), date(2026, 1, 8))] == [
        "25.00",
        "-0.50",
        "2026-01-08",
    ]
    with pytest.raises(TypeError):
        plain(object())
