"""Drivers and their money, by driver and by week, and the first gap of the funnel (10.6, 10.8, 10.9)."""

from __future__ import annotations

from typing import Any

from runner.web import cursors
from runner.web.filters import FinancialFilter, KpiFilter, Page
from runner.web.reads.common import Row, ask, freshness, listed, of_run, ordered, place, statement

ORDER = "f.week_start desc, f.lead_date desc, f.driver_id"
SORTS = {
    "week_start": "f.week_start",
    "lead_date": "f.lead_date",
    "driver_id": "f.driver_id",
    "driver_name": "f.driver_name",
    "total_trips_14d": "f.total_trips_14d",
    "expected_total_yango": "f.expected_total_yango",
    "total_paid_yango": "f.total_paid_yango",
    "amount_due_yango": "f.amount_due_yango",
    "scout_id": "f.scout_id",
}
FUNNEL = ("with_identity", "with_claims", "without_identity", "without_claims", "without_both")


def financial(cursor: Any, wanted: FinancialFilter, page: Page, *, include_summary: bool = True) -> Row:
    """Meta, rows, and the summaries of what the filter chose and of everybody (null when they are not asked for)."""
    fresh = freshness(cursor)
    parameters = wanted.parameters()
    chosen, everybody = (
        of_run(cursor, fresh, "web_drivers", "summary", each)[0] for each in (wanted, FinancialFilter())
    )
    after, sort = "", None if page.cursor else page.sort
    if page.cursor:
        parameters |= place(cursor, cursors.DRIVERS, page.cursor)
        after = statement("web_drivers", "after")
    text = statement("web_drivers", "rows", after=after, order=ordered(sort, ORDER, SORTS, "f.driver_id"))
    rows = ask(cursor, text, {**parameters, "limit": page.limit + 1, "offset": page.offset})
    answer = listed(rows, page, chosen["total_drivers"], fresh, cursors.DRIVERS)
    return {
        "meta": answer["meta"],
        "summary": chosen if include_summary else None,
        "summary_total": everybody if include_summary else None,
        "data": answer["data"],
    }


def weekly_kpis(cursor: Any, wanted: KpiFilter) -> Row:
    """Money per week, newest first."""
    fresh = freshness(cursor)
    weeks = of_run(cursor, fresh, "web_drivers", "weeks", wanted)
    return {"status": "ok", "weeks": weeks, "filters": wanted.parameters(), "meta": fresh}


def funnel_gap(cursor: Any) -> Row:
    """How many leads have no person, no claim, neither."""
    fresh = freshness(cursor)
    found = ask(cursor, statement("web_drivers", "funnel"), {})[0]
    percentages = {name: found.pop(name) for name in FUNNEL}
    return {**found, "percentages": percentages, "meta": fresh}
