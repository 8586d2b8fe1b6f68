"""Routes of the two lists and their summary (10.1, 10.3, 10.4)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from runner.web import cursors, parsing, reads
from runner.web.access import Who
from runner.web.answers import answers
from runner.web.filters import GapFilter, LimboFilter, Page
from runner.web.meta import tagged
from runner.web.params import Parameters
from runner.web.pool import Reading
from runner.web.reads.gap import SORTS as GAP_SORTS
from runner.web.reads.limbo import SORTS as LIMBO_SORTS

router = APIRouter(prefix="/cabinet-financial-14d", tags=["limbo and gap"])
Given = dict[str, str]

LIMBO = Parameters(
    "limbo_stage",
    "week_start",
    "lead_date_from",
    "lead_date_to",
    "limit",
    "offset",
    sorts=tuple(LIMBO_SORTS),
    cursor=cursors.LIMBO,
)
GAP = Parameters(
    "gap_reason",
    "week_start",
    "lead_date_from",
    "lead_date_to",
    "milestone_value",
    "limit",
    "offset",
    cursor=cursors.GAP,
    sorts=tuple(GAP_SORTS),
)
GAP_SUMMARY = Parameters("week_start")


@router.get(
    "/limbo", operation_id="limbo", summary="Leads in limbo", responses=answers("Limbo"), openapi_extra=LIMBO.openapi()
)
def limbo(request: Request, who: Who, given: Annotated[Given, Depends(LIMBO.read)], cursor: Reading) -> Response:
    """Every lead with the stage at which it stands, newest week first, and how many leads there are per stage."""
    wanted, page = LimboFilter.from_query(given), Page.from_query(given, sorts=tuple(LIMBO_SORTS))
    return tagged(request, cursor, who, lambda: reads.limbo(cursor, wanted, page))


@router.get(
    "/claims-gap",
    operation_id="claims_gap",
    summary="Missing claims",
    responses=answers("ClaimsGap"),
    openapi_extra=GAP.openapi(),
)
def gap(request: Request, who: Who, given: Annotated[Given, Depends(GAP.read)], cursor: Reading) -> Response:
    """Claims that ought to exist and do not; with another `gap_reason`, the claims of that reason."""
    wanted, page = GapFilter.from_query(given), Page.from_query(given, sorts=tuple(GAP_SORTS))
    return tagged(request, cursor, who, lambda: reads.gap(cursor, wanted, page))


@router.get(
    "/claims-gap/summary",
    operation_id="claims_gap_summary",
    summary="Claims by reason and milestone",
    responses=answers("ClaimsGapSummary"),
    openapi_extra=GAP_SUMMARY.openapi(),
)
def gap_summary(
    request: Request, who: Who, given: Annotated[Given, Depends(GAP_SUMMARY.read)], cursor: Reading
) -> Response:
    """Counts and money by reason and milestone, of all weeks or of one."""
    week = parsing.monday(given, "week_start")
    return tagged(request, cursor, who, lambda: reads.gap_summary(cursor, week))
