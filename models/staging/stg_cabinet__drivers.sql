-- Without `with`: PostgreSQL does not look into a view that has one, and whoever looks up a few rows would read all.
select
    id as source_id,
    driver_id as source_driver_id,
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
from {{ source('cabinet', 'drivers') }}
