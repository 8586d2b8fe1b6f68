-- Leads whose person, driver, window or place among the leads of their person may be others than at the live run. A partial build finds them
-- through what changed, and takes all leads of a person together (D-2); else all are due.
-- depends_on: {{ ref('int_leads__read') }}, {{ ref('int_states__leads_read') }}, {{ ref('int_states__persons_drivers') }}
-- depends_on: {{ source('canon', 'identity_links') }}, {{ source('canon', 'source_changes') }}
{{ config(materialized='table', indexes=[{'columns': ['lead_id'], 'unique': true}], post_hook="analyze {{ this }}") }}

{% if not partial() %}
with int_leads__due as (
    select lead_id from {{ ref('int_leads__read') }}
    union
    {{ held_behind('int_states__leads_resolved', 'lead_id') }}
)
{% else %}
{#- Looked up one by one: for thousands of a million leads the planner would rather read all. -#}
{% set read = ref('int_leads__read') %}
{% set read_of_own = "select read.lead_source_pk from " ~ read ~ " as read where read.lead_id = own.lead_id" %}
{% set read_of_link = "select read.lead_id from " ~ read ~ " as read where read.lead_source_pk = links.source_pk" %}
{% set leads_of_person = "select resolved.lead_id from resolved where resolved.person_key = persons.person_key" %}
with told_links as (
    {{ told('links') }}
),

-- Looked up by key in several places: read whole they would cost the history.
resolved as not materialized (
    select lead_id, person_key, window_end
    from ({{ held_behind('int_states__leads_resolved', 'lead_id, person_key, window_end, valid_to_run') }}) as states
    where {{ is_candidate('states') }}
),

read as not materialized (
    select * from {{ ref('int_leads__read') }}
),

links as not materialized (
    select * from {{ source('canon', 'identity_links') }} where source_table = 'module_ct_cabinet_leads'
),

own as (
    {{ since_live(ref('int_states__leads_read'), ['lead_id']) }}
    union
    select read.lead_id
    from told_links
    inner join read on read.lead_source_pk = told_links.key_2
    where told_links.key_1 = 'module_ct_cabinet_leads'
    union
    select resolved.lead_id
    from resolved
    where resolved.window_end >= {{ first_moved_day() }} and resolved.window_end <= {{ last_moved_day() }}
),

persons as (
    select persons_moved.person_key from ({{ since_live(ref('int_states__persons_drivers'), ['person_key']) }}) as persons_moved
    union
    select {{ as_person_key('told_links.key_3') }} from told_links where told_links.key_1 = 'module_ct_cabinet_leads'
    union
    select resolved.person_key from own inner join resolved on resolved.lead_id = own.lead_id
    union
    select links.person_key
    from own
    {{ for_each(read_of_own, 'read_of_own') }}
    inner join links on links.source_pk = read_of_own.lead_source_pk
),

int_leads__due as (
    select lead_id from own
    union
    select leads_of_person.lead_id from persons {{ for_each(leads_of_person, 'leads_of_person') }}
    union
    select read_of_link.lead_id
    from persons
    inner join links on links.person_key = persons.person_key
    {{ for_each(read_of_link, 'read_of_link') }}
)
{% endif %}

select * from int_leads__due
