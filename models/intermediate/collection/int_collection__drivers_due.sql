-- Drivers whose money must be added up again: those of leads, claims and payments that changed, of a first connection or a name that changed,
-- and those whose trips around a payment changed. In a build of everything, all that have a lead, a claim or a payment.
-- depends_on: {{ ref('int_collection__claims_paid') }}, {{ ref('int_collection__connections') }}
-- depends_on: {{ ref('int_collection__settlements') }}, {{ ref('int_drivers__named') }}, {{ ref('int_payments__versions') }}
-- depends_on: {{ ref('int_states__lead_claims') }}, {{ ref('int_states__leads') }}, {{ ref('int_states__persons_drivers') }}
-- depends_on: {{ ref('int_trips__driver_days') }}
{{ config(materialized='table', indexes=[{'columns': ['driver_id'], 'unique': true}], post_hook="analyze {{ this }}") }}

{% if partial() %}
with settlements as (
    select * from {{ ref('int_collection__settlements') }} as states where {{ is_candidate('states') }} and states.driver_id is not null
),

connections as not materialized (
    select * from {{ ref('int_collection__connections') }}
),

moved_days as (
    select distinct driver_id from {{ ref('int_trips__driver_days') }} where changed_run > {{ last_run_id() }}
),

moved_payments as (
    {{ since_live(ref('int_payments__versions'), ['payment_id']) }}
),

moved as (
    {{ since_live(ref('int_states__leads'), ['driver_id']) }}
    union
    {{ since_live(ref('int_states__lead_claims'), ['driver_id']) }}
    union
    {{ since_live(ref('int_collection__claims_paid'), ['driver_id']) }}
    union
    {{ since_live(ref('int_collection__settlements'), ['driver_id']) }}
    union
    {{ since_live(ref('int_drivers__named'), ['driver_id']) }}
    union
    {{ since_live(ref('int_states__persons_drivers'), ['driver_id']) }}
    union
    select driver_id from connections where computed_run > {{ last_run_id() }}
    union
    select driver_id from connections where connected_date between {{ first_moved_day() }} and {{ last_moved_day() }}
    union
    select settlements.driver_id from moved_payments inner join settlements on settlements.payment_id = moved_payments.payment_id
    union
    select settlements.driver_id from moved_days inner join settlements on settlements.driver_id = moved_days.driver_id
    union
    select driver_id from settlements where pay_date >= {{ first_moved_day() }}
),

int_collection__drivers_due as (
    select driver_id from moved where driver_id is not null
)
{% else %}
with found as (
    select driver_id from {{ ref('int_states__leads') }} as states where {{ is_candidate('states') }}
    union
    select driver_id from {{ ref('int_collection__settlements') }} as states where {{ is_candidate('states') }}
    union
    {{ held_behind('int_collection__financial', 'driver_id') }}
    union
    {{ held_behind('int_collection__reconciled', 'driver_id') }}
),

int_collection__drivers_due as (
    select driver_id from found where driver_id is not null
)
{% endif %}

select * from int_collection__drivers_due
