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
        cast(sum(claims) as bigint) as claims,
        cast(sum(amount) as numeric(18, 2)) as amount
    from states
    where {{ is_live('states') }}
    group by lead_date, week_start, milestone, claim_status, gap_reason
)

select * from v_cabinet_claims_daily
