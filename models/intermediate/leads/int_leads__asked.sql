-- Leads whose row may read otherwise than at the live run: told ones, those that share an external_id with them or an id that one of them has
-- as external_id (F15), and those that the as-of date moved across. Where the source does not tell, all. Only a partial build asks.
-- depends_on: {{ source('cabinet', 'module_ct_cabinet_leads') }}, {{ source('canon', 'source_changes') }}
{{ config(materialized='table', post_hook="analyze {{ this }}") }}

{% set leads = source('cabinet', 'module_ct_cabinet_leads') %}

{% if not partial() %}
with int_leads__asked as (
    select cast(null as integer) as lead_id where false
)
{% elif not is_told('leads') %}
with int_leads__asked as (
    select id as lead_id from {{ leads }}
    union
    {{ held_behind('int_states__leads_read', 'lead_id') }}
)
{% else %}
with told as (
    select cast(told_keys.key_1 as integer) as lead_id, told_keys.key_2 as external_id
    from ({{ told('leads') }}) as told_keys
),

told_now as (
    select lead_id, external_id from told
    union
    select leads.id as lead_id, leads.external_id
    from {{ leads }} as leads
    inner join told on told.lead_id = leads.id
),

-- External ids that can be the id of a lead.
told_ids as (
    select case when {{ matches('external_id', '^[1-9][0-9]{0,9}$') }} then cast(external_id as bigint) end as lead_id
    from told_now
),

int_leads__asked as (
    select lead_id from told_now
    union
    select leads.id from {{ leads }} as leads inner join told_now on told_now.external_id = leads.external_id
    union
    select leads.id from {{ leads }} as leads inner join told_ids on told_ids.lead_id = leads.id
    union
    select leads.id from told_now inner join {{ leads }} as leads on leads.external_id = cast(told_now.lead_id as text)
    union
    select leads.id
    from {{ leads }} as leads
    where leads.lead_created_at >= {{ first_moved_day() }} and leads.lead_created_at < {{ last_moved_day() }} + 1
)
{% endif %}

select * from int_leads__asked
