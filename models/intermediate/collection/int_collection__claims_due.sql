-- Claims whose payment must be judged again: due ones, those whose support or settlement changed, and all of a payee whose payments changed.
-- In a build of everything, all.
-- depends_on: {{ ref('int_claims__due') }}, {{ ref('int_claims__read') }}, {{ ref('int_collection__settlements') }}
-- depends_on: {{ ref('int_states__claims_unsupported') }}
{{ config(materialized='table', indexes=[{'columns': ['claim_id'], 'unique': true}], post_hook="analyze {{ this }}") }}

{% if partial() %}
with settlements as (
    {{ since_live(ref('int_collection__settlements'), ['claim_id', 'named_driver_id', 'person_key']) }}
),

claim_rows as (
    select * from {{ ref('int_claims__read') }}
),

int_collection__claims_due as (
    select claim_id from {{ ref('int_claims__due') }}
    union
    {{ since_live(ref('int_states__claims_unsupported'), ['claim_id']) }}
    union
    select claim_id from settlements where claim_id is not null
    union
    select claim_rows.claim_id from settlements inner join claim_rows on claim_rows.driver_id = settlements.named_driver_id
    union
    select claim_rows.claim_id from settlements inner join claim_rows on claim_rows.person_key = settlements.person_key
)
{% else %}
with int_collection__claims_due as (
    select claim_id from {{ ref('int_claims__read') }}
    union
    {{ held_behind('int_collection__claims_paid', 'claim_id') }}
)
{% endif %}

select * from int_collection__claims_due
