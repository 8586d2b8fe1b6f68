with states as (
    select * from {{ ref('int_states__lead_claims') }}
),

v_cabinet_claims_gap_14d as (
    select
        lead_id,
        lead_source_pk,
        lead_date,
        week_start,
        person_key,
        driver_id,
        window_end as window_end_14d,
        milestone as milestone_value,
        trips_14d,
        milestone_reached as milestone_achieved,
        claim_expected,
        claim_present as claim_exists,
        claim_status,
        gap_reason,
        gap_detail,
        amount_expected as expected_amount,
        window_closed,
        conflicting_claim_id,
        overlaps_lead_source_pk
    from states
    where claim_status = 'CLAIM_NOT_GENERATED' and {{ is_live('states') }}
)

select * from v_cabinet_claims_gap_14d
