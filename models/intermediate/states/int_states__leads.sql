-- Every state that a lead was in, by run: a lead has a new row only when its state changed.
{{ config(
    materialized='versioned',
    unique_key='lead_id',
    scope={'relation': 'int_leads__moved', 'columns': ['lead_id'], 'narrows': true},
    state_indexes=[
        "(week_start desc, lead_date desc, lead_id)",
        "(limbo_stage, week_start desc, lead_date desc, lead_id)",
        "(lead_source_pk)",
        "(driver_id) where (driver_id IS NOT NULL)",
    ],
) }}

with int_leads__staged as (
    select * from {{ ref('int_leads__staged') }}
)

select * from int_leads__staged
