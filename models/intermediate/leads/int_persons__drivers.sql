-- The drivers of each person as this build has read them; one of them is the person's driver (D-3).
-- Without `with`: PostgreSQL does not look into a view that has one, and whoever looks up a few rows would read all.
select person_key, driver_id, driver_count, is_current_driver
from {{ ref('int_states__persons_drivers') }} as states
where {{ is_candidate('states') }}
