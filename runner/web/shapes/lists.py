"""Schemas of limbo and gap."""

from __future__ import annotations

from runner.web.described import Schema, field, fields, shape
from runner.web.shapes.common import FRESH, PAGED, counts, money, page_of

LEAD_NULLS = (
    "park_phone",
    "asset_plate_number",
    "lead_name",
    "person_key",
    "driver_id",
    "claims_missing",
    "claim_status_m1",
    "claim_status_m5",
    "claim_status_m25",
    "duplicate_of_lead_source_pk",
    "overlaps_lead_source_pk",
    "limbo_reason_detail",
)


GAP_COLUMNS = (
    "lead_id",
    "lead_source_pk",
    "driver_id",
    "person_key",
    "lead_date",
    "week_start",
    "milestone_value",
    "trips_14d",
    "milestone_achieved",
    "expected_amount",
    "claim_expected",
    "claim_exists",
    "claim_status",
    "gap_reason",
)


def limbo() -> Schema:
    """10.1."""
    summary = counts(
        total_leads="Leads of all stages.",
        limbo_no_identity="Leads without a person.",
        limbo_no_driver="Leads with a person and no driver.",
        limbo_no_trips_14d="Leads without trips.",
        limbo_trips_no_claim="Leads with a reached milestone and no claim.",
        limbo_ok="Complete leads.",
    )
    return page_of(fields("v_cabinet_leads_limbo", LEAD_NULLS), summary, {**PAGED, **FRESH}, "A page of leads.")


def gap() -> Schema:
    """10.3."""
    summary = {
        **counts(
            total_gaps="Missing claims.",
            gaps_milestone_achieved_no_claim="The same: reached and not raised.",
            gaps_claim_exists="Expected claims that exist.",
            gaps_milestone_not_achieved="Milestones not reached.",
            gaps_m1="Missing M1.",
            gaps_m5="Missing M5.",
            gaps_m25="Missing M25.",
        ),
        **money(total_expected_amount="What the missing claims are worth."),
    }
    row = fields("v_cabinet_claims_gap_14d", ("driver_id", "person_key"), only=GAP_COLUMNS)
    return page_of(row, summary, {**PAGED, **FRESH}, "A page of claims.")


def gap_summary() -> Schema:
    """10.4."""
    return shape(
        {
            **counts(
                total_gaps="Missing claims.",
                gaps_claim_not_generated="The same.",
                gaps_ok="Expected claims that exist.",
                gaps_no_identity="Milestones of leads without a person.",
                gaps_no_driver="Of persons without a driver.",
                gaps_insufficient_trips="Not reached.",
                gaps_duplicate_lead="Borne by another lead (D-2).",
                gaps_claim_rejected="Raised and rejected.",
                gaps_claim_expired="Raised and expired.",
                gaps_m1="Missing M1.",
                gaps_m5="Missing M5.",
                gaps_m25="Missing M25.",
            ),
            **money(
                monto_total_expected_missing="Worth of the missing claims.",
                monto_total_expected_ok="Worth of the expected claims that exist.",
            ),
            "week_start": field("date", "The week asked for; null for all.", null=True),
            "meta": shape(FRESH, "How fresh it is."),
        },
        "Claims by reason and milestone.",
    )
