"""Columns of the original's relations, as its database had them: what CHANGELOG.md is compared with."""

from __future__ import annotations


def columns(text: str) -> dict[str, str]:
    """`name type` per line, or `name, name type`, as columns by name."""
    found: dict[str, str] = {}
    for line in text.strip().splitlines():
        *names, last = line.strip().split(", ")
        name, kind = last.split(" ", 1)
        found |= dict.fromkeys([*names, name], kind)
    return found


ORIGINAL = {
    "v_cabinet_leads_limbo": columns("""
        lead_id integer
        lead_source_pk text
        lead_date, week_start date
        park_phone, asset_plate_number character varying
        lead_name text
        person_key uuid
        driver_id character varying
        trips_14d bigint
        window_end_14d timestamp
        reached_m1_14d, reached_m5_14d, reached_m25_14d boolean
        expected_amount_14d numeric(12,2)
        has_claim_m1, has_claim_m5, has_claim_m25 boolean
        limbo_stage, limbo_reason_detail text
    """),
    "v_cabinet_claims_expected_14d": columns("""
        lead_id integer
        lead_source_pk text
        lead_date_canonico, week_start date
        person_key text
        driver_id character varying
        window_end_14d timestamp
        milestone integer
        trips_in_window bigint
        milestone_reached, claim_expected boolean
        amount_expected numeric(12,2)
        expected_reason_detail text
    """),
    "v_cabinet_claims_gap_14d": columns("""
        lead_id integer
        lead_source_pk text
        lead_date, week_start date
        person_key text
        driver_id character varying
        window_end_14d timestamp
        milestone_value integer
        trips_14d bigint
        milestone_achieved, claim_expected, claim_exists boolean
        claim_status, gap_reason, gap_detail text
        amount_expected numeric(12,2)
    """),
    "v_cabinet_14d_funnel_audit_weekly": columns("""
        week_start date
        leads_total, leads_distinct_pk, leads_with_identity, distinct_person_keys bigint
        leads_with_driver, distinct_drivers, drivers_with_trips_14d bigint
        reached_m1_14d, reached_m5_14d, reached_m25_14d bigint
        total_trips_14d_sum numeric
        claims_expected_m1, claims_expected_m5, claims_expected_m25 bigint
        debt_expected_total numeric
        claims_present_m1, claims_present_m5, claims_present_m25 bigint
        claims_missing_m1, claims_missing_m5, claims_missing_m25 bigint
        limbo_no_identity, limbo_no_driver, limbo_no_trips_14d, limbo_trips_no_claim, limbo_ok bigint
        pct_with_identity, pct_with_driver, pct_with_trips_14d numeric
    """),
    "v_claims_payment_status_cabinet": columns("""
        driver_id character varying
        person_key uuid
        milestone_value integer
        lead_date date
        due_date timestamp
        expected_amount numeric(12,2)
        days_overdue integer
        bucket_overdue text
        paid_flag boolean
        paid_date date
        payment_key, payment_identity_status, payment_match_rule, payment_match_confidence text
        payment_status, payment_reason, reason_code, action_priority text
    """),
    "v_cabinet_financial_14d": columns("""
        driver_id character varying
        lead_date date
        driver_name character varying
        iso_week text
        week_start date
        connected_flag boolean
        connected_date date
        total_trips_14d bigint
        reached_m1_14d, reached_m5_14d, reached_m25_14d boolean
        expected_amount_m1, expected_amount_m5, expected_amount_m25, expected_total_yango numeric(12,2)
        claim_m1_exists, claim_m1_paid, claim_m5_exists, claim_m5_paid, claim_m25_exists, claim_m25_paid boolean
        paid_amount_m1, paid_amount_m5, paid_amount_m25, total_paid_yango, amount_due_yango numeric
    """),
}
