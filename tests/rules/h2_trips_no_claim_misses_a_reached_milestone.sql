-- H2: TRIPS_NO_CLAIM if and only if the lead has a driver, trips, and a reached milestone without a claim row. Judged from the claims, not
-- from the stage's own columns: without this, leads would hang in a stage that no job can move them out of.
-- depends_on: {{ ref('int_claims__read') }}, {{ ref('int_leads__moved') }}, {{ ref('int_states__lead_claims') }}
-- depends_on: {{ ref('int_states__leads') }}
{% set of_moved = "select one.* from " ~ ref('int_states__leads') ~ " as one where one.lead_id = moved.lead_id and " ~ is_candidate('one') %}
with leads as (
    {% if partial() %}
    select of_moved.* from {{ ref('int_leads__moved') }} as moved {{ for_each(of_moved, 'of_moved') }}
    {% else %}
    select states.* from {{ ref('int_states__leads') }} as states where {{ is_candidate('states') }}
    {% endif %}
),

missing as (
    select states.lead_id
    from {{ ref('int_states__lead_claims') }} as states
    {% if partial() %}inner join {{ ref('int_leads__moved') }} as moved on moved.lead_id = states.lead_id{% endif %}
    left join {{ ref('int_claims__read') }} as claims
        on claims.person_key = states.person_key
        and claims.lead_date = states.lead_date
        and claims.milestone = states.milestone
    where {{ is_candidate('states') }} and states.milestone_reached and claims.claim_id is null
)

select leads.lead_id, leads.limbo_stage, leads.driver_id, leads.trips_14d
from leads
where
    (leads.limbo_stage = 'TRIPS_NO_CLAIM')
    <> (leads.driver_id is not null and leads.trips_14d > 0 and leads.lead_id in (select missing.lead_id from missing))
