-- Every pair that was put up for review, by run.
{{ config(
    materialized='versioned',
    unique_key=['lead_id', 'driver_id'],
    scope={'relation': 'int_identity__leads_due', 'columns': ['lead_id']},
) }}

with int_identity__suggestions as (
    select * from {{ ref('int_identity__suggestions') }}
)

select * from int_identity__suggestions
