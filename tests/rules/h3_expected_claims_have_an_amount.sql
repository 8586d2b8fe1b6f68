-- H3: a claim that is expected has an amount above zero. Without this, claims would be raised for nothing, or for null.
select states.lead_id, states.milestone, states.amount_expected
from {{ ref('int_states__lead_claims') }} as states
where {{ is_to_test('states') }}
    and states.claim_expected
    and (states.amount_expected is null or states.amount_expected <= 0)
