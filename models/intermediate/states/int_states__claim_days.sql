-- Leads' milestones per day, milestone, reason and status of the claim row, with their money, by run: what cards, totals and metrics of claims
-- are summed from.
-- depends_on: {{ ref('int_states__days_due') }}, {{ ref('int_states__lead_claims') }}, {{ ref('int_states__leads') }}
{{ config(
    materialized='versioned',
    unique_key=['lead_date', 'milestone', 'claim_status', 'gap_reason', 'claim_state'],
    scope={'relation': 'int_states__days_due', 'columns': ['lead_date']},
    state_indexes=["(week_start)"],
) }}

with lead_claims as (
    select states.*
    {% if partial() %}
    from {{ ref('int_states__days_due') }} as due
    inner join {{ ref('int_states__leads') }} as leads on leads.week_start = due.week_start and leads.lead_date = due.lead_date
    inner join {{ ref('int_states__lead_claims') }} as states on states.lead_id = leads.lead_id
    where {{ is_candidate('leads') }} and {{ is_candidate('states') }}
    {% else %}
    from {{ ref('int_states__lead_claims') }} as states
    where {{ is_candidate('states') }}
    {% endif %}
),

int_states__claim_days as (
    select
        claim_status,
        gap_reason,
        coalesce(claim_row_status, 'missing') as claim_state,
        milestone,
        claim_expected,
        week_start,
        lead_date,
        count(*) as claims,
        cast(sum(amount_expected) as numeric(18, 2)) as amount
    from lead_claims
    group by claim_status, gap_reason, coalesce(claim_row_status, 'missing'), milestone, claim_expected, week_start, lead_date
)

select * from int_states__claim_days
