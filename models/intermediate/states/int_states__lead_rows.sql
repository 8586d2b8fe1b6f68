-- Every lead as runs read it, excluded ones too, with its matching form: what a trace shows as the original row.
-- depends_on: {{ ref('int_leads__asked') }}
{{ config(
    materialized='versioned',
    unique_key='lead_id',
    scope={'relation': 'int_leads__asked', 'columns': ['lead_id']},
    state_indexes=["(lead_source_pk)"],
) }}

with leads as (
    select read.*
    from {{ ref('int_leads__read') }} as read
    {% if partial() %}inner join {{ ref('int_leads__asked') }} as asked on asked.lead_id = read.lead_id{% endif %}
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
