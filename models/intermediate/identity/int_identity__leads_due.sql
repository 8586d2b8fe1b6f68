-- Leads about which something else may be decided than at the live run. A partial build begins with what moved: leads, their pairs, links and
-- decisions of people, drivers and whose they are. From there it goes on to every lead that wants the same driver, account or person, and from
-- those to others, until nobody is left: what is decided about them depends on none outside (D-22). Else all are due that matching works on.
-- depends_on: {{ ref('identity_points') }}, {{ ref('int_identity__drivers') }}, {{ ref('int_identity__leads') }}, {{ ref('int_identity__pairs') }}
-- depends_on: {{ ref('int_identity__unsettled') }}, {{ ref('int_identity__work') }}, {{ ref('int_leads__read') }}
-- depends_on: {{ ref('int_leads__resolved') }}, {{ ref('int_persons__drivers') }}, {{ ref('int_states__leads_read') }}
-- depends_on: {{ ref('int_states__leads_resolved') }}, {{ ref('int_states__persons_drivers') }}
-- depends_on: {{ source('canon', 'identity_decisions') }}, {{ source('canon', 'identity_links') }}
-- depends_on: {{ source('canon', 'source_changes') }}
{{ config(materialized='table', indexes=[{'columns': ['lead_id'], 'unique': true}], post_hook="analyze {{ this }}") }}

{% if not partial() %}
with int_identity__leads_due as (
    select lead_id from {{ ref('int_identity__unsettled') }}
    union
    select lead_id from {{ ref('int_identity__leads') }} where lead_date is null
)
{% else %}
{% set drivers = ref('int_identity__drivers') %}
{% set pairs = ref('int_identity__pairs') %}
{% set persons_drivers = ref('int_persons__drivers') %}
{% set resolved = ref('int_leads__resolved') %}
{#- Drivers whom a lead wants, or wanted at the live run, or whose person it is said to be. -#}
{% set wanted_by_lead %}
select of_pairs.driver_id from {{ pairs }} as of_pairs where of_pairs.lead_id = reached.lead_id and {{ is_hit('of_pairs') }}
union all
select held.driver_id
from ({{ held_behind('int_states__identity_candidates', 'lead_id, driver_id, valid_to_run') }}) as held
where held.lead_id = reached.lead_id and held.valid_to_run > {{ last_run_id() }}
union all
select decided.driver_id from decided where decided.lead_id = reached.lead_id
union all
select of_person.driver_id
from {{ resolved }} as own
inner join {{ persons_drivers }} as of_person on of_person.person_key = own.person_key
where own.lead_id = reached.lead_id
{% endset %}
{#- Drivers of the same account or person. -#}
{% set akin %}
select same_account.driver_id
from {{ drivers }} as own
inner join {{ drivers }} as same_account on same_account.account_key = own.account_key
where own.driver_id = wanted.driver_id
union all
select same_again.driver_id
from {{ drivers }} as own
inner join {{ drivers }} as same_account on same_account.account_key = own.account_key
inner join {{ persons_drivers }} as owners on owners.driver_id = same_account.driver_id
inner join {{ persons_drivers }} as of_owner on of_owner.person_key = owners.person_key
inner join {{ drivers }} as others on others.driver_id = of_owner.driver_id
inner join {{ drivers }} as same_again on same_again.account_key = others.account_key
where own.driver_id = wanted.driver_id
{% endset %}
{% set leads_of_driver %}
select of_pairs.lead_id from {{ pairs }} as of_pairs where of_pairs.driver_id = akin.driver_id and {{ is_hit('of_pairs') }}
union all
select decided.lead_id from decided where decided.driver_id = akin.driver_id
{% endset %}
{% set leads_of_person %}
select others.lead_id
from {{ resolved }} as own
inner join {{ resolved }} as others on others.person_key = own.person_key
where own.lead_id = reached.lead_id
{% endset %}
{% set neighbours %}
select leads_of_driver.lead_id
from ({{ wanted_by_lead }}) as wanted
{{ for_each(akin, 'akin') }}
{{ for_each(leads_of_driver, 'leads_of_driver') }}
union all
{{ leads_of_person }}
{% endset %}
{% set read_of_pk = "select read.lead_id from " ~ ref('int_leads__read') ~ " as read where read.lead_source_pk = told_rows.lead_source_pk" %}
{% set read_of_decision = "select read.lead_id from " ~ ref('int_leads__read') ~ " as read where read.lead_source_pk = decisions.lead_source_pk" %}
{% set drivers_of_person = "select of_person.driver_id from " ~ persons_drivers ~ " as of_person where of_person.person_key = persons.person_key" %}
with told_links as (
    {{ told('links') }}
),

leads_read as (
    {{ since_live(ref('int_states__leads_read'), ['lead_id', 'lead_source_pk']) }}
),

leads_resolved as (
    {{ since_live(ref('int_states__leads_resolved'), ['lead_id', 'person_key']) }}
),

drivers_linked as (
    {{ since_live(ref('int_states__persons_drivers'), ['driver_id', 'person_key']) }}
),

drivers_changed as (
    select driver_id, moved_keys from {{ drivers }} where changed_run > {{ last_run_id() }}
),

-- What people have decided about a lead and a driver; few.
decided as materialized (
    select distinct read_of_decision.lead_id, decisions.driver_id
    from {{ source('canon', 'identity_decisions') }} as decisions
    {{ for_each(read_of_decision, 'read_of_decision') }}
    where decisions.driver_id is not null
),

told_rows as (
    select key_2 as lead_source_pk from ({{ told('decisions') }}) as told_decisions
    union
    select key_2 from ({{ told('unmatched') }}) as told_unmatched where key_1 = 'module_ct_cabinet_leads'
    union
    select key_2 from told_links where key_1 = 'module_ct_cabinet_leads'
),

leads as (
    select lead_id from leads_read
    union
    select lead_id from leads_resolved
    union
    select lead_id from {{ ref('int_identity__work') }} where worked_run > {{ last_run_id() }}
    union
    select read_of_pk.lead_id from told_rows {{ for_each(read_of_pk, 'read_of_pk') }}
),

persons as (
    select person_key from drivers_linked
    union
    select person_key from leads_resolved where person_key is not null
    union
    select {{ as_person_key('key_3') }} from told_links
    union
    select links.person_key
    from leads_read
    inner join {{ source('canon', 'identity_links') }} as links
        on links.source_table = 'module_ct_cabinet_leads' and links.source_pk = leads_read.lead_source_pk
),

wanted as (
    select driver_id from drivers_linked
    union
    select driver_id from drivers_changed
    union
    select drivers_of_person.driver_id from persons {{ for_each(drivers_of_person, 'drivers_of_person') }}
    union
    select of_account.driver_id
    from (select unnest(moved_keys) as moved_key from drivers_changed) as moved
    inner join {{ drivers }} as of_account on of_account.account_key = substr(moved.moved_key, length('ACCOUNT ') + 1)
    where moved.moved_key like 'ACCOUNT %'
),

first as (
    select lead_id from leads
    union
    select leads_of_driver.lead_id
    from wanted
    {{ for_each(akin, 'akin') }}
    {{ for_each(leads_of_driver, 'leads_of_driver') }}
),

int_identity__leads_due as (
    {{ reached_from('select first.lead_id from first', neighbours, 'lead_id') }}
)
{% endif %}

select * from int_identity__leads_due
