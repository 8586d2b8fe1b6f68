"""Leads in limbo (10.1)."""

from __future__ import annotations

from datetime import date
from typing import Any

from runner.web import cursors
from runner.web.filters import LimboFilter, Page
from runner.web.reads.common import Row, ask, freshness, listed, ordered, statement

ORDER = "l.week_start desc, l.lead_date desc, l.lead_id"
KEYS = ("week_start", "lead_date", "lead_id")
SORTS = {
    "week_start": "l.week_start", "lead_date": "l.lead_date", "lead_source_pk": "l.lead_source_pk",
    "limbo_stage": "l.limbo_stage", "driver_id": "l.driver_id", "trips_14d": "l.trips_14d",
    "expected_amount_14d": "l.expected_amount_14d",
}


def limbo(cursor: Any, wanted: LimboFilter, page: Page) -> Row:
    """Meta, summary and rows. The summary ignores the stage filter, which its cards are themselves (F38)."""
    fresh = freshness(cursor)
    parameters = wanted.parameters()
    summary = ask(cursor, statement("web_limbo", "cards"), parameters)[0]
    total = summary.pop("total")
    after = ""
    if page.cursor:
        week, day, lead = cursors.read(page.cursor, date, date, int)
        parameters |= {"after_week": week, "after_day": day, "after_id": lead}
        after = statement("web_limbo", "after")
    order = ordered(page.sort, ORDER, SORTS, "l.lead_id")
    text = statement("web_limbo", "rows", after=after, order=order)
    rows = ask(cursor, text, {**parameters, "limit": page.limit + 1, "offset": page.offset})
    answer = listed(rows, page, total, fresh, KEYS)
    return {"meta": answer["meta"], "summary": summary, "data": answer["data"]}
