"""What watches over the nights: alerts, runs, suggestions for review, health."""

from __future__ import annotations

from datetime import date
from typing import Any

from runner import queries
from runner.web import cursors
from runner.web.filters import Page
from runner.web.problems import Problem
from runner.web.reads.common import Row, ask, freshness, listed


def alerts(cursor: Any, state: str | None = None, severity: str | None = None) -> Row:
    """Every rule as it stands at the live run, what fires first."""
    fresh = freshness(cursor)
    rows = ask(cursor, queries.get("web", "alerts"), {"state": state, "severity": severity})
    return {
        "meta": {"returned": len(rows), "total": len(rows), **fresh},
        "summary": {
            "firing": sum(row["state"] == "FIRING" for row in rows),
            "critical": sum(row["state"] == "FIRING" and row["severity"] == "CRITICAL" for row in rows),
        },
        "data": rows,
    }


def runs(cursor: Any, command: str | None, page: Page) -> Row:
    """What ran, newest first. Tells neither who nor where, nor the words of an error."""
    parameters: Row = {"command": command, "run_id": None, "after_run_id": None}
    if page.cursor:
        parameters |= cursors.RUNS.read(page.cursor)
    rows = ask(cursor, queries.get("web", "runs"), {**parameters, "limit": page.limit + 1, "offset": page.offset})
    total = ask(cursor, queries.get("web", "runs_total"), parameters)[0]["total"]
    return listed(rows, page, total, _fresh_or_none(cursor), cursors.RUNS)


def run(cursor: Any, run_id: int) -> Row:
    """One run with its steps. Raises a 404 Problem."""
    parameters = {"command": None, "run_id": run_id, "after_run_id": None, "limit": 1, "offset": 0}
    found = ask(cursor, queries.get("web", "runs"), parameters)
    if not found:
        raise Problem(404, "NO_SUCH_RUN", f"There is no run {run_id}.", "See the latest ones at /runs.", "run_id")
    return {**found[0], "steps": ask(cursor, queries.get("web", "steps"), {"run_id": run_id})}


def suggestions(cursor: Any, lead_source_pk: str | None, reason_code: str | None, page: Page) -> Row:
    """Drivers that a lead may belong to and that a person must choose from."""
    fresh = freshness(cursor)
    parameters = {"lead_source_pk": lead_source_pk, "reason_code": reason_code}
    part = {"limit": page.limit + 1, "offset": page.offset}
    rows = ask(cursor, queries.get("web", "suggestions"), {**parameters, **part})
    counted = ask(cursor, queries.get("web", "suggestions_total"), parameters)[0]
    answer = listed(rows, page, counted["total"], fresh, None)
    return {"meta": answer["meta"], "summary": {"leads": counted["leads"]}, "data": answer["data"]}


def health(cursor: Any) -> Row:
    """Ages of the last build and of the last run."""
    return ask(cursor, queries.get("web", "health"), {})[0]


def _fresh_or_none(cursor: Any) -> dict[str, date | int | None]:
    try:
        return freshness(cursor)
    except Problem:
        return {"as_of": None, "built_at": None, "run_id": None}
