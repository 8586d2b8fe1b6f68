-- Every key that several people share, by run.
{{ config(materialized='versioned', unique_key=['key_kind', 'key_value']) }}

with int_identity__shared_keys as (
    select * from {{ ref('int_identity__shared_keys') }}
)

select * from int_identity__shared_keys
