-- Every version of a payment row that a run has seen: the list is edited and emptied by others, and a payment that is taken back must show.
-- The key is the row's id and not the name: a corrected name is the same payment (F34).
{{ config(materialized='versioned', unique_key='payment_id') }}

with payments as (
    select * from {{ ref('stg_cabinet__payments') }}
),

int_payments__versions as (
    select
        payment_id,
        driver_id,
        person_key,
        driver_name,
        scout_id,
        paid_m1,
        paid_m5,
        paid_m25,
        payment_amount,
        pay_date
    from payments
)

select * from int_payments__versions
