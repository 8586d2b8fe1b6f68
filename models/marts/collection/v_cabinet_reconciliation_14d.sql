with states as (
    select * from {{ ref('int_collection__reconciled') }}
),

v_cabinet_reconciliation_14d as (
    select
        driver_id,
        milestone as milestone_value,
        reconciliation_status,
        cause,
        leads_reached,
        payments,
        trips_before_pay,
        expected_amount,
        paid_amount,
        last_pay_date
    from states
    where {{ is_live('states') }}
)

select * from v_cabinet_reconciliation_14d
