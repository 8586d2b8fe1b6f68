-- Lead dates on which a lead or a milestone changed its state since the live run. Only a partial build asks.
-- depends_on: {{ ref('int_states__lead_claims') }}, {{ ref('int_states__leads') }}
{{ config(materialized='table', post_hook="analyze {{ this }}") }}

{% if partial() %}
with int_states__days_due as (
    {{ since_live(ref('int_states__leads'), ['lead_date', 'week_start']) }}
    union
    {{ since_live(ref('int_states__lead_claims'), ['lead_date', 'week_start']) }}
)
{% else %}
with int_states__days_due as (
    select cast(null as date) as lead_date, cast(null as date) as week_start where false
)
{% endif %}

select * from int_states__days_due
