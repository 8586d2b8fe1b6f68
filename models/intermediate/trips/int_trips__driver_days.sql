-- The only large table. A day is worked on when its fingerprint is not the one taken in last; within it only driver-days that differ are
-- written. A driver-day that vanished at the source stays with zero rows, so that what depends on it can see the change.
{{ config(
    materialized='incremental',
    unique_key=['driver_id', 'trip_date'],
    on_schema_change='fail',
    indexes=[
        {'columns': ['driver_id', 'trip_date'], 'unique': true},
        {'columns': ['trip_date']},
        {'columns': ['changed_run']},
    ],
    meta={'one_snapshot': true},
    post_hook=[
        "{{ take_in('driver_days_fingerprint') }}",
        "create index if not exists int_trips__driver_days_repeats on {{ this }} (trip_date, driver_id) where source_rows > 1",
    ],
) }}

with trips as (
    select * from {{ ref('stg_cabinet__trips') }}
),

days as (
    select * from {{ ref('int_trips__days') }}
),

changed_dates as (
    select distinct trip_date
    from days
    where trip_date is not null {% if is_incremental() %}and driver_days_fingerprint is distinct from fingerprint{% endif %}
),

-- A day written in two forms is one day: when one text changed, all its texts are read again.
changed_texts as (
    select days.date_text, days.trip_date
    from days
    inner join changed_dates on changed_dates.trip_date = days.trip_date
),

loads as (
    select
        trips.driver_id,
        changed_texts.trip_date,
        trips.loaded_at,
        sum(cast(trips.trips as bigint)) as trips,
        sum(trips.work_seconds) as work_seconds,
        count(*) as source_rows
    from trips
    inner join changed_texts on changed_texts.date_text = trips.date_file
    where trips.driver_id is not null and trips.trips >= 0
    group by trips.driver_id, changed_texts.trip_date, trips.loaded_at
),

-- D-17: rows of one load add up, a later load replaces an earlier one. Kept is the latest, counted are all.
ranked as (
    select
        loads.*,
        row_number() over (partition by driver_id, trip_date order by loaded_at desc) as load_rank,
        sum(source_rows) over (partition by driver_id, trip_date) as all_rows,
        count(*) over (partition by driver_id, trip_date) as all_loads
    from loads
),

computed as (
    select
        driver_id,
        trip_date,
        cast(trips as bigint) as trips,
        cast(work_seconds as numeric) as work_seconds,
        cast(all_rows as bigint) as source_rows,
        cast(source_rows as bigint) as counted_rows,
        cast(all_loads as bigint) as loads
    from ranked
    where load_rank = 1
),

{% if is_incremental() %}
known as (
    select known.*
    from {{ this }} as known
    inner join changed_dates on changed_dates.trip_date = known.trip_date
),

int_trips__driver_days as (
    select
        coalesce(computed.driver_id, known.driver_id) as driver_id,
        coalesce(computed.trip_date, known.trip_date) as trip_date,
        coalesce(computed.trips, 0) as trips,
        computed.work_seconds,
        coalesce(computed.source_rows, 0) as source_rows,
        coalesce(computed.counted_rows, 0) as counted_rows,
        coalesce(computed.loads, 0) as loads,
        {{ current_run_id() }} as changed_run
    from computed
    full join known on known.driver_id = computed.driver_id and known.trip_date = computed.trip_date
    where (
        coalesce(computed.trips, 0), computed.work_seconds, coalesce(computed.source_rows, 0), coalesce(computed.counted_rows, 0),
        coalesce(computed.loads, 0)
    ) is distinct from (known.trips, known.work_seconds, known.source_rows, known.counted_rows, known.loads)
)
{% else %}
int_trips__driver_days as (
    select computed.*, {{ current_run_id() }} as changed_run
    from computed
)
{% endif %}

select * from int_trips__driver_days
