-- Metrics by day, and the memory of alerts: what was told, what was muted, and how the jobs and source checks went.
create table ops.alert_mutes (
    mute_id bigint generated always as identity primary key,
    rule text not null,
    scope_value text,
    until_date date not null,
    why text not null,
    muted_by text not null default session_user,
    muted_at timestamptz not null default clock_timestamp(),
    constraint alert_mutes_why_told check (btrim(why) <> '')
);
comment on table ops.alert_mutes is 'One row per mute of a rule: until which as-of date, and why. A null scope_value mutes all scopes of the rule.';

create table ops.alert_events (
    event_id bigint generated always as identity primary key,
    run_id bigint not null,
    as_of_date date not null,
    rule text not null,
    scope_value text not null,
    event text not null,
    severity text not null,
    value numeric(18, 4),
    told_at timestamptz not null default clock_timestamp(),
    constraint alert_events_event_known check (event in ('STARTED', 'WORSENED', 'REMINDED', 'RECOVERED')),
    constraint alert_events_severity_known check (severity in ('WARNING', 'CRITICAL'))
);
create index alert_events_rule_scope_value_idx on ops.alert_events (rule, scope_value, event_id);
comment on table ops.alert_events is 'One row per thing that was told about an alert, by a message that reached at least one channel.';

create table ops.alert_deliveries (
    delivery_id bigint generated always as identity primary key,
    run_id bigint not null,
    as_of_date date not null,
    channel text not null,
    status text not null,
    error text,
    alerts integer not null,
    seconds numeric(10, 3),
    sent_at timestamptz not null default clock_timestamp(),
    constraint alert_deliveries_status_known check (status in ('DELIVERED', 'FAILED'))
);
comment on table ops.alert_deliveries is 'One row per message and channel: whether it arrived. The channel is a scheme and a mark, never an address.';

create table ops.run_nodes (
    run_id bigint not null references ops.runs (run_id),
    step text not null,
    node text not null,
    resource_type text not null,
    status text not null,
    seconds numeric(10, 3) not null,
    rows_affected bigint,
    failures bigint,
    primary key (run_id, step, node)
);
comment on table ops.run_nodes is 'One row per dbt node of a build step: how it ended and how long it took.';

create table ops.source_checks (
    run_id bigint not null references ops.runs (run_id),
    check_no integer not null,
    source text not null,
    check_name text not null,
    column_name text,
    severity text not null,
    status text not null,
    violations bigint,
    rows_checked bigint,
    observed text,
    sentence text not null,
    primary key (run_id, check_no),
    constraint source_checks_status_known check (status in ('PASSED', 'FAILED', 'NOT_CHECKED')),
    constraint source_checks_severity_known check (severity in ('WARNING', 'CRITICAL'))
);
comment on table ops.source_checks is 'One row per expectation about a raw table and run of `validate sources`.';

-- Where each step name of the run log tells how a job went, and each command that is a job itself. A night that was published is a success
-- of the night, although it is still at work on its report.
create view ops.job_runs as
select
    r.command as job,
    r.run_id,
    r.started_at,
    coalesce(r.published_at, r.finished_at) as ended_at,
    case
        when r.status = 'SUCCEEDED' or r.published_at is not null then 'SUCCEEDED'
        when r.status in ('FAILED', 'ABANDONED') then 'FAILED'
        else 'RUNNING'
    end as outcome,
    cast(null as bigint) as newly_linked
from ops.runs as r
where
    r.command <> 'reconcile leads'
    or not exists (select 1 from ops.run_steps as s where s.run_id = r.run_id and s.name = 'reconcile leads')
union all
select
    s.name,
    s.run_id,
    s.started_at,
    s.finished_at,
    case when s.status = 'SUCCEEDED' then 'SUCCEEDED' when s.status in ('FAILED', 'ABANDONED') then 'FAILED' else 'RUNNING' end,
    cast(s.counters ->> 'newly_linked' as bigint)
from ops.run_steps as s
where s.name = 'reconcile leads';
comment on view ops.job_runs is 'One row per run of a job; matching is told by its step, whichever command ran it.';

-- How each job stands at this moment, by the server's clock. No model reads the clock: those that watch jobs ask here.
create view ops.job_health as
with ranked as (
    select
        j.*,
        sum(case when j.outcome = 'SUCCEEDED' then 1 else 0 end) over (
            partition by j.job order by j.run_id desc rows between unbounded preceding and current row
        ) as successes_since
    from ops.job_runs as j
    where j.outcome <> 'RUNNING'
)
select
    job,
    max(ended_at) filter (where outcome = 'SUCCEEDED') as last_success_at,
    min(started_at) as first_run_at,
    cast(extract(epoch from clock_timestamp() - max(ended_at) filter (where outcome = 'SUCCEEDED')) / 3600 as numeric(18, 4))
        as hours_since_success,
    count(*) filter (where outcome = 'FAILED' and successes_since = 0) as failures_in_a_row,
    min(started_at) filter (where outcome = 'FAILED' and successes_since = 0) as failing_since,
    count(*) filter (where outcome = 'SUCCEEDED' and ended_at >= clock_timestamp() - interval '48 hours') as successes_48h,
    coalesce(sum(newly_linked) filter (where ended_at >= clock_timestamp() - interval '48 hours'), 0) as newly_linked_48h,
    min(started_at) <= clock_timestamp() - interval '48 hours' as has_48h,
    clock_timestamp() as asked_at
from ranked
group by job;
comment on view ops.job_health is 'One row per job that ever ended: hours since its last success, failures in a row, what matching linked in 48 hours.';

-- The channels of the last message, and how often in a row each has failed by then.
create view ops.channel_health as
with ranked as (
    select
        d.*,
        sum(case when d.status = 'DELIVERED' then 1 else 0 end) over (
            partition by d.channel order by d.delivery_id desc rows between unbounded preceding and current row
        ) as deliveries_since,
        max(d.run_id) over (partition by d.channel) as channel_run,
        max(d.run_id) over () as last_run
    from ops.alert_deliveries as d
)
select
    channel,
    count(*) filter (where status = 'FAILED' and deliveries_since = 0) as failures_in_a_row,
    min(as_of_date) filter (where status = 'FAILED' and deliveries_since = 0) as failing_since
from ranked
where channel_run = last_run
group by channel;
comment on view ops.channel_health is 'One row per channel of the last message: its failures in a row.';

-- The last chain of each as-of date, in figures: what the day after remembers of it.
create view ops.day_runs as
select
    d.as_of_date,
    d.run_id,
    d.command,
    d.seconds,
    d.claims_inserted,
    d.findings
from (
    select
        r.as_of_date,
        r.run_id,
        r.command,
        cast(extract(epoch from coalesce(r.finished_at, r.published_at) - r.started_at) as numeric(18, 4)) as seconds,
        cast(r.counters ->> 'claims_inserted' as bigint) as claims_inserted,
        cast(r.counters ->> 'findings' as bigint) as findings,
        row_number() over (partition by r.as_of_date order by r.run_id desc) as place
    from ops.runs as r
    where r.published_at is not null
) as d
where d.place = 1;
comment on view ops.day_runs is 'One row per as-of date: the last run that was published for it, its duration and counts.';
