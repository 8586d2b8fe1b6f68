with states as (
    select * from {{ ref('int_states__lead_claims') }}
),

v_cabinet_claims_expected_14d as (
    select
        lead_id,
        lead_source_pk,
        lead_date as lead_date_canonico,
        week_start,
        person_key,
        driver_id,
        window_end as window_end_14d,
        milestone,
        trips_14d as trips_in_window,
        milestone_reached,
        claim_expected,
        amount_expected,
        expected_reason as expected_reason_detail,
        window_closed,
        duplicate_of_lead_source_pk,
        overlaps_lead_source_pk
    from states
    where {{ is_live('states') }}
)

select * from v_cabinet_claims_expected_14d
