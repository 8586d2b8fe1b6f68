-- Claim rows that may read otherwise than at the live run: told ones and all others of their persons, since a repeat is told from the rest.
-- Only a partial build asks.
-- depends_on: {{ source('canon', 'claims_yango_cabinet_14d') }}, {{ source('canon', 'source_changes') }}
{{ config(materialized='table', post_hook="analyze {{ this }}") }}

{% if not partial() %}
with int_claims__asked as (
    select cast(null as integer) as claim_id where false
)
{% else %}
with told as (
    {{ told('claims') }}
),

int_claims__asked as (
    select cast(key_1 as integer) as claim_id from told
    union
    select claims.claim_id
    from (select distinct {{ as_person_key('key_3') }} as person_key from told) as persons
    inner join {{ source('canon', 'claims_yango_cabinet_14d') }} as claims on claims.person_key = persons.person_key
)
{% endif %}

select * from int_claims__asked
