-- Leads per day and stage, by run: what cards and totals are summed from, so that a page costs no scan of all leads.
-- depends_on: {{ ref('int_states__days_due') }}, {{ ref('int_states__leads') }}
{{ config(
    materialized='versioned',
    unique_key=['lead_date', 'limbo_stage'],
    scope={'relation': 'int_states__days_due', 'columns': ['lead_date']},
    state_indexes=["(week_start)"],
) }}

with leads as (
    select states.*
    from {{ ref('int_states__leads') }} as states
    {% if partial() %}
    inner join {{ ref('int_states__days_due') }} as due on due.week_start = states.week_start and due.lead_date = states.lead_date
    {% endif %}
    where {{ is_candidate('states') }}
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
