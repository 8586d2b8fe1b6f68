with source as (
    select * from {{ source('cabinet', 'summary_daily') }}
),

renamed as (
    select
        nullif({{ trim_blanks('driver_id') }}, '') as driver_id,
        driver_id as source_driver_id,
        date_file,
        count_orders_completed as trips,
        cast(sum_work_time_seconds as numeric) as work_seconds,
        {{ parse_trip_date('date_file') }} as trip_date,
        -- Rows without a load time count as the oldest load (D-17).
        coalesce(created_at, cast('0001-01-01 00:00:00' as timestamp)) as loaded_at
    from source
),

stg_cabinet__trips as (
    select
        driver_id,
        source_driver_id,
        date_file,
        {{ trip_reject_reason('driver_id', 'trip_date', 'trips') }} as reject_reason,
        trips,
        work_seconds,
        trip_date,
        loaded_at
    from renamed
)

select * from stg_cabinet__trips
