-- What this build leaves of the hits of each unsettled lead: of due ones as they were found now, of the others as they stood.
-- Without `with`: PostgreSQL does not look into a view that has one, and whoever looks up a few rows would read all.
select
    lead_id,
    rule,
    driver_id,
    person_key,
    park_id,
    is_kept,
    drop_reason,
    phone_level,
    plate_level,
    name_level,
    name_similarity,
    phone_points,
    plate_points,
    name_points,
    model_points,
    date_points,
    score
from {{ ref('int_states__identity_candidates') }} as states
where {{ is_candidate('states') }}
