-- Every lead as runs read it, excluded ones too, with its matching form: what a trace shows as the original row.
{{ config(materialized='versioned', unique_key='lead_id', state_indexes=["(lead_source_pk)"]) }}

with leads as (
    select * from {{ ref('int_leads__read') }}
),

matching as (
    select * from {{ ref('int_identity__leads') }}
),

int_states__lead_rows as (
    select
        leads.lead_id,
        leads.lead_source_pk,
        leads.external_id,
        leads.park_phone,
        leads.asset_plate_number,
        leads.asset_model,
        leads.first_name,
        leads.middle_name,
        leads.last_name,
        leads.exclusion_reason,
        matching.phone_key,
        matching.plate_key,
        matching.plate_shape,
        matching.model_key,
        matching.name_key,
        nullif(btrim(matching.given_key), '') as given_key,
        nullif(btrim(matching.surname_key), '') as surname_key,
        leads.lead_date,
        leads.lead_created_at
    from leads
    left join matching on matching.lead_id = leads.lead_id
)

select * from int_states__lead_rows
