-- Trip rows that can't count, equal rows as one with their number; only texts of dates whose fingerprint moved are read again.
-- Built after the driver-days, since both write down what they read: -- depends_on: {{ ref('int_trips__driver_days') }}
{{ config(
    materialized='incremental',
    unique_key='date_text',
    on_schema_change='fail',
    indexes=[{'columns': ['date_text']}],
    meta={'one_snapshot': true},
    post_hook="{{ take_in('rejected_fingerprint') }}",
) }}

with rejected as (
    select * from {{ ref('stg_cabinet__trips_rejected') }}
),

changed_texts as (
    select date_text
    from {{ ref('int_trips__days') }}
    {% if is_incremental() %}where rejected_fingerprint is distinct from fingerprint{% endif %}
),

-- Two branches, so that the first can use the source's index on the date text.
rows_of_changed_texts as (
    select rejected.*, changed_texts.date_text
    from rejected
    inner join changed_texts on changed_texts.date_text = rejected.date_file
    union all
    select rejected.*, changed_texts.date_text
    from rejected
    inner join changed_texts on changed_texts.date_text = '' and rejected.date_file is null
),

counted as (
    select
        date_text,
        driver_id,
        reject_reason,
        trips,
        loaded_at,
        cast(count(*) as bigint) as source_rows
    from rows_of_changed_texts
    group by date_text, driver_id, reject_reason, trips, loaded_at
),

-- A changed text without rejects leaves one row with no reason, which replaces what stood there before.
int_trips__rejected as (
    select
        changed_texts.date_text,
        counted.driver_id,
        counted.reject_reason,
        counted.trips,
        counted.loaded_at,
        coalesce(counted.source_rows, 0) as source_rows
    from changed_texts
    {{ 'left' if is_incremental() else 'inner' }} join counted on counted.date_text = changed_texts.date_text
)

select * from int_trips__rejected
