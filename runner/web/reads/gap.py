"""Missing claims, and claims by reason (10.3, 10.4)."""

from __future__ import annotations

from datetime import date
from typing import Any

from runner.web import cursors
from runner.web.filters import MISSING, GapFilter, Page
from runner.web.reads.common import Row, ask, freshness, listed, ordered, statement

KEYS = ("week_start", "lead_date", "milestone_value", "lead_id")
SORTS = {"week_start": "c.week_start", "lead_date": "c.lead_date", "driver_id": "c.driver_id",
         "milestone_value": "{milestone}", "trips_14d": "c.trips_14d", "expected_amount": "{amount}",
         "lead_source_pk": "c.lead_source_pk"}


def gap(cursor: Any, wanted: GapFilter, page: Page) -> Row:
    """Meta, summary and rows: the missing claims, or with another reason the claims of that reason (D-10)."""
    fresh = freshness(cursor)
    parameters = wanted.parameters()
    summary = ask(cursor, statement("web_gap", "cards"), parameters)[0]
    total = summary.pop("total")
    after = ""
    if page.cursor:
        week, day, milestone, lead = cursors.read(page.cursor, date, date, int, int)
        parameters |= {"after_week": week, "after_day": day, "after_milestone": milestone, "after_id": lead}
        after = "{after}"
    rows = ask(cursor, rows_statement(wanted, after=after, sort=page.sort),
               {**parameters, "limit": page.limit + 1, "offset": page.offset})
    answer = listed(rows, page, total, fresh, KEYS)
    return {"meta": answer["meta"], "summary": summary, "data": answer["data"]}


def rows_statement(wanted: GapFilter, *, after: str = "", sort: str | None = None) -> str:
    """The rows of a filter: from the gap relation, or from the one that has every reason."""
    missing = wanted.gap_reason in (None, MISSING)
    names = {"milestone": "c.milestone_value" if missing else "c.milestone",
             "amount": "c.expected_amount" if missing else "c.amount_expected"}
    order = ordered(sort, "c.week_start desc, c.lead_date desc, {milestone} desc, c.lead_id", SORTS,
                    "c.lead_id, {milestone}")
    parts = {"after": statement("web_gap", "after") if after else "",
             "relation": "ops.v_cabinet_claims_gap_14d" if missing else "ops.v_claims_expected_vs_present_14d",
             "columns": statement("web_gap", "missing_columns" if missing else "any_columns"),
             "reason": "" if missing else statement("web_gap", "reason"), "order": order}
    text = statement("web_gap", "rows", **parts)
    for name, value in names.items():
        text = text.replace(f"{{{name}}}", value)
    return text


def gap_summary(cursor: Any, week_start: date | None) -> Row:
    """Counts and money by reason and milestone, of all weeks or of one."""
    fresh = freshness(cursor)
    found = ask(cursor, statement("web_gap", "summary"), {"week_start": week_start})[0]
    return {**found, "week_start": week_start, "meta": fresh}
