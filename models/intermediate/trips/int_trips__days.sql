-- What the trips source holds per text of a date: how many rows, and one fingerprint of them. driver_days_fingerprint and rejected_fingerprint
-- say which content the two models behind have taken in, so that a build that dies in between, or a row that arrives in between, is made good
-- by the next one. Where the source tells its changes only told texts are read; else all is scanned, and a changed row found however old.
{{ config(materialized='incremental', unique_key='date_text', on_schema_change='fail', meta={'one_snapshot': true}) }}

{% set by_text = is_incremental() and is_told('trips') and are_few_texts(this, 'days.date_text in (' ~ told_trip_texts(this) ~ ')') %}
with trips as not materialized (
    select date_file, source_driver_id, trips, work_seconds, loaded_at from {{ ref('stg_cabinet__trips') }}
),

{% if by_text %}
asked as (
    {{ told_trip_texts(this) }}
),

-- Two branches, each with the index on the date text, which the offset makes sure of.
asked_rows as (
    select asked.date_text, rows_of_text.*
    from asked
    {{ for_each("select trips.* from trips where trips.date_file = asked.date_text", 'rows_of_text') }}
    union all
    select asked.date_text, rows_without.*
    from asked
    {{ for_each("select trips.* from trips where trips.date_file is null and asked.date_text = ''", 'rows_without') }}
),
{% else %}
asked_rows as (
    select cast(coalesce(date_file, '') as text) as date_text, trips.* from trips
),
{% endif %}

scanned as (
    select
        date_text,
        count(*) as source_rows,
        sum({{ trip_row_hash('asked_rows') }}) as fingerprint,
        bool_or({{ is_padded('source_driver_id') }}) as has_padded_drivers
    from asked_rows
    group by date_text
),

held as (
    {{ ('select date_text from asked' if by_text else 'select date_text from ' ~ this) if is_incremental() else texts_held_behind() }}
),

texts as (
    select date_text from scanned
    union
    select date_text from held
),

known as (
    {% if is_incremental() %}
    select date_text, fingerprint, source_rows, driver_days_fingerprint, rejected_fingerprint from {{ this }}
    {% else %}
    select
        cast(null as text) as date_text, cast(null as numeric) as fingerprint, cast(null as bigint) as source_rows,
        cast(null as numeric) as driver_days_fingerprint, cast(null as numeric) as rejected_fingerprint
    where false
    {% endif %}
),

-- A text that was never seen before: what is behind holds nothing of it, whose fingerprint is 0. Where all is made anew nothing is known.
int_trips__days as (
    select
        texts.date_text,
        {{ parse_trip_date('texts.date_text') }} as trip_date,
        coalesce(scanned.source_rows, 0) as source_rows,
        coalesce(scanned.fingerprint, 0) as fingerprint,
        {% set nothing = 'case when known.date_text is null then 0 end' if is_incremental() else 'null' %}
        cast(coalesce(known.driver_days_fingerprint, {{ nothing }}) as numeric) as driver_days_fingerprint,
        cast(coalesce(known.rejected_fingerprint, {{ nothing }}) as numeric) as rejected_fingerprint,
        coalesce(scanned.has_padded_drivers, false) as has_padded_drivers,
        pg_current_snapshot() as seen_snapshot,
        {{ current_run_id() }} as changed_run
    from texts
    left join scanned on scanned.date_text = texts.date_text
    left join known on known.date_text = texts.date_text
    {% if is_incremental() and not by_text %}
    where known.date_text is null
        or coalesce(scanned.fingerprint, 0) <> known.fingerprint
        or coalesce(scanned.source_rows, 0) <> known.source_rows
        or {{ is_open_text('known') }}
    {% endif %}
)

select * from int_trips__days
