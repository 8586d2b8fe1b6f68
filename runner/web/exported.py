"""What goes into each file: its columns, its rows, and how many there are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from runner.web.exports import Table
from runner.web.filters import FinancialFilter, GapFilter, LimboFilter
from runner.web.problems import Problem
from runner.web.reads.common import Row, ask, freshness, statement
from runner.web.reads.gap import rows_statement
from runner.web.reads.limbo import ORDER as LIMBO_ORDER
from runner.web.shapes.lists import GAP_COLUMNS

MOST, MOST_DRIVERS = 1_000_000, 200_000
LIMBO_COLUMNS = (
    "lead_id",
    "lead_source_pk",
    "lead_date",
    "week_start",
    "park_phone",
    "asset_plate_number",
    "lead_name",
    "person_key",
    "driver_id",
    "trips_14d",
    "window_end_14d",
    "reached_m1_14d",
    "reached_m5_14d",
    "reached_m25_14d",
    "expected_amount_14d",
    "has_claim_m1",
    "has_claim_m5",
    "has_claim_m25",
    "limbo_stage",
    "limbo_reason_detail",
)
YES_NO = {"es": ("Sí", "No"), "en": ("Yes", "No")}


@dataclass(frozen=True)
class Chosen:
    """A table, and what its headers tell."""

    table: Table
    total: int
    limit: int
    fresh: Row

    def headers(self, moment: datetime, kind: str) -> dict[str, str]:
        """Name and signs of the file. Its name says when rows were left out, since people see no header."""
        cut = self.total > self.limit
        name = f"{self.table.name}_{moment:%Y%m%d_%H%M%S}" + (f"_{self.limit}_de_{self.total}" if cut else "")
        return {
            "content-disposition": f'attachment; filename="{name}.{kind}"',
            "x-total-rows": str(self.total),
            "x-truncated": "true" if cut else "false",
            "x-run-id": str(self.fresh["run_id"]),
            "x-as-of": str(self.fresh["as_of"]),
        }


def limbo(cursor: Any, wanted: LimboFilter, limit: int) -> Chosen:
    """10.2."""
    fresh = freshness(cursor)
    total = ask(cursor, statement("web_limbo", "cards"), wanted.parameters())[0]["total"]
    text = statement(
        "web_limbo", "rows", columns=", ".join(f"l.{name}" for name in LIMBO_COLUMNS), order=LIMBO_ORDER, after=""
    )
    parameters = {**wanted.parameters(), "limit": limit, "offset": 0}
    return Chosen(Table("cabinet_limbo", LIMBO_COLUMNS, text, parameters), total, limit, fresh)


def gap(cursor: Any, wanted: GapFilter, limit: int) -> Chosen:
    """10.5."""
    fresh = freshness(cursor)
    total = ask(cursor, statement("web_gap", "cards"), wanted.parameters())[0]["total"]
    parameters = {**wanted.parameters(), "limit": limit, "offset": 0}
    return Chosen(Table("cabinet_claims_gap", GAP_COLUMNS, rows_statement(wanted), parameters), total, limit, fresh)


def financial(cursor: Any, wanted: FinancialFilter, language: str) -> Chosen:
    """10.7. Raises a 413 Problem for more drivers than a file may hold."""
    fresh = freshness(cursor)
    parameters = wanted.parameters()
    total = ask(cursor, statement("web_drivers", "total"), parameters)[0]["total"]
    if total > MOST_DRIVERS:
        raise Problem(
            413,
            "TOO_MANY_ROWS",
            f"The file would have {total} rows; {MOST_DRIVERS} are the most.",
            "Choose one week, or only drivers with debt.",
        )
    named = ask(cursor, statement("web_drivers", "labels"), {"language": language})
    text = statement("web_drivers", "exported", columns=", ".join(f"f.{each['code']}" for each in named))
    table = Table("cabinet_financial_14d", tuple(each["label"] for each in named), text, parameters, YES_NO[language])
    return Chosen(table, total, MOST_DRIVERS, fresh)
