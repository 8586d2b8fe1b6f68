-- Every claim row with what was paid on it and what is due, by run. No age is part of it: that would change each night for every claim.
{{ config(
    materialized='versioned',
    unique_key='claim_id',
    scope={'relation': 'int_collection__claims_due', 'columns': ['claim_id']},
    state_indexes=["(driver_id, milestone)", "(lead_date, claim_id)"],
) }}

{#- A partial build looks each due claim up: joined as a whole, all claims and all milestones would be read for some hundreds. -#}
{% set of_due = "select all_claims.* from " ~ ref('int_collection__claims') ~ " as all_claims where all_claims.claim_id = due.claim_id" %}
with claims as (
    select claims.*
    from {{ ref('int_collection__claims_due') }} as due
    {% if partial() %}
    {{ for_each(of_due, 'claims') }}
    {% else %}
    inner join {{ ref('int_collection__claims') }} as claims on claims.claim_id = due.claim_id
    {% endif %}
),

settlements as (
    select * from {{ ref('int_collection__settlements') }} as states where {{ is_candidate('states') }}
),

settled as (
    select * from settlements where outcome = 'SETTLES'
),

-- Payments that this claim's driver or person got and that do not settle it.
others as (
    select claims.claim_id, settlements.outcome, settlements.cause, settlements.milestone, settlements.pay_date
    from claims
    inner join settlements on settlements.named_driver_id = claims.claim_driver_id
    where settlements.outcome <> 'SETTLES'
    union
    select claims.claim_id, settlements.outcome, settlements.cause, settlements.milestone, settlements.pay_date
    from claims
    inner join settlements on settlements.person_key = claims.person_key
    where settlements.outcome <> 'SETTLES'
),

seen as (
    select
        others.claim_id,
        max(case when others.outcome = 'UNAPPLIED' and others.milestone <> claims.milestone then 1 else 0 end) = 1 as has_other_milestone,
        max(case
            when others.outcome = 'REVERSED' and others.milestone = claims.milestone and others.pay_date >= claims.lead_date then 1 else 0
        end) = 1 as has_reversal
    from others
    inner join claims on claims.claim_id = others.claim_id
    group by others.claim_id
),

paid as (
    select
        claims.*,
        settled.payment_id,
        settled.pay_date,
        settled.found_by,
        settled.confidence,
        settled.settled_through,
        claims.is_live_claim and (settled.payment_id is not null or claims.claim_row_status = 'paid') as is_paid,
        coalesce(seen.has_other_milestone, false) as has_other_milestone,
        coalesce(seen.has_reversal, false) as has_reversal,
        cast(case
            when not claims.is_live_claim then 0
            when settled.payment_id is not null then settled.amount
            -- Paid before payments were matched, or by a named act: no payment is seen, and the row's word stands (R22).
            when claims.claim_row_status = 'paid' then claims.amount_expected
            else 0
        end as numeric(12, 2)) as paid_amount
    from claims
    left join settled on settled.claim_id = claims.claim_id
    left join seen on seen.claim_id = claims.claim_id
),

int_collection__claims_paid as (
    select
        paid.*,
        cast(case when is_live_claim then amount_expected - paid_amount else 0 end as numeric(12, 2)) as due_amount,
        case
            when claim_row_status = 'rejected' then 'REJECTED'
            when claim_row_status = 'expired' then 'EXPIRED'
            when payment_id is not null then 'PAID'
            when is_paid then 'PAID_WITHOUT_PAYMENT'
            when has_reversal then 'PAYMENT_REVERSED'
            when has_other_milestone then 'PAYMENT_FOUND_OTHER_MILESTONE'
            else 'NO_PAYMENT_FOUND'
        end as reason_code
    from paid
)

select * from int_collection__claims_paid
