-- The rules that are switched on, with the numbers that hold for this session, and the as-of date that they are judged at.
with alert_rules as (
    select * from {{ ref('alert_rules') }} where is_enabled
),

live as (
    select runs.run_id, runs.as_of_date from {{ source('engine', 'runs') }} as runs where runs.is_live
),

int_alerts__rules as (
    select
        alert_rules.rule,
        alert_rules.type,
        alert_rules.family,
        alert_rules.mode,
        alert_rules.metric,
        alert_rules.scope,
        coalesce(alert_rules.scope_value, '') as scope_value,
        alert_rules.comparison,
        cast({{ rule_number('alert_rules.threshold', '') }} as numeric(18, 4)) as threshold,
        cast({{ rule_number('alert_rules.critical_threshold', '.CRITICAL') }} as numeric(18, 4)) as critical_threshold,
        cast({{ rule_number('alert_rules.floor', '.FLOOR') }} as numeric(18, 4)) as floor,
        cast({{ rule_number('alert_rules.days_required', '.DAYS') }} as integer) as days_required,
        alert_rules.severity,
        alert_rules.unit,
        {{ in_language('alert_rules.label') }} as title,
        {{ in_language('alert_rules.action') }} as next_step,
        live.as_of_date,
        live.run_id
    from alert_rules
    cross join live
)

select * from int_alerts__rules
