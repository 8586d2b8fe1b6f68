with source as (
    select * from {{ source('cabinet', 'module_ct_cabinet_payments') }}
),

renamed as (
    select
        id as payment_id,
        nullif({{ trim_blanks('driver_id') }}, '') as driver_id,
        person_key,
        {{ blank_to_null('driver') }} as driver_name,
        scout_id,
        trip_1 as paid_m1,
        trip_5 as paid_m5,
        trip_25 as paid_m25,
        {{ optional_column(source('cabinet', 'module_ct_cabinet_payments'), 'amount', 'numeric(12, 2)') }} as payment_amount,
        date as pay_date
    from source
),

stg_cabinet__payments as (
    select
        payment_id,
        driver_id,
        person_key,
        driver_name,
        case
            when driver_name is null and driver_id is null and person_key is null then 'MISSING_DRIVER_NAME'
            when pay_date is null then 'MISSING_PAY_DATE'
        end as exclusion_reason,
        scout_id,
        paid_m1,
        paid_m5,
        paid_m25,
        payment_amount,
        pay_date
    from renamed
)

select * from stg_cabinet__payments
