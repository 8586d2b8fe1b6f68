-- The first day with work time of each linked driver, whatever the as-of date. A partial build looks at drivers that are new, or whose days up
-- to the known first one changed since the live run: no later day can be the first. Written are the dates that moved.
-- depends_on: {{ ref('int_states__persons_drivers') }}
{{ config(
    materialized='incremental',
    unique_key='driver_id',
    on_schema_change='fail',
    indexes=[{'columns': ['driver_id'], 'unique': true}, {'columns': ['computed_run']}],
) }}

with drivers as (
    select distinct driver_id from {{ ref('int_persons__drivers') }}
),

driver_days as not materialized (
    select * from {{ ref('int_trips__driver_days') }}
),

{% if partial() %}
changed as (
    select changed_days.driver_id
    from driver_days as changed_days
    left join {{ this }} as known_days on known_days.driver_id = changed_days.driver_id
    where changed_days.changed_run > {{ last_run_id() }}
        and (known_days.connected_date is null or changed_days.trip_date <= known_days.connected_date)
    union
    {{ since_live(ref('int_states__persons_drivers'), ['driver_id']) }}
),

asked as (
    select driver_id from drivers where driver_id in (select changed.driver_id from changed)
),
{% else %}
asked as (
    select driver_id from drivers
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
