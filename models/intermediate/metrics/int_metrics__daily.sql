-- Every metric of every as-of date, by run. Only the as-of date that is being built is compared and written: past days stay as they were told.
{{ config(materialized='versioned', unique_key=['as_of_date', 'metric', 'scope', 'scope_value'], only_as_of=true) }}

with measured as (
    select * from {{ ref('int_metrics__leads') }}
    union all
    select * from {{ ref('int_metrics__claims') }}
    union all
    select * from {{ ref('int_metrics__sources') }}
    union all
    select * from {{ ref('int_metrics__payments') }}
),

int_metrics__daily as (
    select
        {{ as_of_date() }} as as_of_date,
        measured.metric,
        measured.scope,
        measured.scope_value,
        measured.value,
        measured.unit
    from measured
)

select * from int_metrics__daily
