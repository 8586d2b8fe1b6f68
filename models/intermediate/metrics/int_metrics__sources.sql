-- What the sources look like: rows, days since the newest one, what was left out and refused; and how the last day's run went.
with trip_days as (
    select * from {{ ref('int_trips__days') }}
),

leads as not materialized (
    select * from {{ ref('int_leads__read') }}
),

payments as (
    select * from {{ ref('stg_cabinet__payments') }}
),

drivers as (
    select * from {{ source('cabinet', 'drivers') }}
),

exclusions as (
    select * from {{ ref('int_states__exclusions') }} as states where {{ is_candidate('states') }}
),

load_rejects as (
    select * from {{ source('engine', 'load_rejects') }}
),

last_day as (
    select day_runs.*
    from {{ source('engine', 'day_runs') }} as day_runs
    where
        day_runs.as_of_date = (
            select max(earlier.as_of_date) from {{ source('engine', 'day_runs') }} as earlier where earlier.as_of_date < {{ as_of_date() }}
        )
),

-- Dates after as-of do not exist yet (D-7).
sources as (
    select
        'trips' as source, coalesce(sum(source_rows), 0) as source_rows,
        max(case when source_rows > 0 and trip_date <= {{ as_of_date() }} then trip_date end) as newest
    from trip_days
    union all
    -- Apart, since the newest is found at the end of an index.
    select
        'leads', (select count(*) from leads),
        (select max(dated_leads.lead_date) from leads as dated_leads where dated_leads.exclusion_reason is null)
    union all
    select 'payments', count(*), max(case when pay_date <= {{ as_of_date() }} then pay_date end) from payments
    union all
    select
        'drivers', count(*),
        max(case when cast(coalesce(updated_at, created_at) as date) <= {{ as_of_date() }} then cast(coalesce(updated_at, created_at) as date) end)
    from drivers
),

int_metrics__sources as (
    select 'source_rows' as metric, 'SOURCE' as scope, source as scope_value, cast(source_rows as numeric(18, 4)) as value, 'COUNT' as unit
    from sources
    union all
    select 'days_since_newest', 'SOURCE', source, cast({{ as_of_date() }} - newest as numeric(18, 4)), 'DAYS' from sources where newest is not null
    union all
    select 'rows_left_out', 'SOURCE_REASON', source || '/' || reason, cast(sum(source_rows) as numeric(18, 4)), 'COUNT'
    from exclusions
    group by source, reason
    union all
    select 'rows_refused', 'SOURCE_REASON', source || '/' || reason, cast(count(*) as numeric(18, 4)), 'COUNT'
    from load_rejects
    group by source, reason
    union all
    select
        'trip_rows_left_out', 'ALL', '',
        cast(coalesce(sum(
            case when source = 'trips' and reason in ('MISSING_DRIVER', 'BAD_DATE', 'MISSING_COUNT', 'NEGATIVE_COUNT') then source_rows end
        ), 0) as numeric(18, 4)),
        'COUNT'
    from exclusions
    union all
    select 'last_run_seconds', 'ALL', '', cast(seconds as numeric(18, 4)), 'SECONDS' from last_day where seconds is not null
    union all
    select 'last_run_claims_inserted', 'ALL', '', cast(claims_inserted as numeric(18, 4)), 'COUNT' from last_day where claims_inserted is not null
    union all
    select 'last_run_findings', 'ALL', '', cast(findings as numeric(18, 4)), 'COUNT' from last_day where findings is not null
)

select * from int_metrics__sources
