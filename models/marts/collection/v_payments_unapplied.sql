with states as (
    select * from {{ ref('int_collection__settlements') }}
),

v_payments_unapplied as (
    select
        payment_id,
        milestone as milestone_value,
        cause,
        driver_match,
        driver_id,
        person_key,
        driver_name,
        found_by,
        confidence,
        closed_claim_id,
        amount,
        pay_date
    from states
    where outcome = 'UNAPPLIED' and {{ is_live('states') }}
)

select * from v_payments_unapplied
