"""What the schemas share: freshness, paging, counts, money and rates."""

from __future__ import annotations

from datetime import date, timedelta

from runner.web.described import MONEY, Schema, field, several, shape

MONDAYS = [str(date(2024, 1, 1) + timedelta(weeks=number)) for number in range(12 * 52)]
MONDAY: Schema = {
    "type": "string",
    "enum": MONDAYS,
    "description": "A Monday, which names a week; other weekdays are refused. Listed are 2024 to 2035; more are taken.",
}
FRESH: dict[str, Schema] = {
    "as_of": field("date", "Day that the data is looked at from (D-7).", name="as_of"),
    "built_at": field("timestamp with time zone", "When the run that readers see was published."),
    "run_id": field("bigint", "Run that readers see; while it stays, so does every answer.", name="run_id"),
}


PAGED: dict[str, Schema] = {
    "limit": field("bigint", "Rows asked for."),
    "offset": field("bigint", "Rows passed over."),
    "returned": field("bigint", "Rows in `data`."),
    "total": field("bigint", "Rows of all pages, after the filters."),
    "next_cursor": field(
        "text", "Where the next page begins; null on the last one, and under another sort.", null=True
    ),
}


def counts(**texts: str) -> dict[str, Schema]:
    """Whole numbers."""
    return {name: field("bigint", text) for name, text in texts.items()}


def money(**texts: str) -> dict[str, Schema]:
    """Amounts."""
    return {
        name: {**MONEY, "description": f"{text} In PEN, as text with two decimals."} for name, text in texts.items()
    }


def rates(**texts: str) -> dict[str, Schema]:
    """Percentages."""
    return {name: field("double precision", text) for name, text in texts.items()}


def page_of(
    row: dict[str, Schema], totals: dict[str, Schema] | None, meta: dict[str, Schema], what: str, **more: Schema
) -> Schema:
    """Meta, summary and rows."""
    parts: dict[str, Schema] = {"meta": shape(meta, "Which part of the list this is, and how fresh it is.")}
    if totals is not None:
        parts["summary"] = shape(totals, "Counts and sums after the filters.")
    return shape({**parts, **more, "data": several(shape(row, "One row."), "The rows.")}, what)
