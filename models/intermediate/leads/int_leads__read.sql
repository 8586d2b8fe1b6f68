-- The leads as this build has read them, excluded ones too.
with states as (
    select * from {{ ref('int_states__leads_read') }} as states where {{ is_candidate('states') }}
),

int_leads__read as (
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
    from states
)

select * from int_leads__read
