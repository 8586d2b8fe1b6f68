-- The daily rollups hold the states' own counts and money, day by day: without it a card would tell a total that its list does not have.
-- Leads with claims are counted by the claims found, not by the flags that the rollup reads. A partial build looks at the days that moved.
-- depends_on: {{ ref('int_states__claim_days') }}, {{ ref('int_states__days_due') }}, {{ ref('int_states__lead_claims') }}
-- depends_on: {{ ref('int_states__lead_days') }}, {{ ref('int_states__leads') }}
with leads as (
    select states.*
    from {{ ref('int_states__leads') }} as states
    {% if partial() %}inner join {{ ref('int_states__days_due') }} as due on due.week_start = states.week_start and due.lead_date = states.lead_date{% endif %}
    where {{ is_candidate('states') }}
),

lead_claims as (
    select states.*
    from {{ ref('int_states__lead_claims') }} as states
    {% if partial() %}inner join leads on leads.lead_id = states.lead_id{% endif %}
    where {{ is_candidate('states') }}
),

with_claims as (
    select distinct lead_id from lead_claims where claim_present
),

from_leads as (
    select leads.lead_date, leads.limbo_stage, count(*) as leads, count(with_claims.lead_id) as leads_with_claims
    from leads
    left join with_claims on with_claims.lead_id = leads.lead_id
    group by leads.lead_date, leads.limbo_stage
),

lead_days as (
    select states.*
    from {{ ref('int_states__lead_days') }} as states
    {% if partial() %}inner join {{ ref('int_states__days_due') }} as due on due.lead_date = states.lead_date{% endif %}
    where {{ is_candidate('states') }}
),

from_claims as (
    select
        lead_date, milestone, claim_status, gap_reason, coalesce(claim_row_status, 'missing') as claim_state, count(*) as claims,
        sum(amount_expected) as amount
    from lead_claims
    group by lead_date, milestone, claim_status, gap_reason, coalesce(claim_row_status, 'missing')
),

claim_days as (
    select states.*
    from {{ ref('int_states__claim_days') }} as states
    {% if partial() %}inner join {{ ref('int_states__days_due') }} as due on due.lead_date = states.lead_date{% endif %}
    where {{ is_candidate('states') }}
)

select coalesce(from_leads.lead_date, lead_days.lead_date) as lead_date, coalesce(from_leads.limbo_stage, lead_days.limbo_stage) as what
from from_leads
full join lead_days on lead_days.lead_date = from_leads.lead_date and lead_days.limbo_stage = from_leads.limbo_stage
where (from_leads.leads, from_leads.leads_with_claims) is distinct from (lead_days.leads, lead_days.leads_with_claims)
union all
select coalesce(from_claims.lead_date, claim_days.lead_date), coalesce(from_claims.gap_reason, claim_days.gap_reason)
from from_claims
full join claim_days
    on claim_days.lead_date = from_claims.lead_date and claim_days.milestone = from_claims.milestone
    and claim_days.claim_status = from_claims.claim_status and claim_days.gap_reason = from_claims.gap_reason
    and claim_days.claim_state = from_claims.claim_state
where (from_claims.claims, from_claims.amount) is distinct from (claim_days.claims, claim_days.amount)
