with trips as (
    select * from {{ ref('stg_cabinet__trips') }}
),

stg_cabinet__trips_rejected as (
    select
        driver_id,
        date_file,
        reject_reason,
        trips,
        loaded_at
    from trips
    where reject_reason is not null
)

select * from stg_cabinet__trips_rejected
