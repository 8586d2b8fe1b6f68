-- What this build leaves decided about each unsettled lead: due ones as they were decided now, the others as they stood.
-- Without `with`: PostgreSQL does not look into a view that has one, and whoever looks up a few rows would read all.
select
    lead_id,
    lead_source_pk,
    lead_date,
    outcome,
    reason_code,
    lead_person_key,
    person_key,
    driver_id,
    match_rule,
    match_score,
    confidence_level,
    score,
    mr1_outcome,
    mr2_outcome,
    mr3_outcome,
    mr3b_outcome,
    mr4_outcome,
    score_outcome,
    is_suggestion,
    valid_from_run
from {{ ref('int_states__identity') }} as states
where {{ is_candidate('states') }}
