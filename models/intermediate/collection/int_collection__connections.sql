-- The first day with work time of each linked driver, whatever the as-of date. Only drivers that are new, or whose days changed since, are read.
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
known as (
    select * from {{ this }}
),

changed as (
    select distinct driver_id
    from driver_days
    where changed_run > coalesce((select max(known.computed_run) from known), 0)
),

asked as (
    select drivers.driver_id
    from drivers
    left join known on known.driver_id = drivers.driver_id
    left join changed on changed.driver_id = drivers.driver_id
    where known.driver_id is null or changed.driver_id is not null
),
{% else %}
asked as (
    select * from drivers
),
{% endif %}

int_collection__connections as (
    select
        asked.driver_id,
        min(driver_days.trip_date) as connected_date,
        {{ current_run_id() }} as computed_run
    from asked
    left join driver_days
        on driver_days.driver_id = asked.driver_id and driver_days.work_seconds > 0
    group by asked.driver_id
)

select * from int_collection__connections
