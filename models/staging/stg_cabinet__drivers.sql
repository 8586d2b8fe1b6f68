with source as (
    select * from {{ source('cabinet', 'drivers') }}
),

stg_cabinet__drivers as (
    select
        id as source_id,
        {{ blank_to_null('driver_id') }} as driver_id,
        {{ blank_to_null('park_id') }} as park_id,
        first_name,
        middle_name,
        last_name,
        full_name,
        phone,
        car_brand,
        car_model,
        car_number,
        license_number,
        document_number,
        hire_date,
        fire_date
    from source
)

select * from stg_cabinet__drivers
