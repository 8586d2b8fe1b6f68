-- What `alerts` reads, and what it remembers of what was told.

-- name: set_session
select set_config('cabinet14d.thresholds', %(thresholds)s, false), set_config('cabinet14d.watch', %(watch)s, false)

-- name: live_run
select run_id, as_of_date from ops.runs where is_live

-- name: alerts
-- Worst first.
select * from ops.v_cabinet_alerts
order by
    case state when 'FIRING' then 1 when 'INSUFFICIENT_HISTORY' then 2 when 'MUTED' then 3 else 4 end,
    case severity when 'CRITICAL' then 1 else 2 end,
    rule, scope_value

-- name: disabled
select rule, type, disabled_reason from ops_intermediate.alert_rules where not is_enabled order by rule

-- name: stats
select metric, value
from ops.cabinet_metrics_daily
where scope = 'ALL' and as_of_date = (select as_of_date from ops.runs where is_live)
    and metric in (
        'leads', 'leads_no_identity', 'leads_no_driver', 'leads_no_trips_14d', 'leads_trips_no_claim', 'leads_ok',
        'leads_with_identity', 'pct_with_identity'
    )

-- name: to_tell
select t.*, e.label as event_label, s.label as severity_label, l.detail as line
from ops_intermediate.int_alerts__to_tell as t
left join (select code, case %(language)s when 'en' then label_en else label_es end as label
    from ops_intermediate.catalogue where kind = 'alert_event') as e on e.code = t.event
left join (select code, case %(language)s when 'en' then label_en else label_es end as label
    from ops_intermediate.catalogue where kind = 'alert_severity') as s on s.code = t.severity
cross join (select case %(language)s when 'en' then detail_en else detail_es end as detail
    from ops_intermediate.catalogue where kind = 'alert_message' and code = 'LINE') as l
order by
    case t.event when 'RECOVERED' then 2 else 1 end, case t.severity when 'CRITICAL' then 1 else 2 end, t.rule, t.scope_value

-- name: title
select case %(language)s when 'en' then detail_en else detail_es end
from ops_intermediate.catalogue where kind = 'alert_message' and code = 'TITLE'

-- name: try_lock
-- One teller at a time: two would say everything twice.
select pg_try_advisory_lock(14000, 5)

-- name: keep_delivery
insert into ops.alert_deliveries (run_id, as_of_date, channel, status, error, alerts, seconds)
values (%(run_id)s, %(as_of)s, %(channel)s, %(status)s, %(error)s, %(alerts)s, %(seconds)s)

-- name: keep_event
insert into ops.alert_events (run_id, as_of_date, rule, scope_value, event, severity, value)
values (%(run_id)s, %(as_of)s, %(rule)s, %(scope_value)s, %(event)s, %(severity)s, %(value)s)

-- name: mute
insert into ops.alert_mutes (rule, scope_value, until_date, why) values (%(rule)s, %(scope_value)s, %(until)s, %(why)s)

-- name: metrics
select metric, scope, scope_value, value
from ops.cabinet_metrics_daily
where as_of_date = (select as_of_date from ops.runs where is_live)
order by metric, scope, scope_value
