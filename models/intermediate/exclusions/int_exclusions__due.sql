-- What left something out, or may leave something out, otherwise than at the live run: leads that read otherwise, texts of dates and dates whose
-- trips changed, dates that the as-of date moved across, and payments, which are few. Only a partial build asks.
-- depends_on: {{ ref('int_leads__read') }}, {{ ref('int_states__leads_read') }}, {{ ref('int_trips__days') }}
-- depends_on: {{ ref('int_trips__driver_days') }}, {{ ref('int_trips__rejected') }}, {{ ref('stg_cabinet__payments') }}
{{ config(materialized='table', post_hook="analyze {{ this }}") }}

{% if not partial() %}
with int_exclusions__due as (
    select cast(null as text) as source, cast(null as text) as source_key, cast(null as date) as trip_date where false
)
{% else %}
with days as (
    select date_text, trip_date
    from {{ ref('int_trips__days') }}
    where changed_run > {{ last_run_id() }} or (trip_date >= {{ first_moved_day() }} and trip_date <= {{ last_moved_day() }})
),

keys as (
    select 'leads' as source, read.lead_source_pk as source_key, cast(null as date) as trip_date
    from ({{ since_live(ref('int_states__leads_read'), ['lead_source_pk']) }}) as read
    union all
    select 'trips', date_text, cast(null as date) from days
    union all
    select 'trips', cast(trip_date as text), trip_date from days where trip_date is not null
    union all
    select 'payments', cast(payment_id as text), cast(null as date) from {{ ref('stg_cabinet__payments') }} where exclusion_reason is not null
    union all
    select 'payments', held.source_key, cast(null as date)
    from ({{ held_behind('int_states__exclusions', 'source, source_key, valid_to_run') }}) as held
    where held.source = 'payments' and {{ is_candidate('held') }}
),

int_exclusions__due as (
    select source, source_key, max(trip_date) as trip_date
    from keys
    where source_key is not null
    group by source, source_key
)
{% endif %}

select * from int_exclusions__due
