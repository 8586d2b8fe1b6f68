-- Everything that ever happened to each claim row, in order: who did it and why.
with claim_events as (
    select * from {{ source('canon', 'claim_events') }}
),

v_lead_trace_claim_events as (
    select
        claim_id,
        event_id,
        kind as event_kind,
        old_status,
        new_status,
        actor,
        reason as why,
        run_id,
        happened_at
    from claim_events
)

select * from v_lead_trace_claim_events
