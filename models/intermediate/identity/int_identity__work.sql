-- Which unsettled leads must be compared with drivers: new ones, changed ones, those that a changed driver may concern, and those whose names
-- weigh otherwise than before. Its hook marks those changes as seen, in the same transaction, so that a killed build loses none.
{{ config(
    materialized='incremental',
    unique_key='lead_id',
    on_schema_change='append_new_columns',
    indexes=[{'columns': ['lead_id'], 'unique': true}, {'columns': ['worked_run']}],
    post_hook=[
        "{{ analyze_where('is_due') }}",
        "delete from {{ this }} as work where not exists (select 1 from {{ ref('int_identity__unsettled') }} as unsettled where unsettled.lead_id = work.lead_id)",
        "update {{ ref('int_identity__drivers') }} set is_changed = false where is_changed",
        "update {{ ref('int_identity__leads') }} set is_changed = false where is_changed",
        "update {{ ref('int_identity__name_parts') }} set is_changed = false where is_changed",
    ],
) }}

with unsettled as (
    select * from {{ ref('int_identity__unsettled') }}
),

leads as not materialized (
    select * from {{ ref('int_identity__leads') }}
),

changed_drivers as (
    select * from {{ ref('int_identity__drivers') }} where is_changed
),

changed_parts as (
    select part from {{ ref('int_identity__name_parts') }} where is_changed
),

pairs as (
    select cast(held.lead_id as integer) as lead_id, held.driver_id from ({{ held_behind('int_identity__pairs', 'lead_id, driver_id') }}) as held
),

new_or_changed as (
    select unsettled.lead_id
    from unsettled
    {% if is_incremental() %}
    left join {{ this }} as work on work.lead_id = unsettled.lead_id
    where work.lead_id is null
    union all
    select leads.lead_id from leads where leads.is_changed
    {% endif %}
),

{% if is_incremental() %}
{% set keys = ['phone_key', 'plate_shape', 'name_key', 'phone_without_1', 'phone_without_2', 'phone_without_3', 'plate_without_1', 'plate_without_2',
               'plate_without_3'] %}
beside_changed_drivers as (
    {% for key in keys %}
    select leads.lead_id from changed_drivers inner join leads on leads.{{ key }} = changed_drivers.{{ key }}
    union all
    {% endfor %}
    {% for key in ('phone_key', 'plate_shape', 'name_key') %}
    select leads.lead_id from changed_drivers inner join leads on leads.{{ key }} = changed_drivers.old_{{ key }}
    union all
    {% endfor %}
    select pairs.lead_id from changed_drivers inner join pairs on pairs.driver_id = changed_drivers.driver_id
),

-- Part by part, since hundreds of parts beside hundreds of thousands of names would be compared for minutes.
named_by_changed_parts as (
    select names.lead_id, cast(null as text) as driver_id
    from (
        select of_lead.lead_id, {{ parts_of('of_lead.name_key') }} as part
        from (select distinct pairs.lead_id from pairs where exists (select 1 from changed_parts)) as compared
        {{ for_each("select one.* from " ~ ref('int_identity__leads') ~ " as one where one.lead_id = compared.lead_id", 'of_lead') }}
    ) as names
    where names.part in (select changed_parts.part from changed_parts)
    union
    select cast(null as integer) as lead_id, drivers.driver_id
    from {{ ref('int_identity__drivers') }} as drivers
    where {{ list_of_parts('drivers.name_key') }} && array(select changed_parts.part from changed_parts)
),

with_changed_parts as (
    select pairs.lead_id from named_by_changed_parts inner join pairs on pairs.lead_id = named_by_changed_parts.lead_id
    union
    select pairs.lead_id from named_by_changed_parts inner join pairs on pairs.driver_id = named_by_changed_parts.driver_id
),
{% endif %}

due as (
    select lead_id from new_or_changed
    {% if is_incremental() %}
    union
    select lead_id from beside_changed_drivers
    union
    select lead_id from with_changed_parts
    {% endif %}
),

int_identity__work as (
    select
        due.lead_id,
        true as is_due,
        {{ current_run_id() }} as worked_run
    from due
    inner join unsettled on unsettled.lead_id = due.lead_id
)

select * from int_identity__work
