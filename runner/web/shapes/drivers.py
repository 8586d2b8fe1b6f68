"""Schemas of drivers, weeks and the funnel."""

from __future__ import annotations

from runner.web.described import Schema, field, fields, several, shape
from runner.web.shapes.common import FRESH, PAGED, counts, money, page_of, rates

SCOUT: dict[str, Schema] = {
    "scout_name": field("text", "Not kept here: null.", null=True),
    "scout_quality_bucket": field("text", "Not kept here: null.", null=True),
    "is_scout_resolved": field("boolean", "Whether the driver has a scout."),
    "scout_source_table": field("text", "Not kept here: null.", null=True),
    "scout_attribution_date": field("date", "Not kept here: null.", null=True),
    "scout_priority": field("integer", "Not kept here: null.", null=True),
}


def financial() -> Schema:
    """10.6."""
    summary = {
        **counts(
            total_drivers="Drivers.",
            drivers_with_expected="Drivers with something expected.",
            drivers_with_debt="Drivers with something due.",
        ),
        **money(
            total_expected_yango="Expected.",
            total_paid_yango="Paid.",
            total_debt_yango="Due: expected less paid (R18).",
        ),
        **rates(collection_percentage="Paid of expected, in percent."),
        **counts(
            drivers_m1="Drivers that reached M1.",
            drivers_m5="M5.",
            drivers_m25="M25.",
            drivers_with_scout="Drivers with a scout.",
            drivers_without_scout="Drivers without.",
        ),
        **rates(pct_with_scout="Drivers with a scout, in percent."),
    }
    row = {**fields("v_cabinet_financial_14d", ("driver_name", "connected_date", "scout_id", "person_key")), **SCOUT}
    both = {**shape(summary, "Sums over the chosen drivers; null without include_summary."), "type": ["object", "null"]}
    everybody = {**both, "description": "Sums over all drivers; null without include_summary."}
    return page_of(row, None, {**PAGED, **FRESH}, "A page of drivers.", summary=both, summary_total=everybody)


def weekly_kpis() -> Schema:
    """10.8."""
    week = {
        "week_start": field("date", "Monday of the week of the driver's latest lead.", name="week_start"),
        **counts(total_rows="Drivers."),
        **money(debt_sum="Due: expected less paid, overpaid drivers included."),
        **counts(with_scout="Drivers with a scout."),
        **rates(pct_with_scout="The same in percent."),
        **counts(reached_m1="Drivers that reached M1.", reached_m5="M5.", reached_m25="M25."),
        **money(paid_sum="Paid.", unpaid_sum="Due of the drivers that have something due."),
    }
    return shape(
        {
            "status": {"type": "string", "enum": ["ok"], "description": "Always ok.", "example": "ok"},
            "weeks": several(shape(week, "One week."), "Newest first."),
            "filters": {
                "type": "object",
                "description": "The filters as they were understood.",
                "example": {"limit_weeks": 52},
            },
            "meta": shape(FRESH, "How fresh it is."),
        },
        "Money per week.",
    )


def funnel_gap() -> Schema:
    """10.9."""
    names = {
        "with_identity": "Leads with a person.",
        "with_claims": "Leads with a claim.",
        "without_identity": "Leads without a person.",
        "without_claims": "Leads without a claim.",
        "without_both": "Leads without either.",
    }
    return shape(
        {
            **counts(total_leads="Leads."),
            **counts(**{f"leads_{name}": text for name, text in names.items()}),
            "percentages": shape(rates(**names), "The same in percent of all leads."),
            "meta": shape(FRESH, "How fresh it is."),
        },
        "The first gap of the funnel.",
    )
