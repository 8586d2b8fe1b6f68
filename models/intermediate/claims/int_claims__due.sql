-- Claim rows that must be judged again: rows that read otherwise than at the live run, and those that a lead's milestone has, or had, whose
-- state changed. In a build of everything, all.
-- depends_on: {{ ref('int_claims__read') }}, {{ ref('int_states__claims_read') }}, {{ ref('int_states__lead_claims') }}
{{ config(materialized='table', indexes=[{'columns': ['claim_id'], 'unique': true}], post_hook="analyze {{ this }}") }}

{% if partial() %}
with int_claims__due as (
    {{ since_live(ref('int_states__claims_read'), ['claim_id']) }}
    union
    select moved.claim_id from ({{ since_live(ref('int_states__lead_claims'), ['claim_id']) }}) as moved where moved.claim_id is not null
)
{% else %}
with int_claims__due as (
    select claim_id from {{ ref('int_claims__read') }}
    union
    {{ held_behind('int_states__claims_unsupported', 'claim_id') }}
)
{% endif %}

select * from int_claims__due
