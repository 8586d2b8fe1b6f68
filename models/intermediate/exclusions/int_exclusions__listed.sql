-- What does not count, with its reason: leads outside the funnel (D-20), trip rows that can't count or were replaced (D-17, D-18), days that
-- do not exist yet for this run (D-7), payments that name nobody. Nothing is dropped silently; equal trip rows are one row with their number.
-- A table, since only tables know that a build is partial: it holds what is due then.
{{ config(materialized='table', post_hook="analyze {{ this }}") }}

{% set due = ref('int_exclusions__due') %}
{% set leads_due = "select one.* from " ~ ref('int_leads__read') ~ " as one where one.lead_source_pk = due.source_key" %}
{% set rejected_due = "select one.* from " ~ ref('int_trips__rejected') ~ " as one where one.date_text = due.source_key" %}
{% set repeats_due = "select one.* from " ~ ref('int_trips__driver_days') ~ " as one where one.trip_date = due.trip_date and one.source_rows > 1" %}
{% set days_due = "select one.* from " ~ ref('int_trips__driver_days') ~ " as one where one.trip_date = due.trip_date" %}
with leads as (
    {% if partial() %}
    select leads.* from {{ due }} as due {{ for_each(leads_due, 'leads') }} where due.source = 'leads' and leads.exclusion_reason is not null
    {% else %}
    select * from {{ ref('int_leads__read') }} where exclusion_reason is not null
    {% endif %}
),

rejected_trips as (
    {% if partial() %}
    select rejected.* from {{ due }} as due {{ for_each(rejected_due, 'rejected') }} where due.source = 'trips' and rejected.source_rows > 0
    {% else %}
    select * from {{ ref('int_trips__rejected') }} where source_rows > 0
    {% endif %}
),

driver_days as (
    {% if partial() %}
    select repeats.* from {{ due }} as due {{ for_each(repeats_due, 'repeats') }} where due.source = 'trips'
    {% else %}
    select * from {{ ref('int_trips__driver_days') }} where source_rows > 1
    {% endif %}
),

future_days as (
    select held_days.trip_date, sum(held_days.source_rows) as source_rows, sum(held_days.trips) as trips
    {% if partial() %}
    from {{ due }} as due {{ for_each(days_due, 'held_days') }}
    where due.trip_date > {{ as_of_date() }} and held_days.source_rows > 0
    {% else %}
    from {{ ref('int_trips__driver_days') }} as held_days
    where held_days.trip_date > {{ as_of_date() }} and held_days.source_rows > 0
    {% endif %}
    group by held_days.trip_date
),

payments as (
    select * from {{ ref('stg_cabinet__payments') }} where exclusion_reason is not null
),

listed as (
    select
        'leads' as source, lead_source_pk as source_key, exclusion_reason as reason, lead_id, cast(null as text) as driver_id,
        cast(lead_created_at as text) as raw_value, cast(1 as bigint) as source_rows, cast(null as bigint) as trips, lead_date as event_date
    from leads
    union all
    select
        'trips', date_text, reject_reason, cast(null as integer), driver_id,
        coalesce(cast(trips as text), 'null') || ' @ ' || cast(loaded_at as text), source_rows, cast(trips as bigint), cast(null as date)
    from rejected_trips
    union all
    select
        'trips', cast(trip_date as text), 'SUPERSEDED_LOAD', cast(null as integer), driver_id,
        'loads: ' || cast(loads as text), source_rows - counted_rows, cast(null as bigint), trip_date
    from driver_days
    where loads > 1
    union all
    select
        'trips', cast(trip_date as text), 'REPEATED_ROWS', cast(null as integer), driver_id,
        'rows added up: ' || cast(counted_rows as text), counted_rows, trips, trip_date
    from driver_days
    where counted_rows > 1
    union all
    select
        'trips', cast(trip_date as text), 'FUTURE_TRIP_DATE', cast(null as integer), cast(null as text),
        'all drivers', cast(source_rows as bigint), cast(trips as bigint), trip_date
    from future_days
    union all
    select
        'payments', cast(payment_id as text), exclusion_reason, cast(null as integer), driver_id,
        driver_name, cast(1 as bigint), cast(null as bigint), pay_date
    from payments
),

int_exclusions__listed as (
    select
        {{ row_key(['source', 'reason', 'source_key', 'driver_id', 'raw_value']) }} as exclusion_key,
        listed.*
    from listed
)

select * from int_exclusions__listed
