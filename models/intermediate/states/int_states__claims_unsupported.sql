-- Every claim that was unsupported, by run.
{{ config(materialized='versioned', unique_key='claim_id', scope={'relation': 'int_claims__due', 'columns': ['claim_id']}) }}

with int_claims__unsupported as (
    select * from {{ ref('int_claims__unsupported') }}
)

select * from int_claims__unsupported
