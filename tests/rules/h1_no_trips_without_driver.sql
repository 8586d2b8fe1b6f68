-- H1: a lead without a driver has no trips. Without this, trips of a wrong driver could raise claims for a lead that has none.
select states.lead_id, states.trips_14d
from {{ ref('int_states__leads') }} as states
where {{ is_to_test('states') }}
    and states.driver_id is null
    and (states.trips_14d <> 0 or states.trips_other_drivers_14d <> 0 or states.reached_m1)
