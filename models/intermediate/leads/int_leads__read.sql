-- The leads as this build has read them, excluded ones too.
-- Without `with`: PostgreSQL does not look into a view that has one, and whoever looks up a few rows would read all.
select
    lead_id,
    lead_source_pk,
    external_id,
    park_phone,
    asset_plate_number,
    asset_model,
    first_name,
    middle_name,
    last_name,
    week_start,
    lead_date,
    exclusion_reason,
    lead_created_at
from {{ ref('int_states__leads_read') }} as states
where {{ is_candidate('states') }}
