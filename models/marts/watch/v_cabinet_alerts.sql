-- One row per rule and scope, judged at the live run. What can't be judged says so (INSUFFICIENT_HISTORY); it is never OK.
with rules as (
    select * from {{ ref('int_alerts__rules') }}
),

judged as (
    select * from {{ ref('int_alerts__judged') }}
),

mutes as (
    select
        alert_mutes.rule,
        coalesce(alert_mutes.scope_value, '') as scope_value,
        max(alert_mutes.until_date) as until_date
    from {{ source('engine', 'alert_mutes') }} as alert_mutes
    group by alert_mutes.rule, coalesce(alert_mutes.scope_value, '')
),

muted as (
    select
        rules.rule,
        coalesce(judged.scope_value, rules.scope_value) as scope_value,
        max(mutes.until_date) as muted_until
    from rules
    left join judged on judged.rule = rules.rule
    inner join mutes
        on mutes.rule = rules.rule
        and (mutes.scope_value = '' or mutes.scope_value = judged.scope_value)
        and mutes.until_date >= rules.as_of_date
    group by rules.rule, coalesce(judged.scope_value, rules.scope_value)
),

stated as (
    select
        rules.*,
        coalesce(judged.scope_value, rules.scope_value) as watched_value,
        judged.detail,
        judged.value,
        judged.previous_value,
        coalesce(judged.days_running, 0) as days_running,
        judged.since,
        coalesce(judged.is_critical, false) as is_critical,
        case
            when judged.value is null then 'INSUFFICIENT_HISTORY'
            when not judged.is_breach then 'OK'
            when judged.days_running >= rules.days_required then 'FIRING'
            when judged.quiet_days > 0 then 'OK'
            else 'INSUFFICIENT_HISTORY'
        end as state
    from rules
    left join judged on judged.rule = rules.rule
),

v_cabinet_alerts as (
    select
        stated.rule,
        stated.type,
        stated.family,
        stated.scope,
        stated.watched_value as scope_value,
        stated.metric,
        cast(stated.value as numeric(18, 4)) as value,
        stated.unit,
        stated.comparison,
        stated.threshold,
        stated.critical_threshold,
        case when stated.is_critical then 'CRITICAL' else stated.severity end as severity,
        case when stated.state = 'FIRING' and muted.muted_until is not null then 'MUTED' else stated.state end as state,
        stated.since,
        stated.days_running,
        stated.days_required,
        cast(stated.previous_value as numeric(18, 4)) as previous_value,
        stated.detail,
        stated.title,
        stated.next_step,
        muted.muted_until,
        stated.as_of_date,
        stated.run_id
    from stated
    left join muted on muted.rule = stated.rule and muted.scope_value = stated.watched_value
)

select * from v_cabinet_alerts
