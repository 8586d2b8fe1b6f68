"""What the API and the page read: functions of a cursor and a filter that give plain dicts in the API's shape."""

from runner.web.reads.common import freshness
from runner.web.reads.drivers import financial, funnel_gap, weekly_kpis
from runner.web.reads.gap import gap, gap_summary
from runner.web.reads.limbo import limbo
from runner.web.reads.watch import alerts, health, run, runs, suggestions

__all__ = [
    "alerts",
    "financial",
    "freshness",
    "funnel_gap",
    "gap",
    "gap_summary",
    "health",
    "limbo",
    "run",
    "runs",
    "suggestions",
    "weekly_kpis",
]
