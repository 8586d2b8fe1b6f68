-- The leads of the funnel that have no person, or a person without a driver (NO_IDENTITY, NO_DRIVER): the ones that matching works on. A table,
-- read once per build: links may change while a build is at work.
{{ config(materialized='table', indexes=[{'columns': ['lead_id'], 'unique': true}], post_hook="analyze {{ this }}") }}

with leads as (
    select * from {{ ref('int_leads__read') }} where exclusion_reason is null
),

links as (
    select *
    from {{ ref('stg_canon__identity_links') }}
    where is_current and source_table = 'module_ct_cabinet_leads'
),

drivers_of_persons as (
    select * from {{ ref('int_persons__drivers') }} where is_current_driver
),

int_identity__unsettled as (
    select
        leads.lead_id,
        leads.lead_source_pk,
        links.person_key
    from leads
    left join links on links.source_pk = leads.lead_source_pk
    left join drivers_of_persons on drivers_of_persons.person_key = links.person_key
    where drivers_of_persons.person_key is null
)

select * from int_identity__unsettled
