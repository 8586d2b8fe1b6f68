-- The first day with work time of each linked driver, whatever the as-of date. A partial build looks at drivers that are new, or whose days up
-- to the known first one changed since the live run: no later day can be the first. Written are the dates that moved.
-- depends_on: {{ ref('int_states__persons_drivers') }}
{{ config(
    materialized='incremental',
    unique_key='driver_id',
    on_schema_change='fail',
    indexes=[{'columns': ['driver_id'], 'unique': true}, {'columns': ['computed_run']}],
) }}

with driver_days as not materialized (
    select * from {{ ref('int_trips__driver_days') }}
),

{% if partial() %}
{% set known_day = "select known_days.connected_date from " ~ this ~ " as known_days where known_days.driver_id = first_changed.driver_id" %}
first_changed as (
    select driver_id, min(trip_date) as trip_date from driver_days where changed_run > {{ last_run_id() }} group by driver_id
),

changed as (
    select first_changed.driver_id
    from first_changed
    where coalesce(first_changed.trip_date <= ({{ known_day }}), true)
    union
    {{ since_live(ref('int_states__persons_drivers'), ['driver_id']) }}
),

{% set linked = "select one.driver_id from " ~ ref('int_persons__drivers') ~ " as one where one.driver_id = changed.driver_id" %}
asked as (
    select distinct linked.driver_id from changed {{ for_each(linked, 'linked') }}
),
{% else %}
asked as (
    select distinct driver_id from {{ ref('int_persons__drivers') }}
),
{% endif %}

-- Each driver's days in their order, by the index, up to the first that is one.
found as materialized (
    select
        asked.driver_id,
        (
            select driver_days.trip_date
            from driver_days
            where driver_days.driver_id = asked.driver_id and driver_days.work_seconds > 0
            order by driver_days.trip_date
            limit 1
        ) as connected_date
    from asked
),

int_collection__connections as (
    select found.driver_id, found.connected_date, {{ current_run_id() }} as computed_run
    from found
    {% if is_incremental() %}
    left join {{ this }} as known on known.driver_id = found.driver_id
    where known.driver_id is null or known.connected_date is distinct from found.connected_date
    {% endif %}
)

select * from int_collection__connections
