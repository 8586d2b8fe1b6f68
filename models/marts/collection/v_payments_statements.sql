with states as (
    select * from {{ ref('int_collection__settlements') }}
),

v_payments_statements as (
    select
        payment_id,
        milestone as milestone_value,
        outcome,
        cause,
        claim_id,
        closed_claim_id,
        driver_id,
        person_key,
        driver_name,
        driver_match,
        found_by,
        confidence,
        settled_through,
        amount,
        pay_date,
        scout_id,
        valid_from_run as since_run
    from states
    where {{ is_live('states') }}
)

select * from v_payments_statements
