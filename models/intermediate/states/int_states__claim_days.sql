-- Leads' milestones per day, milestone and reason, with their money, by run: what cards and totals of the gap are summed from.
{{ config(materialized='versioned', unique_key=['lead_date', 'milestone', 'claim_status', 'gap_reason']) }}

with lead_claims as (
    select * from {{ ref('int_states__lead_claims') }} as states where {{ is_candidate('states') }}
),

int_states__claim_days as (
    select
        claim_status,
        gap_reason,
        milestone,
        week_start,
        lead_date,
        count(*) as claims,
        cast(sum(amount_expected) as numeric(18, 2)) as amount
    from lead_claims
    group by claim_status, gap_reason, milestone, week_start, lead_date
)

select * from int_states__claim_days
