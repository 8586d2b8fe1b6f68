-- The drivers of each person as this build has read them; one of them is the person's driver (D-3).
with states as (
    select * from {{ ref('int_states__persons_drivers') }} as states where {{ is_candidate('states') }}
),

int_persons__drivers as (
    select person_key, driver_id, driver_count, is_current_driver
    from states
)

select * from int_persons__drivers
