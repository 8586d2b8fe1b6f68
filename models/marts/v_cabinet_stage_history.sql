-- The stages that each lead went through, by published run. Consecutive states of one stage are one spell; what an unpublished run wrote
-- is not history yet.
with states as (
    select * from {{ ref('int_states__leads') }} as states where states.valid_from_run <= {{ live_run_id() }}
),

runs as (
    select * from {{ source('engine', 'runs') }} where published_at is not null
),

marked as (
    select
        states.lead_id,
        states.lead_source_pk,
        states.limbo_stage,
        states.valid_from_run,
        case when states.valid_to_run > {{ live_run_id() }} then {{ open_end() }} else states.valid_to_run end as valid_to_run,
        case
            when lag(states.limbo_stage) over lead_runs = states.limbo_stage
                and lag(states.valid_to_run) over lead_runs = states.valid_from_run then 0
            else 1
        end as starts_spell
    from states
    window lead_runs as (partition by states.lead_id order by states.valid_from_run)
),

numbered as (
    select
        marked.*,
        sum(starts_spell) over (partition by lead_id order by valid_from_run) as spell
    from marked
),

spells as (
    select
        lead_id,
        max(lead_source_pk) as lead_source_pk,
        limbo_stage,
        min(valid_from_run) as from_run,
        max(valid_to_run) as to_run
    from numbered
    group by lead_id, spell, limbo_stage
),

v_cabinet_stage_history as (
    select
        spells.lead_id,
        spells.lead_source_pk,
        spells.limbo_stage,
        spells.from_run,
        case when spells.to_run < {{ open_end() }} then spells.to_run end as to_run,
        first_run.as_of_date as from_as_of,
        end_run.as_of_date as to_as_of,
        -- An as-of date may move back: a stay is never shorter than no day.
        greatest(
            coalesce(end_run.as_of_date, (select runs.as_of_date from runs where runs.is_live)) - first_run.as_of_date, 0
        ) as days_in_stage,
        spells.to_run = {{ open_end() }} as is_current,
        first_run.published_at as entered_at,
        end_run.published_at as left_at
    from spells
    inner join runs as first_run on first_run.run_id = spells.from_run
    left join runs as end_run on end_run.run_id = spells.to_run
)

select * from v_cabinet_stage_history
