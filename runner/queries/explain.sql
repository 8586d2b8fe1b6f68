-- One lead end to end, from relations in ops only: the command reads what the web process may read. Every list has a total order.

-- name: has_states
select to_regclass('ops.v_lead_trace_rows') is not null and exists (select 1 from ops.runs where is_live) as is_built

-- name: run
select run_id, as_of_date, published_at from ops.runs where is_live

-- name: find
-- The source key first; only where no lead has it, the lead's number.
with by_key as (
    select lead_id, lead_source_pk from ops.v_lead_trace_rows where lead_source_pk = %(lead)s
)
select lead_id, lead_source_pk from by_key
union all
select rows.lead_id, rows.lead_source_pk
from ops.v_lead_trace_rows as rows
where rows.lead_id = %(number)s and not exists (select 1 from by_key)

-- name: texts
select kind, code, label_{language} as label, detail_{language} as detail, action_{language} as action
from ops.v_catalogue
where kind = any(%(kinds)s)

-- name: row
select * from ops.v_lead_trace_rows where lead_id = %(lead_id)s

-- name: stage
select limbo.*, stages.stage_detail_code, stages.lowest_missing
from ops.v_cabinet_leads_limbo as limbo
inner join ops.v_lead_trace_stages as stages on stages.lead_id = limbo.lead_id
where limbo.lead_id = %(lead_id)s and stages.lead_id = %(lead_id)s

-- name: decision
select * from ops.v_identity_decisions where lead_id = %(lead_id)s

-- name: candidates
select *
from ops.v_lead_trace_candidates
where lead_id = %(lead_id)s
order by is_kept desc, score desc nulls last, driver_id, rule

-- name: verdicts
select * from ops.v_lead_trace_verdicts where lead_source_pk = %(lead_source_pk)s order by decision_id

-- name: links
select *
from ops.v_lead_trace_links
where lead_id = %(lead_id)s
order by link_of desc, is_driver_of_run desc, linked_at desc, link_id desc

-- name: trips
select *
from ops.v_lead_trace_trips
where lead_id = %(lead_id)s
order by is_leads_driver desc, driver_id, trip_date

-- name: milestones
select states.*, expected.expected_reason_detail as expected_reason
from ops.v_claims_expected_vs_present_14d as states
inner join ops.v_cabinet_claims_expected_14d as expected
    on expected.lead_id = states.lead_id and expected.milestone = states.milestone
where states.lead_id = %(lead_id)s and expected.lead_id = %(lead_id)s
order by states.milestone

-- name: claims
select * from ops.v_lead_trace_claims where lead_id = %(lead_id)s order by milestone, claim_id

-- name: events
select * from ops.v_lead_trace_claim_events where claim_id = any(%(claim_ids)s) order by claim_id, event_id

-- name: payments
select *
from ops.v_lead_trace_payments
where lead_id = %(lead_id)s
order by is_for_this_lead desc, pay_date nulls last, payment_id, milestone_value

-- name: history
select * from ops.v_cabinet_stage_history where lead_id = %(lead_id)s order by from_run

-- name: moves
select *
from ops.v_lead_trace_moves
where lead_id = %(lead_id)s
order by step > 1, milestone nulls last, step, move_code
