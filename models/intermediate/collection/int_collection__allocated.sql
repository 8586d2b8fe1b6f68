-- Which claim each payment settles (D-16): first among the claims raised for the driver it pays, then, for what is left on both sides, among
-- those of the person. One function of the payments and claims as they stand, so the order in which they came in can't matter.
with statements as (
    select * from {{ ref('int_payments__found') }} where is_paid and pay_date is not null
),

claims as (
    select * from {{ ref('int_collection__claims') }} where is_payable
),

payments_of_drivers as (
    select payment_id, milestone, named_driver_id as claim_driver_id, pay_date from statements
),

{{ allocate('by_driver', 'payments_of_drivers', 'claims', 'claim_driver_id') }},

payments_left as (
    select statements.*
    from statements
    left join by_driver on by_driver.payment_id = statements.payment_id and by_driver.milestone = statements.milestone
    where by_driver.claim_id is null
),

claims_left as (
    select claims.*
    from claims
    left join by_driver on by_driver.claim_id = claims.claim_id
    where by_driver.claim_id is null
),

{{ allocate('by_person', 'payments_left', 'claims_left', 'person_key') }},

int_collection__allocated as (
    select payment_id, milestone, claim_id, 'DRIVER' as settled_through from by_driver
    union all
    select payment_id, milestone, claim_id, 'PERSON' from by_person
)

select * from int_collection__allocated
