with states as (
    select * from {{ ref('int_states__claim_days') }}
),

v_cabinet_claims_daily as (
    select
        lead_date,
        week_start,
        milestone,
        claim_status,
        gap_reason,
        claims,
        amount
    from states
    where {{ is_live('states') }}
)

select * from v_cabinet_claims_daily
