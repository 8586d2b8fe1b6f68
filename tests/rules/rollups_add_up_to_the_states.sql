-- The daily rollups hold the states' own counts and money, day by day: without it a card would tell a total that its list does not have.
-- Leads with claims are counted by the claims found, not by the flags that the rollup reads.
with with_claims as (
    select distinct states.lead_id
    from {{ ref('int_states__lead_claims') }} as states
    where {{ is_candidate('states') }} and states.claim_present
),

from_leads as (
    select states.lead_date, states.limbo_stage, count(*) as leads, count(with_claims.lead_id) as leads_with_claims
    from {{ ref('int_states__leads') }} as states
    left join with_claims on with_claims.lead_id = states.lead_id
    where {{ is_candidate('states') }}
    group by states.lead_date, states.limbo_stage
),

lead_days as (
    select * from {{ ref('int_states__lead_days') }} as states where {{ is_candidate('states') }}
),

from_claims as (
    select states.lead_date, states.milestone, states.claim_status, states.gap_reason, count(*) as claims, sum(states.amount_expected) as amount
    from {{ ref('int_states__lead_claims') }} as states
    where {{ is_candidate('states') }}
    group by states.lead_date, states.milestone, states.claim_status, states.gap_reason
),

claim_days as (
    select * from {{ ref('int_states__claim_days') }} as states where {{ is_candidate('states') }}
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
where (from_claims.claims, from_claims.amount) is distinct from (claim_days.claims, claim_days.amount)
