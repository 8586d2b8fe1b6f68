-- What the trips source holds, one fingerprint per text of a date: how a row that changed at the source is found, however old it is.
-- driver_days_fingerprint and rejected_fingerprint say which content the two models behind have taken in; they write them down with what they
-- read, in one transaction, so a build that dies in between, or a row that arrives in between, is made good by the next one.
{{ config(materialized='incremental', unique_key='date_text', on_schema_change='fail') }}

with trips as (
    select * from {{ ref('stg_cabinet__trips') }}
),

scanned as (
    select
        coalesce(date_file, '') as date_text,
        count(*) as source_rows,
        sum({{ row_hash(['driver_id', 'trips', 'work_seconds', 'loaded_at']) }}) as fingerprint
    from trips
    group by coalesce(date_file, '')
),

{% if is_incremental() %}
known as (
    select * from {{ this }}
),

int_trips__days as (
    select
        coalesce(scanned.date_text, known.date_text) as date_text,
        {{ parse_trip_date('coalesce(scanned.date_text, known.date_text)') }} as trip_date,
        coalesce(scanned.source_rows, 0) as source_rows,
        coalesce(scanned.fingerprint, 0) as fingerprint,
        known.driver_days_fingerprint,
        known.rejected_fingerprint
    from scanned
    full join known on known.date_text = scanned.date_text
    where known.date_text is null
        or coalesce(scanned.fingerprint, 0) <> known.fingerprint
        or coalesce(scanned.source_rows, 0) <> known.source_rows
)
{% else %}
-- Made anew while driver-days exist: what they hold and the source does not must be told to them as gone.
held as (
    {{ texts_held_behind() }}
),

int_trips__days as (
    select
        coalesce(scanned.date_text, held.date_text) as date_text,
        {{ parse_trip_date('coalesce(scanned.date_text, held.date_text)') }} as trip_date,
        coalesce(scanned.source_rows, 0) as source_rows,
        coalesce(scanned.fingerprint, 0) as fingerprint,
        cast(null as numeric) as driver_days_fingerprint,
        cast(null as numeric) as rejected_fingerprint
    from scanned
    full join held on held.date_text = scanned.date_text
)
{% endif %}

select * from int_trips__days
