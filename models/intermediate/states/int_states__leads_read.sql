-- The leads as each build read them, excluded ones too, by run. Leads may come in while a build is at work, and are the next one's.
-- depends_on: {{ ref('int_leads__asked') }}, {{ ref('stg_cabinet__leads') }}, {{ source('cabinet', 'module_ct_cabinet_leads') }}
{{ config(
    materialized='versioned',
    unique_key='lead_id',
    scope={'relation': 'int_leads__asked', 'columns': ['lead_id']},
    state_indexes=["(lead_source_pk)", "(lead_date)"],
) }}

{% if partial() %}
with asked as (
    select * from {{ ref('int_leads__asked') }}
),

leads as (
    {% set part %}(
        select leads.* from {{ source('cabinet', 'module_ct_cabinet_leads') }} as leads inner join asked on asked.lead_id = leads.id
    ){% endset %}
    {{ staged_leads(part) }}
),
{% else %}
with leads as (
    select * from {{ ref('stg_cabinet__leads') }}
),
{% endif %}

int_states__leads_read as (
    select * from leads
)

select * from int_states__leads_read
