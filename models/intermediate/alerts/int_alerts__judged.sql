-- Each watched value against its threshold, and how many days running it has been on the wrong side: a day without a value ends the row of
-- days, since nobody knows what it was (D-14). The scope value of a week changes from week to week; the rule is the same one.
with rules as (
    select * from {{ ref('int_alerts__rules') }}
),

watched as (
    select * from {{ ref('int_alerts__watched') }}
),

compared as (
    select
        watched.*,
        rules.days_required,
        rules.as_of_date as live_as_of_date,
        case when rules.mode in ('WEEK_ON_WEEK', 'LATEST_WEEK') then '' else watched.scope_value end as series,
        coalesce({{ breaches('watched.value', 'rules.comparison', 'rules.threshold') }}, false)
        and coalesce(watched.increase >= rules.floor, true) as is_breach,
        coalesce({{ breaches('watched.value', 'rules.comparison', 'rules.critical_threshold') }}, false) as is_critical
    from watched
    inner join rules on rules.rule = watched.rule
),

numbered as (
    select
        compared.*,
        lag(value) over (partition by rule, series order by as_of_date) as previous_value,
        -- Equal for breaches on consecutive days.
        as_of_date - cast(row_number() over (partition by rule, series, is_breach order by as_of_date) as integer) as island
    from compared
),

counted as (
    select
        numbered.*,
        count(*) over (partition by rule, series, is_breach, island) as days_in_island,
        min(as_of_date) over (partition by rule, series, is_breach, island) as island_since,
        sum(case when not is_breach and as_of_date > live_as_of_date - days_required then 1 else 0 end)
            over (partition by rule, series) as quiet_days
    from numbered
),

int_alerts__judged as (
    select
        rule,
        scope_value,
        detail,
        value,
        previous_value,
        cast(case when is_breach then days_in_island else 0 end as integer) as days_running,
        cast(quiet_days as integer) as quiet_days,
        is_breach,
        is_critical,
        case when is_breach then coalesce(since, island_since) end as since
    from counted
    where as_of_date = live_as_of_date
)

select * from int_alerts__judged
