-- Drivers of the master whose name may be another one than at the live run. Where the source does not tell, all. Only a partial build asks.
-- depends_on: {{ ref('stg_cabinet__drivers') }}, {{ source('canon', 'source_changes') }}
{{ config(materialized='table', post_hook="analyze {{ this }}") }}

{% if not partial() %}
with int_drivers__asked as (
    select cast(null as text) as driver_id where false
)
{% elif not is_told('drivers') %}
with int_drivers__asked as (
    select driver_id from {{ ref('stg_cabinet__drivers') }} where driver_id is not null
    union
    {{ held_behind('int_drivers__named', 'driver_id') }}
)
{% else %}
with told as (
    {{ told('drivers') }}
),

int_drivers__asked as (
    select distinct key_1 as driver_id from told where key_1 is not null
)
{% endif %}

select * from int_drivers__asked
