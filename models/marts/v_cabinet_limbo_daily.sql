with states as (
    select * from {{ ref('int_states__lead_days') }}
),

v_cabinet_limbo_daily as (
    select
        lead_date,
        week_start,
        limbo_stage,
        leads,
        leads_with_claims
    from states
    where {{ is_live('states') }}
)

select * from v_cabinet_limbo_daily
