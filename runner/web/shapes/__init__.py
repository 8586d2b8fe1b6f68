"""What the API answers, as OpenAPI tells it: schemas by name."""

from __future__ import annotations

from runner.web.described import Schema
from runner.web.shapes import drivers, lists, trace, watch
from runner.web.shapes.common import MONDAY

SCHEMAS = {
    "Limbo": lists.limbo,
    "ClaimsGap": lists.gap,
    "ClaimsGapSummary": lists.gap_summary,
    "Financial": drivers.financial,
    "WeeklyKpis": drivers.weekly_kpis,
    "FunnelGap": drivers.funnel_gap,
    "Alerts": watch.alerts,
    "Runs": watch.runs,
    "Run": watch.run,
    "Suggestions": watch.suggestions,
    "Trace": trace.trace,
    "Health": watch.health,
    "Down": watch.down,
    "Error": watch.error,
}


def components() -> dict[str, Schema]:
    """Every schema by name."""
    return {"Monday": MONDAY, **{name: make() for name, make in SCHEMAS.items()}}
