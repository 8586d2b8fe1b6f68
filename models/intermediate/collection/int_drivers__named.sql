-- The names of every driver of the master, with their form on the payment list, by run: names are looked up by both, and neither is worked
-- out again for drivers that did not change.
-- depends_on: {{ ref('int_drivers__asked') }}, {{ ref('stg_cabinet__drivers') }}, {{ source('cabinet', 'drivers') }}
{{ config(
    materialized='versioned',
    unique_key=['driver_id', 'driver_name'],
    scope={'relation': 'int_drivers__asked', 'columns': ['driver_id']},
    state_indexes=["(name_key)"],
) }}

-- Partial builds look asked drivers up by the source's own key, which staging only blanks.
with drivers as (
    {% if partial() %}
    select drivers.driver_id, drivers.full_name
    from {{ ref('int_drivers__asked') }} as asked
    inner join {{ source('cabinet', 'drivers') }} as drivers on drivers.driver_id = asked.driver_id
    where {{ blank_to_null('drivers.driver_id') }} is not null and drivers.full_name is not null
    {% else %}
    select driver_id, full_name from {{ ref('stg_cabinet__drivers') }} where driver_id is not null and full_name is not null
    {% endif %}
),

-- A master without its key can hold a driver twice.
named as (
    select distinct driver_id, full_name as driver_name from drivers
),

int_drivers__named as (
    select
        driver_id,
        driver_name,
        {{ payment_name_key('driver_name') }} as name_key
    from named
)

select * from int_drivers__named
