-- Each lead of the funnel with its person, driver and window, and the leads that it repeats or overlaps, as this build has found them.
-- Without `with`: PostgreSQL does not look into a view that has one, and whoever looks up a few rows would read all.
select
    lead_id,
    lead_source_pk,
    person_key,
    driver_id,
    park_phone,
    asset_plate_number,
    first_name,
    middle_name,
    last_name,
    duplicate_of_lead_source_pk,
    overlaps_lead_source_pk,
    driver_count,
    window_closed,
    week_start,
    lead_date,
    window_end
from {{ ref('int_states__leads_resolved') }} as states
where {{ is_candidate('states') }}
