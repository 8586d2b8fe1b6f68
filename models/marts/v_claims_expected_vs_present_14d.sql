with states as (
    select * from {{ ref('int_states__lead_claims') }}
),

v_claims_expected_vs_present_14d as (
    select
        lead_id,
        lead_source_pk,
        lead_date,
        week_start,
        person_key,
        driver_id,
        window_end as window_end_14d,
        milestone,
        trips_14d,
        milestone_reached as milestone_achieved,
        claim_expected,
        amount_expected,
        claim_present,
        claim_id,
        claim_status,
        gap_reason,
        claim_row_status,
        present_amount,
        generated_at,
        paid_at,
        claim_status = 'CLAIM_NOT_GENERATED' as claim_missing,
        cast(case when claim_status = 'CLAIM_NOT_GENERATED' then amount_expected else 0 end as numeric(12, 2)) as missing_amount,
        unsupported_cause,
        conflicting_claim_id,
        window_closed,
        duplicate_of_lead_source_pk,
        overlaps_lead_source_pk
    from states
    where {{ is_live('states') }}
)

select * from v_claims_expected_vs_present_14d
