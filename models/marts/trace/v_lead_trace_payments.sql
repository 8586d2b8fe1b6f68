-- Every payment statement that names the lead's driver or person, or settles one of its claims, and how it ended (D-16).
with leads as not materialized (
    select * from {{ ref('int_states__leads') }} as states where {{ is_live('states') }}
),

lead_claims as not materialized (
    select * from {{ ref('int_states__lead_claims') }} as states where {{ is_live('states') }}
),

settlements as not materialized (
    select * from {{ ref('int_collection__settlements') }} as states where {{ is_live('states') }}
),

of_leads as (
    select leads.lead_id, settlements.*
    from leads
    inner join settlements on settlements.driver_id = leads.driver_id
    union
    select leads.lead_id, settlements.*
    from leads
    inner join settlements on settlements.person_key = leads.person_key
    union
    select lead_claims.lead_id, settlements.*
    from lead_claims
    inner join settlements on settlements.claim_id = lead_claims.claim_id
),

v_lead_trace_payments as (
    select
        of_leads.lead_id,
        of_leads.payment_id,
        of_leads.milestone as milestone_value,
        of_leads.pay_date,
        of_leads.amount,
        of_leads.outcome,
        of_leads.cause,
        of_leads.claim_id,
        lead_claims.claim_id is not null as is_for_this_lead,
        of_leads.driver_id,
        of_leads.driver_name,
        of_leads.found_by,
        of_leads.confidence,
        of_leads.settled_through
    from of_leads
    left join lead_claims on lead_claims.lead_id = of_leads.lead_id and lead_claims.claim_id = of_leads.claim_id
)

select * from v_lead_trace_payments
