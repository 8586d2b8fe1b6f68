with states as (
    select * from {{ ref('int_states__leads') }}
),

v_cabinet_leads_limbo as (
    select
        lead_id,
        lead_source_pk,
        lead_date,
        week_start,
        park_phone,
        asset_plate_number,
        lead_name,
        person_key,
        driver_id,
        trips_14d,
        window_end as window_end_14d,
        reached_m1 as reached_m1_14d,
        reached_m5 as reached_m5_14d,
        reached_m25 as reached_m25_14d,
        expected_amount as expected_amount_14d,
        has_claim_m1,
        has_claim_m5,
        has_claim_m25,
        limbo_stage,
        limbo_reason_detail,
        window_closed,
        claims_missing,
        driver_count,
        trips_other_drivers_14d,
        claim_status_m1,
        claim_status_m5,
        claim_status_m25,
        duplicate_of_lead_source_pk,
        overlaps_lead_source_pk
    from states
    where {{ is_live('states') }}
)

select * from v_cabinet_leads_limbo
