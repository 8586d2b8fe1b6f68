-- How each payment statement ended, by run: it SETTLES a claim, is UNAPPLIED for a cause, or was REVERSED.
{{ config(
    materialized='versioned',
    unique_key=['payment_id', 'milestone'],
    state_indexes=[
        "(claim_id) where (claim_id is not null)",
        "(driver_id) where (driver_id is not null)",
        "(payment_id)",
        "(person_key) where (person_key is not null)",
    ],
) }}

with statements as (
    select * from {{ ref('int_payments__found') }}
),

claims as (
    select * from {{ ref('int_collection__claims') }}
),

allocated as (
    select * from {{ ref('int_collection__allocated') }}
),

of_payee as (
    select statements.payment_id, statements.milestone, statements.pay_date, claims.claim_id
    from statements
    inner join claims on claims.claim_driver_id = statements.named_driver_id
    union
    select statements.payment_id, statements.milestone, statements.pay_date, claims.claim_id
    from statements
    inner join claims on claims.person_key = statements.person_key
),

facts as (
    select
        of_payee.payment_id,
        of_payee.milestone,
        max(
            case when claims.is_payable and claims.milestone = of_payee.milestone and claims.lead_date <= of_payee.pay_date then 1 else 0 end
        ) = 1 as has_taken_claim,
        max(case when claims.is_payable and claims.milestone = of_payee.milestone then 1 else 0 end) = 1 as has_later_claim,
        max(case when claims.is_payable and claims.milestone <> of_payee.milestone then 1 else 0 end) = 1 as has_other_milestone,
        min(case
            when claims.claim_row_status in ('rejected', 'expired') and claims.milestone = of_payee.milestone then claims.claim_id
        end) as closed_claim_id
    from of_payee
    inner join claims on claims.claim_id = of_payee.claim_id
    group by of_payee.payment_id, of_payee.milestone
),

int_collection__settlements as (
    select
        statements.payment_id,
        statements.milestone,
        case
            when not statements.is_paid then 'REVERSED'
            when allocated.claim_id is not null then 'SETTLES'
            else 'UNAPPLIED'
        end as outcome,
        case
            when not statements.is_paid then statements.reversal_cause
            when allocated.claim_id is not null then null
            when statements.driver_match <> 'FOUND' then 'NO_DRIVER'
            when statements.pay_date is null then 'NO_PAY_DATE'
            when facts.has_taken_claim then 'ALREADY_PAID'
            when facts.has_later_claim then 'BEFORE_LEAD'
            when facts.has_other_milestone then 'OTHER_MILESTONE'
            else 'NO_CLAIM'
        end as cause,
        allocated.claim_id,
        facts.closed_claim_id,
        allocated.settled_through,
        statements.found_by,
        statements.confidence,
        statements.driver_match,
        statements.driver_id,
        statements.named_driver_id,
        statements.person_key,
        statements.driver_name,
        statements.scout_id,
        cast(
            coalesce(statements.stated_amount, case when claims.is_expected then claims.amount_expected end, statements.list_price)
            as numeric(12, 2)
        ) as amount,
        statements.pay_date
    from statements
    left join allocated on allocated.payment_id = statements.payment_id and allocated.milestone = statements.milestone
    left join claims on claims.claim_id = allocated.claim_id
    left join facts on facts.payment_id = statements.payment_id and facts.milestone = statements.milestone
)

select * from int_collection__settlements
