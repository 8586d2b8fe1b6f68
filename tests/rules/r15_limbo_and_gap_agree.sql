-- F1: the leads in TRIPS_NO_CLAIM are those with a missing claim, and their duplicates (D-2). In the original the two read claims from
-- different places, and 25 raised claims changed limbo by none.
-- depends_on: {{ ref('int_leads__moved') }}, {{ ref('int_states__lead_claims') }}, {{ ref('int_states__leads') }}
with in_limbo as (
    select states.lead_id, coalesce(states.duplicate_of_lead_source_pk, states.lead_source_pk) as bearer_source_pk
    from {{ ref('int_states__leads') }} as states
    {% if partial() %}inner join {{ ref('int_leads__moved') }} as moved on moved.lead_id = states.lead_id{% endif %}
    where {{ is_candidate('states') }} and states.limbo_stage = 'TRIPS_NO_CLAIM'
),

in_gap as (
    select distinct states.lead_source_pk
    from {{ ref('int_states__lead_claims') }} as states
    {% if partial() %}inner join {{ ref('int_leads__moved') }} as moved on moved.lead_id = states.lead_id{% endif %}
    where {{ is_candidate('states') }} and states.claim_status = 'CLAIM_NOT_GENERATED'
)

select in_limbo.lead_id, in_limbo.bearer_source_pk, in_gap.lead_source_pk
from in_limbo
full join in_gap on in_gap.lead_source_pk = in_limbo.bearer_source_pk
where in_limbo.lead_id is null or in_gap.lead_source_pk is null
