-- The only large table. Worked on are the days of texts whose content is not the one taken in last, and of those only the told driver-days
-- where that explains the difference; written is what differs. A driver-day that vanished at the source stays with zero rows, so that what
-- depends on it can see the change. Made anew it is sorted: whoever reads a driver's days finds them side by side.
-- depends_on: {{ source('cabinet', 'summary_daily') }}
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
        "{{ analyze_if_moved('changed_run > ' ~ last_run_id() ~ '') }}",
    ],
) }}

{% set is_told_apart = is_incremental() and is_told('trips') %}
with trips as not materialized (
    select driver_id, source_driver_id, date_file, trips, work_seconds, loaded_at
    from {{ ref('stg_cabinet__trips') }}
    where trips >= 0
),

days as (
    select * from {{ ref('int_trips__days') }} where trip_date is not null
),

-- A day written in two forms is one day: when one text changed, all its texts are read again. Told keys are not enough where it is not known
-- what was taken in, or where a driver may be written in more ways than the told one.
changed_dates as (
    select
        trip_date,
        array_agg(date_text) as date_texts,
        {{ 'bool_or(has_padded_drivers or driver_days_fingerprint is null)' if is_told_apart else 'true' }} as is_whole
    from days
    group by trip_date
    {% if is_incremental() %}having bool_or(driver_days_fingerprint is distinct from fingerprint){% endif %}
),

{% set of_date = "select changed_dates.trip_date, trips.* from trips where trips.date_file = any(changed_dates.date_texts)" %}
{% set of_pair = "select told_pairs.trip_date, trips.* from trips
    where trips.source_driver_id = told_pairs.driver_id and trips.date_file = any(told_pairs.date_texts)" %}
{% set of_all_dates = "select changed_dates.trip_date, trips.* from changed_dates
    inner join days on days.trip_date = changed_dates.trip_date
    inner join trips on trips.date_file = days.date_text
    where changed_dates.is_whole" %}
{#- Made anew, one sort of everything gives the loads of a driver-day and the table's order alike; date by date it would be sorted twice. -#}
{% set of_whole_dates = (
    "select of_date.* from changed_dates " ~ for_each(latest_loads(of_date), 'of_date') ~ " where changed_dates.is_whole"
    if is_incremental() and trips_are_found_by('date_file') else latest_loads(of_all_dates)
) %}
{% if is_told_apart %}
told_pairs as (
    select distinct {{ trim_blanks('told_keys.key_1') }} as driver_id, changed_dates.trip_date, changed_dates.date_texts
    from ({{ told('trips') }}) as told_keys
    inner join days on days.date_text = coalesce(told_keys.key_2, '')
    inner join changed_dates on changed_dates.trip_date = days.trip_date and not changed_dates.is_whole
    where {{ trim_blanks('told_keys.key_1') }} <> ''
),

computed as (
    {{ of_whole_dates }}
    union all
    select of_pair.*
    from told_pairs
    {{ for_each(latest_loads(of_pair), 'of_pair') }}
),
{% else %}
computed as (
    {{ of_whole_dates }}
),
{% endif %}

{% if is_incremental() %}
{% set held_of_date = "select held.* from " ~ this ~ " as held where held.trip_date = changed_dates.trip_date" %}
{% set held_of_pair = "select held.* from " ~ this ~ " as held where held.driver_id = told_pairs.driver_id and held.trip_date = told_pairs.trip_date" %}
known as (
    {% if are_few_texts(ref('int_trips__days'), 'days.driver_days_fingerprint is null or days.has_padded_drivers') %}
    select known_days.*
    from changed_dates
    {{ for_each(held_of_date, 'known_days') }}
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
    {{ for_each(held_of_pair, 'known_days') }}
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
    order by driver_id, trip_date
)
{% endif %}

select * from int_trips__driver_days
