-- What the web asks beside the three lists: freshness, health, alerts, runs, suggestions.

-- name: freshness
select r.run_id, r.as_of_date as as_of, r.published_at as built_at from ops.runs as r where r.is_live

-- name: week_of
-- The week of a day, or of the last day before it that has leads: where an index that begins with the week is entered.
select coalesce(max(d.week_start), %(after_lead_date)s::date) as after_week_start
from ops.v_cabinet_limbo_daily as d
where d.lead_date <= %(after_lead_date)s::date

-- name: health
select
    (select r.run_id from ops.runs as r where r.is_live) as run_id,
    (select r.as_of_date from ops.runs as r where r.is_live) as as_of,
    (select r.published_at from ops.runs as r where r.is_live) as built_at,
    (
        select round(cast(extract(epoch from clock_timestamp() - r.published_at) / 3600 as numeric), 2)::double precision
        from ops.runs as r where r.is_live
    ) as hours_since_build,
    last_run.run_id as last_run_id,
    last_run.command as last_run_command,
    last_run.status as last_run_status,
    last_run.started_at as last_run_at,
    round(cast(extract(epoch from clock_timestamp() - last_run.started_at) / 3600 as numeric), 2)::double precision as hours_since_run
from (select 1 as one) as always
left join (
    select r.run_id, r.command, r.status, r.started_at from ops.runs as r order by r.run_id desc limit 1
) as last_run on true

-- name: alerts
select
    a.rule, a.type, a.family, a.severity, a.state, a.title, a.next_step, a.scope, a.scope_value, a.metric,
    a.value::double precision as value, a.unit, a.comparison, a.threshold::double precision as threshold,
    a.critical_threshold::double precision as critical_threshold, a.previous_value::double precision as previous_value,
    a.since, a.days_running, a.days_required, a.detail, a.muted_until, a.as_of_date
from ops.v_cabinet_alerts as a
where (%(state)s::text is null or a.state = %(state)s::text) and (%(severity)s::text is null or a.severity = %(severity)s::text)
order by
    array_position(array['FIRING', 'MUTED', 'INSUFFICIENT_HISTORY', 'OK'], a.state), a.severity <> 'CRITICAL', a.rule, a.scope, a.scope_value

-- name: runs
select
    r.run_id, r.command, r.as_of_date, r.status, r.exit_code, r.is_live, r.published_at is not null as is_published,
    r.started_at, r.finished_at, r.published_at,
    round(cast(extract(epoch from coalesce(r.finished_at, clock_timestamp()) - r.started_at) as numeric), 1)::double precision as seconds,
    r.version, r.counters
from ops.runs as r
where (%(command)s::text is null or r.command = %(command)s::text)
    and (%(run_id)s::bigint is null or r.run_id = %(run_id)s::bigint)
    and (%(after_run_id)s::bigint is null or r.run_id < %(after_run_id)s::bigint)
order by r.run_id desc
limit %(limit)s offset %(offset)s

-- name: runs_total
select count(*) as total from ops.runs as r where %(command)s::text is null or r.command = %(command)s::text

-- name: steps
select
    s.step_no, s.name, s.status, s.started_at,
    round(cast(extract(epoch from coalesce(s.finished_at, clock_timestamp()) - s.started_at) as numeric), 3)::double precision as seconds,
    s.counters
from ops.run_steps as s
where s.run_id = %(run_id)s
order by s.step_no

-- name: suggestions
select s.*
from (
    select
        lead_id, lead_source_pk, lead_date, reason_code, driver_id, place, drivers, person_key, park_id, score, phone_level, plate_level,
        parts_same, parts_near, name_similarity::double precision as name_similarity, hired_after_days, phone_points, plate_points,
        name_points, model_points, date_points, settle_code, what_would_settle_it
    from ops.v_identity_suggestions
) as s
where (%(lead_source_pk)s::text is null or s.lead_source_pk = %(lead_source_pk)s::text)
    and (%(reason_code)s::text is null or s.reason_code = %(reason_code)s::text)
order by s.lead_date desc, s.lead_id, s.place, s.driver_id
limit %(limit)s offset %(offset)s

-- name: suggestions_total
select count(*) as total, count(distinct s.lead_id) as leads
from ops.v_identity_suggestions as s
where (%(lead_source_pk)s::text is null or s.lead_source_pk = %(lead_source_pk)s::text)
    and (%(reason_code)s::text is null or s.reason_code = %(reason_code)s::text)
