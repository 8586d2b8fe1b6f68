-- Every part that a driver's name has: how rare it is, in points, and whether it is a given name or a surname. Only parts whose points or role
-- changed are written; nothing is counted when no driver changed.
{{ config(
    materialized='incremental',
    unique_key='part',
    on_schema_change='fail',
    indexes=[{'columns': ['part'], 'unique': true}],
) }}

with drivers as (
    select *
    from {{ ref('int_identity__drivers') }}
    where row_hash is not null
        {% if is_incremental() %}and exists (select 1 from {{ ref('int_identity__drivers') }} as moved where moved.is_changed){% endif %}
),

total as (
    select count(*) as drivers from drivers where name_key is not null
),

parts as (
    select given_key, surname_key, {{ parts_of('name_key') }} as part from drivers
),

counted as (
    select
        part,
        count(*) as drivers,
        count(*) filter (where position(' ' || part || ' ' in given_key) > 0 and surname_key <> '  ') as as_given,
        count(*) filter (where position(' ' || part || ' ' in surname_key) > 0 and given_key <> '  ') as as_surname
    from parts
    group by part
),

weighed as (
    select
        counted.part,
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

int_identity__name_parts as (
    select weighed.*, true as is_changed
    from weighed
    {% if is_incremental() %}
    left join {{ this }} as known on known.part = weighed.part
    where (known.points, known.near_points, known.role) is distinct from (weighed.points, weighed.near_points, weighed.role)
    union all
    -- A part that nobody has any more.
    select
        known.part,
        null as points,
        null as near_points,
        null as role,
        true as is_changed
    from {{ this }} as known
    where known.points is not null
        and exists (select 1 from {{ ref('int_identity__drivers') }} as moved where moved.is_changed)
        and not exists (select 1 from counted where counted.part = known.part)
    {% endif %}
)

select * from int_identity__name_parts
