-- The only large table. Worked on are the days of texts whose content is not the one taken in last, and of those only the told driver-days
-- where that explains the difference; written is what differs. A driver-day that vanished at the source stays with zero rows, so that what
-- depends on it can see the change. Made anew it is sorted: the first index and everybody who reads a driver's days find them side by side.
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
    pre_hook="set local enable_hashagg = off",
    post_hook=[
        "{{ take_in('driver_days_fingerprint') }}",
        "create index if not exists int_trips__driver_days_repeats on {{ this }} (trip_date, driver_id) where source_rows > 1",
        "{{ analyze_if_moved('changed_run > coalesce(' ~ live_run_id() ~ ', 0)') }}",
    ],
) }}

{% set is_told_apart = is_incremental() and is_told('trips') %}
with trips as (
    select driver_id, source_driver_id, date_file, trips, work_seconds, loaded_at
    from {{ ref('stg_cabinet__trips') }}
    where trips >= 0
),

days as (
    select * from {{ ref('int_trips__days') }} where trip_date is not null
),

-- Told keys are not enough where it is not known what was taken in, or where a driver may be written in more ways than the told one.
changed_dates as (
    select trip_date, {{ 'bool_or(has_padded_drivers or driver_days_fingerprint is null)' if is_told_apart else 'true' }} as is_whole
    from days
    group by trip_date
    {% if is_incremental() %}having bool_or(driver_days_fingerprint is distinct from fingerprint){% endif %}
),

-- A day written in two forms is one day: when one text changed, all its texts are read again.
texts as (
    select days.date_text, days.trip_date, days.has_padded_drivers, changed_dates.is_whole
    from days
    inner join changed_dates on changed_dates.trip_date = days.trip_date
),

{% if is_told_apart %}
told_pairs as (
    select distinct {{ trim_blanks('told_keys.key_1') }} as driver_id, texts.trip_date
    from ({{ told('trips') }}) as told_keys
    inner join texts on texts.date_text = coalesce(told_keys.key_2, '')
    where {{ trim_blanks('told_keys.key_1') }} <> '' and not texts.is_whole
),
{% endif %}

{% if is_incremental() %}
-- Each branch goes through an index, which the offset makes sure of.
picked as (
    select texts.trip_date, texts.has_padded_drivers, rows_of_text.*
    from texts
    cross join lateral (select trips.* from trips where trips.date_file = texts.date_text offset 0) as rows_of_text
    where texts.is_whole
    {% if is_told_apart %}
    union all
    select texts.trip_date, texts.has_padded_drivers, rows_of_pair.*
    from told_pairs
    inner join texts on texts.trip_date = told_pairs.trip_date
    cross join lateral (
        select trips.* from trips where trips.source_driver_id = told_pairs.driver_id and trips.date_file = texts.date_text offset 0
    ) as rows_of_pair
    {% endif %}
),
{% else %}
picked as (
    select texts.trip_date, texts.has_padded_drivers, trips.*
    from texts
    inner join trips on trips.date_file = texts.date_text
),
{% endif %}

by_driver as (
    select
        {{ trip_driver('picked', 'picked') }} as driver_id,
        picked.trip_date,
        picked.trips,
        picked.work_seconds,
        case when picked.has_padded_drivers then picked.source_driver_id end as padded_driver_id
    from picked
),

-- D-17: rows of one load add up, a later load replaces an earlier one. Nearly all driver-days have one row; the others are read again, by all
-- the ways in which their driver is written: what the latest load says, how many rows it has, and how many loads there are.
grouped as (
    select
        by_driver.driver_id,
        by_driver.trip_date,
        max(by_driver.trips) as trips,
        max(by_driver.work_seconds) as work_seconds,
        count(*) as source_rows,
        case when count(*) > 1 then (
            select array[sum(again.trips), sum(again.work_seconds), count(*), count(*) over ()]
            from days as texts_again
            inner join trips as again on again.date_file = texts_again.date_text
            where texts_again.trip_date = by_driver.trip_date
                and again.source_driver_id = any(
                    array_agg(by_driver.padded_driver_id) filter (where by_driver.padded_driver_id is not null) || by_driver.driver_id
                )
            group by again.loaded_at
            order by again.loaded_at desc
            limit 1
        ) end as latest
    from by_driver
    where by_driver.driver_id is not null
    group by by_driver.driver_id, by_driver.trip_date
),

computed as (
    select
        driver_id,
        trip_date,
        cast(case when source_rows = 1 then trips else latest[1] end as bigint) as trips,
        cast(case when source_rows = 1 then work_seconds else latest[2] end as numeric) as work_seconds,
        cast(source_rows as bigint) as source_rows,
        cast(case when source_rows = 1 then 1 else latest[3] end as bigint) as counted_rows,
        cast(case when source_rows = 1 then 1 else latest[4] end as bigint) as loads
    from grouped
),

{% if is_incremental() %}
known as (
    {% if are_few_texts(ref('int_trips__days'), 'days.driver_days_fingerprint is null or days.has_padded_drivers') %}
    select known_days.*
    from changed_dates
    cross join lateral (select days.* from {{ this }} as days where days.trip_date = changed_dates.trip_date offset 0) as known_days
    where changed_dates.is_whole
    {% else %}
    select known_days.*
    from {{ this }} as known_days
    inner join changed_dates on changed_dates.trip_date = known_days.trip_date and changed_dates.is_whole
    {% endif %}
    {% if is_told_apart %}
    union all
    select known_days.*
    from told_pairs
    cross join lateral (
        select days.* from {{ this }} as days where days.driver_id = told_pairs.driver_id and days.trip_date = told_pairs.trip_date offset 0
    ) as known_days
    {% endif %}
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
    order by computed.driver_id, computed.trip_date
)
{% endif %}

select * from int_trips__driver_days
