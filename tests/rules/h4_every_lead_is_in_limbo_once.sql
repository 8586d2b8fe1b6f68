-- H4: leads of the source, as this build read them, = leads in limbo + leads listed as excluded, each once. Without this, a lead could
-- vanish and its money with it.
with source_leads as (
    select lead_id from {{ ref('int_leads__read') }}
),

placed as (
    select lead_id from {{ ref('int_states__leads') }} as states where {{ is_candidate('states') }}
    union all
    select lead_id from {{ ref('int_states__exclusions') }} as states where {{ is_candidate('states') }} and source = 'leads'
),

places as (
    select lead_id, count(*) as places from placed group by lead_id
)

select coalesce(source_leads.lead_id, places.lead_id) as lead_id, coalesce(places.places, 0) as places
from source_leads
full join places on places.lead_id = source_leads.lead_id
where source_leads.lead_id is null or coalesce(places.places, 0) <> 1
