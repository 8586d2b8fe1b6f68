{#
    One normaliser for both sides of matching, leads and drivers (F14, D-8): equal people give equal keys, and what can't identify anybody
    (blank, too short, one sign repeated) gives null, never ''. tests/identity_cases.csv holds the cases that SQL and the oracle must agree on.
#}

{# Digits only, the last nine (D-8); null under eight digits, or when all are the same digit. #}
{% macro phone_key(text) -%}
    {%- set digits = remove_pattern(text, '[^0-9]') -%}
    case
        when length({{ digits }}) >= 8 and not {{ is_one_sign("right(" ~ digits ~ ", 9)") }} then right({{ digits }}, 9)
    end
{%- endmacro %}

{# Letters and digits, upper-case; null under five signs or over twenty, without a digit, or when all signs are the same. #}
{% macro plate_key(text) -%}
    {{ document_key(text, 5) }}
{%- endmacro %}

{# As a plate, of at least six signs. #}
{% macro licence_key(text) -%}
    {{ document_key(text, 6) }}
{%- endmacro %}

{% macro document_key(text, at_least) -%}
    {%- set signs = remove_pattern("upper(" ~ text ~ ")", '[^A-Z0-9]') -%}
    case
        when length({{ signs }}) between {{ at_least }} and 20
            and {{ matches(signs, '[0-9]') }}
            and not {{ is_one_sign(signs) }}
            then {{ signs }}
    end
{%- endmacro %}

{#
    The parts of a name: upper-case, accents and the tilde of Ñ taken off, what a wrong encoding left in place of a letter (?, the replacement
    character, Ã and a sign) taken out, every other sign a space, particles (DE, DEL, LA, LOS, LAS, EL, Y, E) left out, each part once, in
    alphabetical order, one space between. Null when nothing is left. The first 250 signs count.
#}
{% macro name_key(text) -%}
    nullif(array_to_string(array(
        select distinct part collate "C" as part
        from unnest(string_to_array(upper({{ replace_pattern(replace_pattern(
            "normalize(" ~ remove_pattern('left(' ~ text ~ ', 250)', '[?\\uFFFD]|\\u00C3[^A-Za-z ]') ~ ", nfd)", '[\\u0300-\\u036f]', ''), '[^A-Za-z]+', ' ') }}), ' ')) as parts (part)
        where part <> '' and part not in ('DE', 'DEL', 'LA', 'LOS', 'LAS', 'EL', 'Y', 'E')
        order by part
    ), ' '), '')
{%- endmacro %}

{# Upper-case letters and digits of a car's model; null when nothing is left. #}
{% macro model_key(text) -%}
    nullif({{ remove_pattern("upper(" ~ text ~ ")", '[^A-Z0-9]') }}, '')
{%- endmacro %}

{# The parts of a name with a space on each side, so that one part can be looked for. #}
{% macro padded_name_key(text) -%}
    ' ' || coalesce({{ name_key(text) }}, '') || ' '
{%- endmacro %}

{# O and 0, I and 1 taken for one: how a plate looks at a glance. #}
{% macro plate_shape(plate_key) -%}
    translate({{ plate_key }}, 'OI', '01')
{%- endmacro %}

{#
    Three of these for a key of nine or six signs, each without one third of it: two keys that differ in one sign have at least one in common.
    They find near keys without comparing everything with everything; null for keys of other lengths.
#}
{% macro key_without_third(key, third, length) -%}
    {%- set size = length // 3 -%}
    case
        when length({{ key }}) = {{ length }}
            then overlay({{ key }}, '{{ '.' * size }}', {{ (third - 1) * size + 1 }}, {{ size }})
    end
{%- endmacro %}

{# Whether a text is one sign repeated, as in 000000000. #}
{% macro is_one_sign(text) -%}
    (replace({{ text }}, left({{ text }}, 1), '') = '')
{%- endmacro %}

{% macro remove_pattern(text, pattern) -%}
    {{ replace_pattern(text, pattern, '') }}
{%- endmacro %}

{# Every match of a pattern replaced. The three-argument form of the function answers differently on other engines. #}
{% macro replace_pattern(text, pattern, with) -%}
    regexp_replace({{ text }}, '{{ pattern }}', '{{ with }}', 'g')
{%- endmacro %}

{# A person's key from its text. #}
{% macro as_person_key(text) -%}
    cast({{ text }} as uuid)
{%- endmacro %}

{# The key of a person who becomes known through a driver: the same whenever and however often it is worked out. #}
{% macro new_person_key(driver_id) -%}
    cast(md5('cabinet14d:driver:' || {{ driver_id }}) as uuid)
{%- endmacro %}

{# Every key of a row by which people are told apart or taken for one, with its kind before it: 'PHONE 987654321'. #}
{% macro shareable_keys(alias, kinds) -%}
    array_remove(array[
        {%- for kind in kinds %}'{{ kind | upper }} ' || {{ alias }}.{{ kind }}_key{{ ', ' if not loop.last }}{% endfor -%}
    ], null)
{%- endmacro %}

{# A key that a driver had when the last work list was made: others who have them may tell each other apart again. #}
{% macro key_before(known, key) -%}
    {{ "case when " ~ known ~ ".is_changed then " ~ known ~ ".old_" ~ key ~ " else " ~ known ~ "." ~ key ~ " end" if known else "cast(null as text)" }}
{%- endmacro %}

{# All keys that a row had since the live run, however many builds died in between; null where all is made anew. #}
{% macro keys_since_live(known, kinds) -%}
    {% if known -%}
    case when {{ known }}.changed_run > {{ last_run_id() }} then {{ known }}.moved_keys end || {{ shareable_keys(known, kinds) }}
    {%- else -%}
    cast(null as text[])
    {%- endif %}
{%- endmacro %}

{#
    Hook of a table of keys: made anew it knows no changes, so the list of leads that were compared is emptied and all are compared again. In
    the same transaction, so that a build which dies before that leaves nothing behind that is older. Only what is built after all three of
    these tables may be emptied here: they are built side by side, and the last one would take away what was made of the first.
#}
{% macro forget_matches() -%}
    {% if execute and not is_incremental() and adapter.get_relation(this.database, this.schema, 'int_identity__work') is not none %}
        delete from {{ this.schema }}.int_identity__work;
    {% endif %}
{%- endmacro %}
