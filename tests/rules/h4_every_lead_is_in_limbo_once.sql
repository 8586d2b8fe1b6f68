-- H4: leads of the source, as this build read them, = leads in limbo + leads listed as excluded, each once. Without this, a lead could
-- vanish and its money with it.
-- depends_on: {{ ref('int_leads__moved') }}, {{ ref('int_leads__read') }}, {{ ref('int_states__exclusions') }}
-- depends_on: {{ ref('int_states__leads') }}
with source_leads as (
    select states.lead_id
    from {{ ref('int_leads__read') }} as states
    {% if partial() %}inner join {{ ref('int_leads__moved') }} as moved on moved.lead_id = states.lead_id{% endif %}
),

placed as (
    select states.lead_id
    from {{ ref('int_states__leads') }} as states
    {% if partial() %}inner join {{ ref('int_leads__moved') }} as moved on moved.lead_id = states.lead_id{% endif %}
    where {{ is_candidate('states') }}
    union all
    select states.lead_id
    from {{ ref('int_states__exclusions') }} as states
    {% if partial() %}inner join {{ ref('int_leads__moved') }} as moved on moved.lead_id = states.lead_id{% endif %}
    where {{ is_candidate('states') }} and states.source = 'leads'
),

places as (
    select lead_id, count(*) as places from placed group by lead_id
)

select coalesce(source_leads.lead_id, places.lead_id) as lead_id, coalesce(places.places, 0) as places
from source_leads
full join places on places.lead_id = source_leads.lead_id
where source_leads.lead_id is null or coalesce(places.places, 0) <> 1
