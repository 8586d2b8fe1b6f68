-- Leads per day and stage, by run: what cards and totals are summed from, so that a page costs no scan of all leads.
{{ config(materialized='versioned', unique_key=['lead_date', 'limbo_stage']) }}

with leads as (
    select * from {{ ref('int_states__leads') }} as states where {{ is_candidate('states') }}
),

int_states__lead_days as (
    select
        limbo_stage,
        week_start,
        lead_date,
        count(*) as leads,
        sum(case when has_claim_m1 or has_claim_m5 or has_claim_m25 then 1 else 0 end) as leads_with_claims
    from leads
    group by limbo_stage, week_start, lead_date
)

select * from int_states__lead_days
