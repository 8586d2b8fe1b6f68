-- Everything that was left out or replaced, by run.
{{ config(materialized='versioned', unique_key='exclusion_key') }}

with int_exclusions__listed as (
    select * from {{ ref('int_exclusions__listed') }}
)

select * from int_exclusions__listed
