with states as (
    select * from {{ ref('int_metrics__daily') }}
),

cabinet_metrics_daily as (
    select
        as_of_date,
        metric,
        scope,
        scope_value,
        value,
        unit,
        valid_from_run as run_id
    from states
    where {{ is_live('states') }}
)

select * from cabinet_metrics_daily
