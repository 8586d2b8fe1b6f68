"""Routes of what watches over the nights: alerts, runs, suggestions."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import Response

from runner.web import cursors, parsing, reads
from runner.web.access import Who, masked
from runner.web.answers import answers
from runner.web.filters import Page
from runner.web.meta import as_json, tagged
from runner.web.params import KNOWN, Parameters
from runner.web.pool import Reading

router = APIRouter(tags=["watch"])
Given = dict[str, str]

ALERTS = Parameters("state", "severity")
RUNS = Parameters("command", "limit", "offset", cursor=cursors.RUNS)
NOTHING = Parameters()
RunId = Annotated[int, Path(ge=1, le=parsing.BIGGEST, description="Number of the run.", examples=[2])]
SUGGESTIONS = Parameters("lead_source_pk", "reason_code", "limit", "offset")


@router.get(
    "/alerts",
    operation_id="alerts",
    summary="Alert rules at the live run",
    responses=answers("Alerts", tagged=False),
    openapi_extra=ALERTS.openapi(),
)
def alerts(who: Who, given: Annotated[Given, Depends(ALERTS.read)], cursor: Reading) -> Response:
    """Every rule with its value, threshold and state, what fires first. No ETag: a rule may be muted at any time."""
    state = parsing.choice(given, "state", tuple(KNOWN["state"][0]["enum"]))
    severity = parsing.choice(given, "severity", tuple(KNOWN["severity"][0]["enum"]))
    return as_json(masked(who, reads.alerts(cursor, state, severity)))


@router.get(
    "/runs",
    operation_id="runs",
    summary="What ran",
    responses=answers("Runs", tagged=False),
    openapi_extra=RUNS.openapi(),
)
def runs(who: Who, given: Annotated[Given, Depends(RUNS.read)], cursor: Reading) -> Response:
    """Commands that wrote, newest first. Has no ETag: it changes while nights run."""
    page = Page.from_query(given)
    return as_json(reads.runs(cursor, parsing.text(given, "command", 40), page))


@router.get(
    "/runs/{run_id}",
    operation_id="run",
    summary="One run",
    responses=answers("Run", 404, tagged=False),
    openapi_extra=NOTHING.openapi(),
)
def run(run_id: RunId, who: Who, given: Annotated[Given, Depends(NOTHING.read)], cursor: Reading) -> Response:
    """One run with its steps and what they counted."""
    return as_json(reads.run(cursor, run_id))


@router.get(
    "/identity/suggestions",
    operation_id="identity_suggestions",
    summary="Pairs for review",
    responses=answers("Suggestions"),
    openapi_extra=SUGGESTIONS.openapi(),
)
def suggestions(
    request: Request, who: Who, given: Annotated[Given, Depends(SUGGESTIONS.read)], cursor: Reading
) -> Response:
    """Drivers that an undecided lead may belong to, and what would settle it."""
    lead, reason = parsing.text(given, "lead_source_pk"), parsing.text(given, "reason_code", 40)
    page = Page.from_query(given)
    return tagged(request, cursor, who, lambda: reads.suggestions(cursor, lead, reason, page))
