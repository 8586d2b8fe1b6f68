-- Every version of every payment row, as published runs saw them.
with versions as (
    select * from {{ ref('int_payments__versions') }} as states where states.valid_from_run <= {{ live_run_id() }}
),

v_payments_history as (
    select
        payment_id,
        row_number() over (partition by payment_id order by valid_from_run) as version,
        valid_from_run as from_run,
        case when valid_to_run <= {{ live_run_id() }} then valid_to_run end as to_run,
        valid_to_run > {{ live_run_id() }} as is_current,
        driver_id,
        person_key,
        driver_name,
        scout_id,
        paid_m1,
        paid_m5,
        paid_m25,
        payment_amount,
        pay_date
    from versions
)

select * from v_payments_history
