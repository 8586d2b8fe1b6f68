-- What each rule watches: one value per rule, scope and as-of date up to the live one. Jobs and channels are told by the run log and by what
-- was sent, as they stand now.
with rules as (
    select * from {{ ref('int_alerts__rules') }}
),

metrics as (
    select * from {{ ref('cabinet_metrics_daily') }}
),

job_health as (
    select * from {{ source('engine', 'job_health') }}
),

channel_health as (
    select * from {{ source('engine', 'channel_health') }}
),

unresolved as (
    select metrics.value as leads
    from metrics
    where metrics.metric = 'leads_no_identity' and metrics.scope = 'ALL'
        and metrics.as_of_date = (select runs.as_of_date from {{ source('engine', 'runs') }} as runs where runs.is_live)
),

by_value as (
    select
        rules.rule, metrics.scope_value, metrics.as_of_date, metrics.value,
        cast(null as numeric(18, 4)) as increase, cast(null as text) as detail, cast(null as date) as since
    from rules
    inner join metrics
        on metrics.metric = rules.metric
        and metrics.scope = rules.scope
        and metrics.scope_value = rules.scope_value
        and metrics.as_of_date <= rules.as_of_date
    where rules.mode = 'VALUE'
),

-- The open week is left out: it is not over, or its leads are still arriving.
by_week as (
    select
        rules.rule, metrics.scope_value, metrics.as_of_date,
        case
            when rules.mode = 'LATEST_WEEK' then metrics.value
            -- Of a small number of the week before, a percentage says nothing: the floor stands in for it.
            else {{ share_in_percent('(metrics.value - before.value)', 'greatest(before.value, coalesce(rules.floor, 1), 1)') }}
        end as value,
        case when rules.mode = 'WEEK_ON_WEEK' then metrics.value - before.value end as increase,
        metrics.scope_value || ': ' || cast(cast(metrics.value as numeric(18, 2)) as text)
        || case
            when rules.mode = 'WEEK_ON_WEEK'
                then coalesce(', ' || before.scope_value || ': ' || cast(cast(before.value as numeric(18, 2)) as text), '')
            else ''
        end as detail,
        cast(null as date) as since
    from rules
    inner join metrics
        on metrics.metric = rules.metric
        and metrics.scope = 'WEEK'
        and metrics.as_of_date <= rules.as_of_date
        and metrics.scope_value = cast({{ latest_closed_week('metrics.as_of_date') }} as text)
    left join metrics as before
        on before.metric = metrics.metric
        and before.scope = 'WEEK'
        and before.as_of_date = metrics.as_of_date
        and before.scope_value = cast({{ latest_closed_week('metrics.as_of_date') }} - 7 as text)
    where rules.mode in ('WEEK_ON_WEEK', 'LATEST_WEEK')
),

by_job as (
    select
        rules.rule, job_health.job as scope_value, rules.as_of_date,
        cast(case rules.metric
            when 'hours_since_success' then job_health.hours_since_success
            when 'failures_in_a_row' then job_health.failures_in_a_row
            -- Not judged before matching is 48 hours old, nor where it did not run at all (that is D1), nor when there is nothing to match.
            when 'newly_linked_48h' then
                case
                    when unresolved.leads = 0 then 1
                    when job_health.has_48h and job_health.successes_48h > 0 then job_health.newly_linked_48h
                end
        end as numeric(18, 4)) as value,
        cast(null as numeric(18, 4)) as increase,
        cast(null as text) as detail,
        cast(case
            when rules.metric = 'failures_in_a_row' then job_health.failing_since
            when rules.metric = 'hours_since_success' then job_health.last_success_at
        end as date) as since
    from rules
    inner join job_health on rules.scope_value = '' or job_health.job = rules.scope_value
    left join unresolved on true
    where rules.mode = 'JOB'
),

by_channel as (
    select
        rules.rule, channel_health.channel as scope_value, rules.as_of_date,
        cast(channel_health.failures_in_a_row as numeric(18, 4)) as value,
        cast(null as numeric(18, 4)) as increase, cast(null as text) as detail, channel_health.failing_since as since
    from rules
    cross join channel_health
    where rules.mode = 'CHANNEL'
),

int_alerts__watched as (
    select * from by_value
    union all
    select * from by_week
    union all
    select * from by_job
    union all
    select * from by_channel
)

select * from int_alerts__watched
