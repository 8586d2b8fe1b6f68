-- Every unsettled lead's decision, by run.
{{ config(materialized='versioned', unique_key='lead_id', scope={'relation': 'int_identity__leads_due', 'columns': ['lead_id']}) }}

with int_identity__decisions as (
    select * from {{ ref('int_identity__decisions') }}
)

select * from int_identity__decisions
