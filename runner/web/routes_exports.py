"""Routes of the files (10.2, 10.5, 10.7): the same filters as the lists, for operators only."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from runner.web import exported, parsing
from runner.web.access import Operator
from runner.web.answers import file_answers
from runner.web.exported import Chosen
from runner.web.exports import FileResponse, Reading
from runner.web.filters import FinancialFilter, GapFilter, LimboFilter
from runner.web.params import Declared, Parameters
from runner.web.workbook import KIND, xlsx

router = APIRouter(prefix="/cabinet-financial-14d", tags=["exports"])
Given = dict[str, str]

CSV = "text/csv; charset=utf-8"
LIMIT: Declared = (
    {"type": "integer", "minimum": 1, "maximum": exported.MOST},
    "Rows of the file at most (default 10000); a file cut short says so in its name and headers.",
    10_000,
)
LANGUAGE: Declared = ({"type": "string", "enum": ["es", "en"]}, "Language of the column names (default es).", "es")
FORMAT: Declared = ({"type": "string", "enum": ["csv", "xlsx"]}, "Kind of file (default csv).", "csv")

LIMBO = Parameters("limbo_stage", "week_start", "lead_date_from", "lead_date_to", limit=LIMIT)
GAP = Parameters("gap_reason", "week_start", "lead_date_from", "lead_date_to", "milestone_value", limit=LIMIT)
FINANCIAL = Parameters(
    "only_with_debt", "min_debt", "reached_milestone", "week_start", "use_materialized", format=FORMAT, lang=LANGUAGE
)


@router.get(
    "/limbo/export",
    operation_id="limbo_export",
    summary="Leads in limbo as a file",
    responses=file_answers("text/csv"),
    openapi_extra=LIMBO.openapi(),
    response_class=Response,
)
def limbo(request: Request, who: Operator, given: Annotated[Given, Depends(LIMBO.read)]) -> Response:
    """The leads of a filter as CSV: UTF-8 with BOM, CRLF, no cell that a spreadsheet would run."""
    wanted, limit = LimboFilter.from_query(given), _limit(given)
    return _sent(request, who, "limbo", lambda cursor: exported.limbo(cursor, wanted, limit))


@router.get(
    "/claims-gap/export",
    operation_id="claims_gap_export",
    summary="Missing claims as a file",
    responses=file_answers("text/csv"),
    openapi_extra=GAP.openapi(),
    response_class=Response,
)
def gap(request: Request, who: Operator, given: Annotated[Given, Depends(GAP.read)]) -> Response:
    """The claims of a filter as CSV."""
    wanted, limit = GapFilter.from_query(given), _limit(given)
    return _sent(request, who, "claims_gap", lambda cursor: exported.gap(cursor, wanted, limit))


@router.get(
    "/export",
    operation_id="cabinet_financial_export",
    summary="Drivers and their money as a file",
    responses=file_answers("text/csv", KIND),
    openapi_extra=FINANCIAL.openapi(),
    response_class=Response,
)
def financial(request: Request, who: Operator, given: Annotated[Given, Depends(FINANCIAL.read)]) -> Response:
    """The drivers of a filter as CSV or as a workbook; more than 200,000 are refused rather than cut."""
    wanted = FinancialFilter.from_query(given)
    parsing.yes(given, "use_materialized", True)
    kind = parsing.choice(given, "format", ("csv", "xlsx")) or "csv"
    language = parsing.choice(given, "lang", ("es", "en")) or who.language
    return _sent(request, who, "financial_14d", lambda cursor: exported.financial(cursor, wanted, language), kind)


def _limit(given: Given) -> int:
    return parsing.whole(given, "limit", 1, exported.MOST) or 10_000


def _sent(request: Request, who: Operator, name: str, choose: Callable[[Any], Chosen], kind: str = "csv") -> Response:
    """Count first, in the snapshot that the rows come from: what is too much is refused before anything is sent."""
    state = request.app.state
    reading = Reading(state.pool, state.slots, who, name)
    try:
        with state.pool.cursor(reading.connection) as cursor:
            chosen = choose(cursor)
        pieces = reading.csv(chosen.table) if kind == "csv" else xlsx(reading, chosen.table)
        moment = datetime.now(ZoneInfo(state.timezone))
        return FileResponse(pieces, reading.close, CSV if kind == "csv" else KIND, chosen.headers(moment, kind))
    except BaseException:
        reading.close()
        raise
