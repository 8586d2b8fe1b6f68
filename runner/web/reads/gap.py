"""Missing claims, and claims by reason (10.3, 10.4)."""

from __future__ import annotations

from datetime import date
from typing import Any

from runner.web import cursors
from runner.web.filters import MISSING, GapFilter, Page
from runner.web.reads.common import Row, ask, begin, freshness, listed, of_run, ordered, statement

FILE = "web_gap"
ORDER = "c.week_start desc, c.lead_date desc, {milestone} desc, c.lead_id"
SORTS = {
    "week_start": "c.week_start",
    "lead_date": "c.lead_date",
    "lead_source_pk": "c.lead_source_pk",
    "driver_id": "c.driver_id",
    "milestone_value": "{milestone}",
    "trips_14d": "c.trips_14d",
    "expected_amount": "{amount}",
}
# The relation of the missing claims and the one of all of them call two columns by different names.
NAMES = {
    True: {"milestone": "c.milestone_value", "amount": "c.expected_amount"},
    False: {"milestone": "c.milestone", "amount": "c.amount_expected"},
}


def gap(cursor: Any, wanted: GapFilter, page: Page) -> Row:
    """Meta, summary and rows: the missing claims, or with another reason the claims of that reason (D-10)."""
    fresh = freshness(cursor)
    summary = of_run(cursor, fresh, FILE, "cards", wanted)[0]
    total = summary.pop("total")
    answer = listed(_rows(cursor, fresh, wanted, page), page, total, fresh, cursors.GAP)
    return {"meta": answer["meta"], "summary": summary, "data": answer["data"]}


def _rows(cursor: Any, fresh: Row, wanted: GapFilter, page: Page) -> list[Row]:
    begun = begin(cursor, fresh, FILE, cursors.GAP, wanted, page)
    if begun is None:
        return []
    parameters, after = begun
    sort = None if page.cursor else page.sort
    return ask(cursor, rows_statement(wanted, after=after, sort=sort), parameters)


def rows_statement(wanted: GapFilter, *, after: str = "", sort: str | None = None) -> str:
    """The rows of a filter: from the gap relation, or from the one that has every reason."""
    missing = wanted.gap_reason in (None, MISSING)
    text = statement(
        FILE,
        "rows",
        after=statement(FILE, after) if after else "",
        relation="ops.v_cabinet_claims_gap_14d" if missing else "ops.v_claims_expected_vs_present_14d",
        columns=statement(FILE, "missing_columns" if missing else "any_columns"),
        reason="" if missing else statement(FILE, "reason"),
        order=ordered(sort, ORDER, SORTS, "c.lead_id, {milestone}"),
    )
    for name, value in NAMES[missing].items():
        text = text.replace(f"{{{name}}}", value)
    return text


def gap_summary(cursor: Any, week_start: date | None) -> Row:
    """Counts and money by reason and milestone, of all weeks or of one."""
    fresh = freshness(cursor)
    parameters = {"week_start": week_start, "milestone_value": None}
    return {**ask(cursor, statement(FILE, "summary"), parameters)[0], "week_start": week_start, "meta": fresh}
