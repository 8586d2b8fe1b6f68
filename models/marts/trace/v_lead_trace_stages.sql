-- Which sentence says where each lead stands, with the milestone it is about: a reader's language may be another than the run's.
with leads as (
    select * from {{ ref('int_states__leads') }} as states where {{ is_live('states') }}
),

lead_claims as (
    select * from {{ ref('int_states__lead_claims') }} as states where {{ is_live('states') }}
),

missing as (
    select lead_id, min(milestone) as lowest_missing
    from lead_claims
    where milestone_reached and not claim_present
    group by lead_id
),

v_lead_trace_stages as (
    select
        leads.lead_id,
        leads.limbo_stage,
        {{ stage_detail_code('leads.limbo_stage', 'leads.window_closed') }} as stage_detail_code,
        missing.lowest_missing
    from leads
    left join missing on missing.lead_id = leads.lead_id
)

select * from v_lead_trace_stages
