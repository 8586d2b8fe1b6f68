-- What a message sent now would say: an alert speaks when it starts, worsens, every so many days while it lasts, and when it recovers.
-- What can't be judged is no recovery, and a mute says nothing. The memory is what was told, not what was true.
with alerts as (
    select
        v_cabinet_alerts.*,
        case when scope = 'WEEK' then '' else scope_value end as told_scope
    from {{ ref('v_cabinet_alerts') }} as v_cabinet_alerts
),

events as (
    select
        alert_events.*,
        row_number() over (partition by alert_events.rule, alert_events.scope_value order by alert_events.event_id desc) as place
    from {{ source('engine', 'alert_events') }} as alert_events
),

open_events as (
    select * from events where place = 1 and event <> 'RECOVERED'
),

rules as (
    select * from {{ ref('int_alerts__rules') }}
),

compared as (
    select
        coalesce(alerts.rule, open_events.rule) as rule,
        coalesce(alerts.told_scope, open_events.scope_value) as scope_value,
        alerts.metric,
        alerts.value,
        alerts.unit,
        alerts.comparison,
        alerts.threshold,
        coalesce(alerts.severity, open_events.severity) as severity,
        alerts.since,
        alerts.days_running,
        alerts.detail,
        coalesce(alerts.title, rules.title) as title,
        coalesce(alerts.next_step, rules.next_step) as next_step,
        case
            -- A scope that is watched no more (a channel taken away), or a rule switched off.
            when alerts.rule is null then 'RECOVERED'
            when open_events.rule is not null and alerts.state = 'OK' then 'RECOVERED'
            when alerts.state <> 'FIRING' then null
            when open_events.rule is null then 'STARTED'
            when open_events.severity = 'WARNING' and alerts.severity = 'CRITICAL' then 'WORSENED'
            -- Twice as far beyond the threshold as when it was last told.
            when abs(alerts.value - alerts.threshold) > abs(open_events.value - alerts.threshold)
                and abs(alerts.value - alerts.threshold) >= 2 * abs(open_events.value - alerts.threshold) then 'WORSENED'
            when alerts.as_of_date - open_events.as_of_date >= coalesce({{ session_number('watch', "'NOTIFY_EVERY_DAYS'") }}, 3) then 'REMINDED'
        end as event
    from alerts
    full join open_events on open_events.rule = alerts.rule and open_events.scope_value = alerts.told_scope
    left join rules on rules.rule = open_events.rule
),

int_alerts__to_tell as (
    select * from compared where event is not null
)

select * from int_alerts__to_tell
