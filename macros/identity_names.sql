{# Comparing the names of two people, part by part. Used for leads against drivers and for leads that want the same driver. #}

{# The parts of a name as a list; drivers have an index over it. #}
{% macro list_of_parts(name_key) -%}
    string_to_array({{ name_key }}, ' ')
{%- endmacro %}

{# One row per part of a name key. #}
{% macro parts_of(name_key) -%}
    unnest({{ list_of_parts(name_key) }})
{%- endmacro %}

{#
    Whether two unlike parts of names are near: a slip of the pen (one sign, two from seven letters on, or two neighbours that changed places),
    the same sound in Spanish, or a surname with and without its particle. Nicknames are a table: see nickname_of.
#}
{% macro is_near_part(a, b) -%}
    (
        least(length({{ a }}), length({{ b }})) >= 3
        and (
            {{ edit_distance(a, b, 2) }} <= case when least(length({{ a }}), length({{ b }})) >= 7 then 2 else 1 end
            or (
                length({{ a }}) = length({{ b }})
                and {{ edit_distance(a, b, 2) }} = 2
                and translate({{ a }}, {{ b }}, '') = ''
                and translate({{ b }}, {{ a }}, '') = ''
            )
            or {{ sound_key(a) }} = {{ sound_key(b) }}
            or (least(length({{ a }}), length({{ b }})) >= 4 and {{ has_particle(a, b) }})
            or (least(length({{ a }}), length({{ b }})) >= 4 and {{ has_particle(b, a) }})
        )
    )
{%- endmacro %}

{# JUANITO is JUAN, ROSITA is ROSA, LUCHITO is LUCHO. #}
{% macro without_diminutive(part) -%}
    case
        when length({{ part }}) >= 6 and right({{ part }}, 3) = 'ITO' then left({{ part }}, -3) || 'O'
        when length({{ part }}) >= 6 and right({{ part }}, 3) = 'ITA' then left({{ part }}, -3) || 'A'
        else {{ part }}
    end
{%- endmacro %}

{# Given names of which one is cut short (CECI, ROBER) or a diminutive (JUANITO, ROSITA) of the other. #}
{% macro is_short_form(a, b) -%}
    (
        (least(length({{ a }}), length({{ b }})) >= 4 and (starts_with({{ a }}, {{ b }}) or starts_with({{ b }}, {{ a }})))
        or {{ without_diminutive(a) }} in ({{ b }}, {{ b }} || 'O')
        or {{ without_diminutive(b) }} in ({{ a }}, {{ a }} || 'O')
    )
{%- endmacro %}

{# JULIO beside JULIA, LUIS beside LUISA: one letter apart, and brother and sister. #}
{% macro is_other_sex(a, b) -%}
    (
        {{ a }} = {{ b }} || 'A'
        or {{ b }} = {{ a }} || 'A'
        or (left({{ a }}, -1) = left({{ b }}, -1) and right({{ a }}, 1) in ('A', 'O') and right({{ b }}, 1) in ('A', 'O'))
    )
{%- endmacro %}

{# DELACRUZ beside CRUZ. #}
{% macro has_particle(long, short) -%}
    ({{ long }} in ('DE' || {{ short }}, 'DEL' || {{ short }}, 'DELA' || {{ short }}, 'DELOS' || {{ short }}, 'DELAS' || {{ short }}, 'LA' || {{ short }}, 'SAN' || {{ short }}))
{%- endmacro %}

{# Letters that sound alike in Spanish made one: QUISPE and KISPE, VÁSQUEZ and BASQUES, HUAMÁN and GUAMAN, LLERENA and YERENA. #}
{% macro sound_key(part) -%}
    translate(
        replace(replace(replace(replace(replace(replace(replace(replace(replace(replace({{ part }}
        , 'HUA', 'GUA'), 'LL', 'Y'), 'QU', 'K'), 'CH', '1'), 'SH', '1'), 'PH', 'F'), 'NN', 'N'), 'CE', 'SE'), 'CI', 'SI'), 'SS', 'S')
        , 'ZVCQYJXH', 'SBKKIIS'
    )
{%- endmacro %}

{# Letters to insert, delete or change to make one text the other; more than `most` counts as more. Needs fuzzystrmatch (migration 0005). #}
{% macro edit_distance(a, b, most) -%}
    canon.edit_distance({{ a }}, {{ b }}, {{ most }})
{%- endmacro %}

{# Whether two keys of one length, of nine signs at most, differ by one sign or by two neighbours that changed places. #}
{% macro is_one_slip(a, b) -%}
    (
        length({{ a }}) = length({{ b }})
        and length({{ a }}) <= 9
        and (
            {{ edit_distance(a, b, 2) }} = 1
            or ({{ edit_distance(a, b, 2) }} = 2 and ({% for place in range(1, 9) -%}
                {{ 'or ' if not loop.first }}overlay({{ a }}, reverse(substr({{ a }}, {{ place }}, 2)), {{ place }}, 2) = {{ b }}
            {% endfor %}))
        )
    )
{%- endmacro %}

{# What a code of the seed identity_points is worth. #}
{% macro points(code) -%}
    (select identity_points.points from {{ ref('identity_points') }} as identity_points where identity_points.code = '{{ code }}')
{%- endmacro %}

{#
    CTEs that compare the names in relation `pairs` (columns of `keys`, then left_name, left_given, left_surname, right_name, right_given,
    right_surname; the last two of each side are the parts that stand in its own given-name and surname columns) and end in `names_compared`:
    one row per pair whose names are both known, with parts_same, parts_near, parts_left, parts_right, name_points, given_half, surname_half,
    and is_contradicted.
    A part's role (G given name, S surname) is where drivers mostly have it; of a part that is both or neither, where it stands. Rows with
    everything in one column say nothing about roles.
#}
{% macro compare_names(pairs, keys) -%}
    {%- set key_list = keys | join(', ') -%}
    left_parts as (
        select {{ key_list }}, ' ' || right_name || ' ' as other_name, {{ parts_of('left_name') }} as part, left_given, left_surname
        from {{ pairs }}
        where right_name is not null
    ),

    right_parts as (
        select {{ key_list }}, ' ' || left_name || ' ' as other_name, {{ parts_of('right_name') }} as part, right_given, right_surname
        from {{ pairs }}
        where left_name is not null
    ),

    left_roles as (
        select
            {% for key in keys %}left_parts.{{ key }}, {% endfor %}
            left_parts.part,
            position(' ' || left_parts.part || ' ' in left_parts.other_name) > 0 as is_in_both,
            coalesce(name_parts.points, {{ rarest_points('points') }}) as points,
            coalesce(name_parts.near_points, {{ rarest_points('near_points') }}) as near_points,
            case
                when name_parts.role is not null then name_parts.role
                when left_parts.left_given = '  ' or left_parts.left_surname = '  ' then null
                when position(' ' || left_parts.part || ' ' in left_parts.left_given) > 0 then 'G'
                when position(' ' || left_parts.part || ' ' in left_parts.left_surname) > 0 then 'S'
            end as role
        from left_parts
        left join {{ ref('int_identity__name_parts') }} as name_parts on name_parts.part = left_parts.part
    ),

    right_roles as (
        select
            {% for key in keys %}right_parts.{{ key }}, {% endfor %}
            right_parts.part,
            position(' ' || right_parts.part || ' ' in right_parts.other_name) > 0 as is_in_both,
            case
                when name_parts.role is not null then name_parts.role
                when right_parts.right_given = '  ' or right_parts.right_surname = '  ' then null
                when position(' ' || right_parts.part || ' ' in right_parts.right_given) > 0 then 'G'
                when position(' ' || right_parts.part || ' ' in right_parts.right_surname) > 0 then 'S'
            end as role
        from right_parts
        left join {{ ref('int_identity__name_parts') }} as name_parts on name_parts.part = right_parts.part
    ),

    part_levels as (
        select
            {% for key in keys %}left_roles.{{ key }}, {% endfor %}
            left_roles.part as left_part,
            right_roles.part as right_part,
            left_roles.points,
            left_roles.near_points,
            left_roles.role as left_role,
            right_roles.role as right_role,
            case
                when left_roles.part = right_roles.part then 2
                -- A part that both names have is not near to another one as well: FERNÁNDEZ explains no FERNANDO.
                when left_roles.is_in_both or right_roles.is_in_both then 0
                when left_roles.role = 'G' and right_roles.role = 'G' and {{ is_other_sex('left_roles.part', 'right_roles.part') }} then 0
                when {{ is_near_part('left_roles.part', 'right_roles.part') }} then 1
                when left_roles.role = 'G' and right_roles.role = 'G' and {{ is_short_form('left_roles.part', 'right_roles.part') }} then 1
                when ({{ without_diminutive('left_roles.part') }}, right_roles.part)
                    in (select nickname, name from {{ ref('identity_nicknames') }})
                    or ({{ without_diminutive('right_roles.part') }}, left_roles.part)
                    in (select nickname, name from {{ ref('identity_nicknames') }})
                    then 1
                else 0
            end as level
        from left_roles
        inner join right_roles on {% for key in keys %}{{ 'and ' if not loop.first }}right_roles.{{ key }} = left_roles.{{ key }} {% endfor %}
    ),

    left_levels as (
        select
            {{ key_list }}, left_part, max(level) as level, max(points) as points, max(near_points) as near_points, max(left_role) as role
        from part_levels
        group by {{ key_list }}, left_part
    ),

    right_levels as (
        select {{ key_list }}, right_part, max(level) as level, max(right_role) as role
        from part_levels
        group by {{ key_list }}, right_part
    ),

    left_sums as (
        select
            {{ key_list }},
            count(*) as parts_left,
            count(*) filter (where level = 2) as parts_same,
            count(*) filter (where level = 1) as parts_near,
            sum(case level when 2 then points when 1 then near_points else 0 end) as name_points,
            count(*) filter (where level > 0 and role = 'G') as given_agreed,
            count(*) filter (where level > 0 and role = 'S') as surnames_agreed,
            count(*) filter (where level = 0 and role = 'G') as given_open,
            count(*) filter (where level = 0 and role = 'S') as surnames_open
        from left_levels
        group by {{ key_list }}
    ),

    right_sums as (
        select
            {{ key_list }},
            count(*) as parts_right,
            count(*) filter (where level = 1) as parts_near,
            count(*) filter (where level > 0 and role = 'G') as given_agreed,
            count(*) filter (where level > 0 and role = 'S') as surnames_agreed,
            count(*) filter (where level = 0 and role = 'G') as given_open,
            count(*) filter (where level = 0 and role = 'S') as surnames_open
        from right_levels
        group by {{ key_list }}
    ),

    names_compared as (
        select
            {% for key in keys %}left_sums.{{ key }}, {% endfor %}
            cast(left_sums.parts_same as integer) as parts_same,
            cast(least(left_sums.parts_near, right_sums.parts_near) as integer) as parts_near,
            cast(left_sums.parts_left as integer) as parts_left,
            cast(right_sums.parts_right as integer) as parts_right,
            cast(left_sums.name_points as integer) as name_points,
            left_sums.given_open > 0 and right_sums.given_open > 0 as has_other_given,
            left_sums.surnames_open > 0 and right_sums.surnames_open > 0 as has_other_surname,
            left_sums.given_agreed + right_sums.given_agreed > 0 as has_given,
            left_sums.parts_same + left_sums.parts_near = 0
            or (left_sums.given_agreed + right_sums.given_agreed = 0 and left_sums.given_open > 0 and right_sums.given_open > 0)
                as is_contradicted,
            left_sums.surnames_agreed + right_sums.surnames_agreed = 0 and left_sums.surnames_open > 0 and right_sums.surnames_open > 0
                as is_surname_contradicted
        from left_sums
        inner join right_sums on {% for key in keys %}{{ 'and ' if not loop.first }}right_sums.{{ key }} = left_sums.{{ key }} {% endfor %}
    )
{%- endmacro %}

{# What a part is worth that no driver has. #}
{% macro rarest_points(column) -%}
    (select weights.{{ column }} from {{ ref('identity_name_weights') }} as weights where weights.from_share = 0)
{%- endmacro %}

{# Rows of a model that may not exist yet and reads this one: a ref would be a circle. #}
{% macro held_behind(name, columns) %}
    {%- if execute and adapter.get_relation(this.database, this.schema, name) is not none -%}
        select {{ columns }} from {{ this.schema }}.{{ name }}
    {%- else -%}
        select {% for column in columns.split(', ') %}null as {{ column }}{{ ', ' if not loop.last }}{% endfor %} where false
    {%- endif -%}
{% endmacro %}

{# Hook: tells the planner about a table that was just filled or changed; later models of the same build join it. #}
{% macro analyze_where(condition) -%}
    do $analyze$ begin if exists (select 1 from {{ this }} where {{ condition }}) then analyze {{ this }}; end if; end $analyze$
{%- endmacro %}
