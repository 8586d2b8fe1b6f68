-- Every part that a driver's name has: how many have it, how rare that is, in points, and whether it is a given name or a surname. A partial
-- build counts the parts of names that moved, and weighs those again whose share of all drivers, of whom there are more or fewer now, has left
-- its class. Written are parts that say something else.
{{ config(
    materialized='incremental',
    unique_key='part',
    on_schema_change='fail',
    indexes=[{'columns': ['part'], 'unique': true}, {'columns': ['points', 'near_points', 'drivers']}],
    pre_hook="{{ forget_matches() }}",
    post_hook=[
        "create index if not exists int_identity__name_parts_changed on {{ this }} (part) where is_changed",
        "{{ 'analyze ' ~ this if not partial() }}",
    ],
) }}

-- The drivers themselves, not a copy: their names have an index by part.
with drivers as not materialized (
    select * from {{ ref('int_identity__drivers') }} where row_hash is not null
),

total as (
    select count(*) as drivers from drivers where name_key is not null
),

{% set counts %}
    part,
    count(*) as drivers,
    count(*) filter (where position(' ' || part || ' ' in given_key) > 0 and surname_key <> '  ') as as_given,
    count(*) filter (where position(' ' || part || ' ' in surname_key) > 0 and given_key <> '  ') as as_surname
{% endset %}
{% if partial() %}
moved_keys as (
    select unnest(moved_keys) as moved_key from {{ ref('int_identity__drivers') }} where changed_run > {{ last_run_id() }}
),

moved as (
    select distinct {{ parts_of("substr(moved_key, 6)") }} as part from moved_keys where moved_key like 'NAME %'
),

parts as (
    select given_key, surname_key, {{ parts_of('name_key') }} as part
    from drivers
    where {{ list_of_parts('name_key') }} && array(select moved.part from moved)
),

counted as (
    select {{ counts }}
    from parts
    where part in (select moved.part from moved)
    group by part
    -- Either side of a class is a range of the index, of which the planner must know the numbers.
    {% for class in classes_of_parts(ref('identity_name_weights'), ref('int_identity__drivers')) %}
    union all
    select known_parts.part, known_parts.drivers, known_parts.as_given, known_parts.as_surname
    from {{ this }} as known_parts
    where known_parts.points = {{ class.points }} and known_parts.near_points = {{ class.near_points }} and {{ class.outside }}
        and known_parts.drivers > 0 and known_parts.part not in (select moved.part from moved)
    {% endfor %}
),
{% else %}
parts as (
    select given_key, surname_key, {{ parts_of('name_key') }} as part from drivers
),

counted as (
    select {{ counts }}
    from parts
    group by part
),
{% endif %}

weighed as (
    select
        counted.*,
        weights.points,
        weights.near_points,
        case
            when counted.as_given >= 4 * counted.as_surname and counted.as_given > 0 then 'G'
            when counted.as_surname >= 4 * counted.as_given and counted.as_surname > 0 then 'S'
        end as role
    from counted
    cross join total
    inner join {{ ref('identity_name_weights') }} as weights
        on counted.drivers >= weights.from_share * total.drivers and counted.drivers < weights.to_share * total.drivers
),

{% set moved_weight = "coalesce(known.is_changed, false)
        or coalesce(known.points, -1) <> coalesce(weighed.points, -1)
        or coalesce(known.near_points, -1) <> coalesce(weighed.near_points, -1)
        or coalesce(known.role, '') <> coalesce(weighed.role, '')" %}
int_identity__name_parts as (
    select
        weighed.part,
        weighed.points,
        weighed.near_points,
        weighed.role,
        weighed.drivers,
        weighed.as_given,
        weighed.as_surname,
        {{ moved_weight if is_incremental() else 'false' }} as is_changed
    from weighed
    {% if is_incremental() %}
    left join {{ this }} as known on known.part = weighed.part
    where (known.points, known.near_points, known.role, known.drivers, known.as_given, known.as_surname)
        is distinct from (weighed.points, weighed.near_points, weighed.role, weighed.drivers, weighed.as_given, weighed.as_surname)
    union all
    -- A part that nobody has any more.
    select
        known.part,
        null as points,
        null as near_points,
        null as role,
        0 as drivers,
        0 as as_given,
        0 as as_surname,
        true as is_changed
    {% if partial() %}
    from moved
    {{ for_each("select held.* from " ~ this ~ " as held where held.part = moved.part", 'known') }}
    {% else %}
    from {{ this }} as known
    {% endif %}
    where known.drivers > 0
        and not exists (select 1 from counted where counted.part = known.part)
    {% endif %}
)

select * from int_identity__name_parts
