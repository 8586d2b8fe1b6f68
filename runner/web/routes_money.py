"""Routes of drivers and their money (10.6, 10.8, 10.9)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from runner.web import cursors, parsing, reads
from runner.web.access import Who
from runner.web.answers import answers
from runner.web.filters import FinancialFilter, KpiFilter, Page
from runner.web.meta import tagged
from runner.web.params import Parameters
from runner.web.pool import Reading
from runner.web.reads.drivers import SORTS

router = APIRouter(tags=["money"])
Given = dict[str, str]

DRIVERS = ("only_with_debt", "min_debt", "reached_milestone", "scout_id", "week_start")
FINANCIAL = Parameters(
    *DRIVERS, "limit", "offset", "include_summary", "use_materialized", sorts=tuple(SORTS), cursor=cursors.DRIVERS
)
KPIS = Parameters(*DRIVERS, "scout_quality_bucket", "week_start_from", "week_start_to", "limit_weeks")
NOTHING = Parameters()


@router.get(
    "/cabinet-financial-14d",
    operation_id="cabinet_financial",
    summary="Drivers and their money",
    responses=answers("Financial"),
    openapi_extra=FINANCIAL.openapi(),
)
def financial(
    request: Request, who: Who, given: Annotated[Given, Depends(FINANCIAL.read)], cursor: Reading
) -> Response:
    """What each driver's leads are worth, what was paid and what is due; summed for the chosen drivers and for all."""
    wanted, page = FinancialFilter.from_query(given), Page.from_query(given, limit=200, sorts=tuple(SORTS))
    summary = parsing.yes(given, "include_summary", True)
    parsing.yes(given, "use_materialized", True)
    return tagged(request, cursor, who, lambda: reads.financial(cursor, wanted, page, include_summary=summary))


@router.get(
    "/yango/cabinet/cobranza-yango/weekly-kpis",
    operation_id="weekly_kpis",
    summary="Money per week",
    responses=answers("WeeklyKpis"),
    openapi_extra=KPIS.openapi(),
)
def weekly_kpis(request: Request, who: Who, given: Annotated[Given, Depends(KPIS.read)], cursor: Reading) -> Response:
    """Drivers and money of each week, newest first."""
    wanted = KpiFilter.from_query(given)
    return tagged(request, cursor, who, lambda: reads.weekly_kpis(cursor, wanted))


@router.get(
    "/cabinet-financial-14d/funnel-gap",
    operation_id="funnel_gap",
    summary="The funnel's first gap",
    responses=answers("FunnelGap"),
    openapi_extra=NOTHING.openapi(),
)
def funnel_gap(request: Request, who: Who, given: Annotated[Given, Depends(NOTHING.read)], cursor: Reading) -> Response:
    """How many leads have no person, no claim, neither."""
    return tagged(request, cursor, who, lambda: reads.funnel_gap(cursor))
