-- R14: the five stages are exclusive and complete, and each agrees with the facts beside it. The original only warned of this.
select states.lead_id, states.limbo_stage
from {{ ref('int_states__leads') }} as states
where {{ is_to_test('states') }}
    and not coalesce(
        case states.limbo_stage
            when 'NO_IDENTITY' then states.person_key is null and states.driver_id is null
            when 'NO_DRIVER' then states.person_key is not null and states.driver_id is null
            when 'NO_TRIPS_14D' then states.driver_id is not null and states.trips_14d = 0
            when 'TRIPS_NO_CLAIM' then states.trips_14d > 0 and states.claims_missing is not null
            when 'OK' then states.trips_14d > 0 and states.claims_missing is null
        end, false
    )
