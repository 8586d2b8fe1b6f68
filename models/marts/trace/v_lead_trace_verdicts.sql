-- What people decided about each lead, latest first by number. Decisions are kept for ever.
with decisions as (
    select * from {{ ref('stg_canon__identity_decisions') }}
),

v_lead_trace_verdicts as (
    select
        lead_source_pk,
        decision_id,
        decided_at,
        verdict,
        driver_id,
        decided_by,
        why,
        is_latest_of_pair or is_latest_of_lead as is_latest
    from decisions
)

select * from v_lead_trace_verdicts
