-- The first day with work time of each linked driver, whatever the as-of date. Only drivers that are new, or whose days changed since the live
-- run, are read.
{{ config(
    materialized='incremental',
    unique_key='driver_id',
    on_schema_change='fail',
    indexes=[{'columns': ['driver_id'], 'unique': true}, {'columns': ['computed_run']}],
) }}

with drivers as (
    select distinct driver_id from {{ ref('int_persons__drivers') }}
),

driver_days as (
    select * from {{ ref('int_trips__driver_days') }}
),

{% if is_incremental() %}
changed as (
    select driver_id from driver_days where changed_run > coalesce({{ live_run_id() }}, 0)
    union
    {% if partial() %}
    {{ since_live(ref('int_states__persons_drivers'), ['driver_id']) }}
    {% else %}
    select drivers.driver_id
    from drivers
    left join {{ this }} as known on known.driver_id = drivers.driver_id
    where known.driver_id is null
    {% endif %}
),

asked as (
    select drivers.driver_id
    from drivers
    where drivers.driver_id in (select changed.driver_id from changed)
),
{% else %}
asked as (
    select * from drivers
),
{% endif %}

-- Each driver's days in their order, by the index, up to the first that is one.
int_collection__connections as (
    select
        asked.driver_id,
        (
            select driver_days.trip_date
            from driver_days
            where driver_days.driver_id = asked.driver_id and driver_days.work_seconds > 0
            order by driver_days.trip_date
            limit 1
        ) as connected_date,
        {{ current_run_id() }} as computed_run
    from asked
)

select * from int_collection__connections
