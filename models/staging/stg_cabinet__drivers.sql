with source as (
    select * from {{ source('cabinet', 'drivers') }}
),

stg_cabinet__drivers as (
    select
        {{ blank_to_null('driver_id') }} as driver_id,
        {{ blank_to_null('park_id') }} as park_id,
        full_name,
        phone,
        car_number,
        license_number,
        hire_date,
        fire_date
    from source
)

select * from stg_cabinet__drivers
