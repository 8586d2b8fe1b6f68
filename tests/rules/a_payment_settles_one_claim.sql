-- D-16: each claim has at most one settlement, of a claim that is raised, of the same milestone, whose lead was there before the payment.
-- Without this, one payment could close two claims, or a claim of the wrong milestone.
with settled as (
    select * from {{ ref('int_collection__settlements') }} as states where {{ is_candidate('states') }} and outcome = 'SETTLES'
),

claims as (
    select * from {{ ref('int_collection__claims') }}
),

counted as (
    select settled.*, count(*) over (partition by claim_id) as settlements_of_claim from settled
)

select counted.payment_id, counted.milestone, counted.claim_id, counted.settlements_of_claim
from counted
left join claims on claims.claim_id = counted.claim_id
where counted.settlements_of_claim > 1
    or claims.claim_id is null
    or not claims.is_payable
    or claims.milestone <> counted.milestone
    or claims.lead_date > counted.pay_date
