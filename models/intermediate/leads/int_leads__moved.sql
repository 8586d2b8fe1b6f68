-- Leads whose state may be another one than at the live run: due ones, those whose window was counted again, and those whose person's or own
-- claims changed; with all leads of their persons. In a build of everything, all leads; after a write of claims, those that it moved.
-- depends_on: {{ ref('int_leads__due') }}, {{ ref('int_leads__resolved') }}, {{ ref('int_persons__drivers') }}
-- depends_on: {{ ref('int_windows__trips') }}, {{ source('canon', 'claims_yango_cabinet_14d') }}
-- depends_on: {{ source('canon', 'source_changes') }}
{{ config(materialized='table', indexes=[{'columns': ['lead_id'], 'unique': true}], post_hook="analyze {{ this }}") }}

{% if not partial() %}
with int_leads__moved as (
    select lead_id from {{ ref('int_leads__resolved') }}
    union
    {{ held_behind('int_states__leads', 'lead_id') }}
)
{% else %}
{#- Looked up one by one: for thousands of a million leads the planner would rather read all. -#}
{% set leads_of_person = "select resolved.lead_id from resolved where resolved.person_key = persons.person_key" %}
{% set person_of_window = "select persons_drivers.person_key from " ~ ref('int_persons__drivers')
    ~ " as persons_drivers where persons_drivers.driver_id = windows.driver_id" %}
with told_claims as (
    {{ told_since_begun('claims') if only_claims_moved() else told('claims') }}
),

-- Looked up by key in several places: read whole they would cost the history.
resolved as not materialized (
    select * from {{ ref('int_leads__resolved') }}
),

{% if not only_claims_moved() %}
windows as (
    select driver_id, window_start from {{ ref('int_windows__trips') }} where computed_run > {{ last_run_id() }}
),

{% endif %}
persons as (
    {% if not only_claims_moved() %}
    select person_of_window.person_key from windows {{ for_each(person_of_window, 'person_of_window') }}
    union
    {% endif %}
    select {{ as_person_key('told_claims.key_3') }} as person_key from told_claims
    union
    select resolved.person_key from told_claims inner join resolved on resolved.lead_source_pk = told_claims.key_2
),

int_leads__moved as (
    {% if not only_claims_moved() %}
    select lead_id from {{ ref('int_leads__due') }}
    union
    {% endif %}
    select resolved.lead_id from told_claims inner join resolved on resolved.lead_source_pk = told_claims.key_2
    union
    select leads_of_person.lead_id from persons {{ for_each(leads_of_person, 'leads_of_person') }}
)
{% endif %}

select * from int_leads__moved
