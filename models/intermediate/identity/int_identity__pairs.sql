-- Every unsettled lead beside every driver that some key, near key or full name points to, with what agrees and what does not, and the points
-- of each. Only leads that are due are compared again; the hook marks them as done in the same transaction.
{{ config(
    materialized='incremental',
    unique_key='lead_id',
    on_schema_change='fail',
    indexes=[{'columns': ['lead_id', 'driver_id'], 'unique': true}, {'columns': ['driver_id']}],
    post_hook=[
        "{{ analyze_where('is_new') }}",
        "delete from {{ this }} as pairs where exists (select 1 from {{ ref('int_identity__work') }} as work where work.lead_id = pairs.lead_id and work.is_due) and not pairs.is_new",
        "delete from {{ this }} as pairs where not exists (select 1 from {{ ref('int_identity__work') }} as work where work.lead_id = pairs.lead_id)",
        "update {{ this }} set is_new = false where is_new",
        "update {{ ref('int_identity__work') }} set is_due = false where is_due",
    ],
) }}

{#- Read by name in each branch: a CTE used many times is computed once without the indexes of what it reads. -#}
{% set all_drivers = ref('int_identity__drivers') %}
{#- A key that more drivers have than this tells nobody apart. -#}
{% set crowd = 50 %}

with due as (
    select leads.*
    from {{ ref('int_identity__leads') }} as leads
    inner join {{ ref('int_identity__work') }} as work on work.lead_id = leads.lead_id
    {% if is_incremental() %}where work.is_due{% endif %}
),

hits as (
    {% for key in ('phone_key', 'plate_shape', 'name_key') %}
    select due.lead_id, drivers.driver_id
    from due
    inner join {{ all_drivers }} as drivers on drivers.{{ key }} = due.{{ key }}
    where (select count(*) from {{ all_drivers }} as crowd where crowd.{{ key }} = due.{{ key }}) <= {{ crowd }}
        {% if key == 'name_key' %}and due.name_key like '% % %'{% endif %}
    union
    {% endfor %}
    {% for third in (1, 2, 3) %}
    select due.lead_id, drivers.driver_id
    from due
    inner join {{ all_drivers }} as drivers on drivers.phone_without_{{ third }} = due.phone_without_{{ third }}
    where {{ is_one_slip('due.phone_key', 'drivers.phone_key') }}
    union
    select due.lead_id, drivers.driver_id
    from due
    inner join {{ all_drivers }} as drivers on drivers.plate_without_{{ third }} = due.plate_without_{{ third }}
    where {{ is_one_slip('due.plate_shape', 'drivers.plate_shape') }}
    {{ 'union' if not loop.last }}
    {% endfor %}
),

pairs as (
    select
        hits.lead_id,
        hits.driver_id,
        due.name_key as left_name,
        due.given_key as left_given,
        due.surname_key as left_surname,
        drivers.name_key as right_name,
        drivers.given_key as right_given,
        drivers.surname_key as right_surname,
        case
            when due.phone_key = drivers.phone_key then 'SAME'
            when {{ is_one_slip('due.phone_key', 'drivers.phone_key') }} then 'NEAR'
            when due.phone_key is not null and drivers.phone_key is not null then 'OTHER'
        end as phone_level,
        case
            when due.plate_key = drivers.plate_key then 'SAME'
            when due.plate_shape = drivers.plate_shape then 'LOOKALIKE'
            when {{ is_one_slip('due.plate_shape', 'drivers.plate_shape') }} then 'NEAR'
            when due.plate_key is not null and drivers.plate_key is not null then 'OTHER'
        end as plate_level,
        due.model_key in (drivers.model_key, drivers.brand_model_key) as is_same_model,
        drivers.hire_date - due.lead_date as hired_after_days,
        drivers.fire_date < due.lead_date as is_fired_before
    from hits
    inner join due on due.lead_id = hits.lead_id
    inner join {{ all_drivers }} as drivers on drivers.driver_id = hits.driver_id
),

{{ compare_names('pairs', ['lead_id', 'driver_id']) }},

compared as (
    select
        pairs.lead_id,
        pairs.driver_id,
        pairs.phone_level,
        pairs.plate_level,
        pairs.is_same_model,
        pairs.hired_after_days,
        coalesce(pairs.is_fired_before, false) as is_fired_before,
        case
            when names.lead_id is null then 'UNKNOWN'
            when names.is_contradicted then 'CONTRADICTED'
            -- One surname each, and not the same one: the father's here, the mother's there, when phone, car and given name agree.
            when names.is_surname_contradicted
                and not (names.has_given and coalesce(pairs.phone_level, '') = 'SAME' and coalesce(pairs.plate_level, '') = 'SAME')
                then 'CONTRADICTED'
            else 'AGREED'
        end as name_level,
        coalesce(names.parts_same, 0) as parts_same,
        coalesce(names.parts_near, 0) as parts_near,
        coalesce(names.parts_left, 0) as parts_lead,
        coalesce(names.parts_right, 0) as parts_driver,
        coalesce(names.has_other_given, false) as has_other_given,
        coalesce(names.has_other_surname, false) as has_other_surname,
        case pairs.phone_level when 'SAME' then {{ points('PHONE_SAME') }} when 'NEAR' then {{ points('PHONE_NEAR') }} else 0 end as phone_points,
        case pairs.plate_level
            when 'SAME' then {{ points('PLATE_SAME') }}
            when 'LOOKALIKE' then {{ points('PLATE_LOOKALIKE') }}
            when 'NEAR' then {{ points('PLATE_NEAR') }}
            else 0
        end as plate_points,
        coalesce(names.name_points, 0)
        + case when names.has_other_given then {{ points('GIVEN_HALF') }} else 0 end
        + case when names.has_other_surname then {{ points('SURNAME_HALF') }} else 0 end as name_points,
        case when pairs.is_same_model then {{ points('MODEL_SAME') }} when not pairs.is_same_model then {{ points('MODEL_OTHER') }} else 0 end
            as model_points,
        case
            when pairs.hired_after_days is null then 0
            when pairs.hired_after_days between -3 and 30 then {{ points('HIRED_NEAR') }}
            when pairs.hired_after_days between -90 and -4 then {{ points('HIRED_RANGE') }}
            else {{ points('HIRED_FAR') }}
        end
        + case when pairs.is_fired_before then {{ points('FIRED_BEFORE') }} else 0 end as date_points
    from pairs
    left join names_compared as names on names.lead_id = pairs.lead_id and names.driver_id = pairs.driver_id
),

int_identity__pairs as (
    select
        compared.*,
        phone_points + plate_points + name_points + model_points + date_points as score,
        true as is_new
    from compared
)

select * from int_identity__pairs
