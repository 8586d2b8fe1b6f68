-- Trip rows that can't count, equal rows as one with their number; only texts of dates whose content moved are read again.
-- Built after the driver-days, since both write down what they read: -- depends_on: {{ ref('int_trips__driver_days') }}
{{ config(
    materialized='incremental',
    unique_key='date_text',
    on_schema_change='fail',
    indexes=[{'columns': ['date_text']}],
    meta={'one_snapshot': true},
    post_hook="{{ take_in('rejected_fingerprint') }}",
) }}

-- Cheap conditions first, which all rows that can't count fulfil: most rows are looked at no further.
with suspects as not materialized (
    select source_driver_id, driver_id, date_file, trips, loaded_at
    from {{ ref('stg_cabinet__trips') }}
),

texts as (
    select date_text, trip_date
    from {{ ref('int_trips__days') }}
    {% if is_incremental() %}where rejected_fingerprint is distinct from fingerprint{% endif %}
),

{% if is_incremental() %}
{% set suspects_of_text %}
select suspects.* from suspects
where suspects.date_file = texts.date_text and (texts.trip_date is null or {{ may_be_rejected('suspects') }})
{% endset %}
-- Each branch goes through an index, which the offset makes sure of.
rows_of_texts as (
    select texts.date_text, texts.trip_date, rows_of_text.*
    from texts
    {{ for_each(suspects_of_text, 'rows_of_text') }}
    union all
    select texts.date_text, texts.trip_date, rows_without.*
    from texts
    {{ for_each("select suspects.* from suspects where suspects.date_file is null and texts.date_text = ''", 'rows_without') }}
),
{% else %}
rows_of_texts as (
    select texts.date_text, texts.trip_date, suspects.*
    from texts
    inner join suspects on suspects.date_file = texts.date_text
    where texts.trip_date is null or {{ may_be_rejected('suspects') }}
    union all
    select texts.date_text, texts.trip_date, suspects.*
    from texts
    inner join suspects on texts.date_text = '' and suspects.date_file is null
),
{% endif %}

judged as (
    select date_text, driver_id, {{ trip_reject_reason('driver_id', 'trip_date', 'trips') }} as reject_reason, trips, loaded_at
    from rows_of_texts
),

counted as (
    select date_text, driver_id, reject_reason, trips, loaded_at, cast(count(*) as bigint) as source_rows
    from judged
    where reject_reason is not null
    group by date_text, driver_id, reject_reason, trips, loaded_at
),

-- A changed text without rejects leaves one row with no reason, which replaces what stood there before.
int_trips__rejected as (
    select
        texts.date_text,
        counted.driver_id,
        counted.reject_reason,
        counted.trips,
        counted.loaded_at,
        coalesce(counted.source_rows, 0) as source_rows
    from texts
    {{ 'left' if is_incremental() else 'inner' }} join counted on counted.date_text = texts.date_text
)

select * from int_trips__rejected
