-- Every driver that a rule hit for a lead, with what agreed and why the hit was kept or dropped. A settled lead has the hits of the last
-- published run that judged it, if there was one.
with states as (
    select * from {{ ref('int_states__identity_candidates') }} as states where states.valid_from_run <= {{ live_run_id() }}
),

drivers as (
    select * from {{ ref('int_identity__drivers') }}
),

latest as (
    select
        states.*,
        states.valid_to_run > {{ live_run_id() }} as is_current,
        max(states.valid_to_run) over (partition by states.lead_id) as last_valid_to_run
    from states
),

v_lead_trace_candidates as (
    select
        latest.lead_id,
        latest.rule,
        latest.driver_id,
        latest.person_key,
        latest.park_id,
        latest.is_kept,
        latest.drop_reason,
        latest.rule_score,
        latest.phone_level,
        latest.plate_level,
        latest.name_level,
        latest.name_similarity,
        latest.parts_same,
        latest.parts_near,
        latest.hired_after_days,
        latest.phone_points,
        latest.plate_points,
        latest.name_points,
        latest.model_points,
        latest.date_points,
        latest.score,
        drivers.phone_key,
        drivers.plate_key,
        drivers.licence_key,
        drivers.name_key,
        latest.is_current,
        latest.valid_from_run as from_run,
        case when not latest.is_current then latest.valid_to_run end as to_run
    from latest
    left join drivers on drivers.driver_id = latest.driver_id
    where latest.valid_to_run = latest.last_valid_to_run or latest.is_current
)

select * from v_lead_trace_candidates
