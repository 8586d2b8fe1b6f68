-- R7: M25 implies M5 implies M1, and the amount of a lead is the sum of what it reached. A hole here is a wrong trip count.
select states.lead_id, states.trips_14d, states.expected_amount
from {{ ref('int_states__leads') }} as states
where {{ is_to_test('states') }}
    and (
        (states.reached_m25 and not states.reached_m5)
        or (states.reached_m5 and not states.reached_m1)
        or (states.reached_m1 <> (states.expected_amount > 0))
    )
