"""Leads in limbo (10.1)."""

from __future__ import annotations

from typing import Any

from runner.web import cursors
from runner.web.filters import LimboFilter, Page
from runner.web.reads.common import Row, ask, begin, freshness, listed, of_run, ordered, statement

FILE = "web_limbo"
ORDER = "l.week_start desc, l.lead_date desc, l.lead_id"
SORTS = {
    "week_start": "l.week_start",
    "lead_date": "l.lead_date",
    "lead_source_pk": "l.lead_source_pk",
    "limbo_stage": "l.limbo_stage",
    "driver_id": "l.driver_id",
    "trips_14d": "l.trips_14d",
    "expected_amount_14d": "l.expected_amount_14d",
}


def limbo(cursor: Any, wanted: LimboFilter, page: Page) -> Row:
    """Meta, summary and rows. The summary ignores the stage filter, which its cards are themselves (F38)."""
    fresh = freshness(cursor)
    summary = of_run(cursor, fresh, FILE, "cards", wanted)[0]
    total = summary.pop("total")
    answer = listed(_rows(cursor, fresh, wanted, page), page, total, fresh, cursors.LIMBO)
    return {"meta": answer["meta"], "summary": summary, "data": answer["data"]}


def _rows(cursor: Any, fresh: Row, wanted: LimboFilter, page: Page) -> list[Row]:
    begun = begin(cursor, fresh, FILE, cursors.LIMBO, wanted, page)
    if begun is None:
        return []
    parameters, after = begun
    sort = None if page.cursor else page.sort
    text = statement(
        FILE,
        "rows",
        columns="l.*",
        order=ordered(sort, ORDER, SORTS, "l.lead_id"),
        after=statement(FILE, after) if after else "",
    )
    return ask(cursor, text, parameters)
