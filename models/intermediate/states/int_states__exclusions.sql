-- Everything that was left out or replaced, by run.
{{ config(
    materialized='versioned',
    unique_key='exclusion_key',
    scope={'relation': 'int_exclusions__due', 'columns': ['source', 'source_key']},
    state_indexes=["(source, source_key)"],
) }}

with int_exclusions__listed as (
    select * from {{ ref('int_exclusions__listed') }}
)

select * from int_exclusions__listed
