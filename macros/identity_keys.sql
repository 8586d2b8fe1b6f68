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

{# Letters and digits, upper-case; null under five signs, without a digit, or when all signs are the same. #}
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
        when length({{ signs }}) >= {{ at_least }}
            and {{ matches(signs, '[0-9]') }}
            and not {{ is_one_sign(signs) }}
            then {{ signs }}
    end
{%- endmacro %}

{#
    The parts of a name: upper-case, accents and the tilde of Ñ taken off, every other sign a space, particles (DE, DEL, LA, LOS, LAS, EL, Y, E)
    left out, each part once, in alphabetical order, one space between. Null when nothing is left.
#}
{% macro name_key(text) -%}
    nullif(array_to_string(array(
        select distinct part collate "C" as part
        from unnest(string_to_array(upper({{ replace_pattern(
            replace_pattern("normalize(" ~ text ~ ", nfd)", '[\\u0300-\\u036f]', ''), '[^A-Za-z]+', ' ') }}), ' ')) as parts (part)
        where part <> '' and part not in ('DE', 'DEL', 'LA', 'LOS', 'LAS', 'EL', 'Y', 'E')
        order by part
    ), ' '), '')
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
