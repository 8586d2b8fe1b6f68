{# Small expressions that more than one model needs; each is one place to change when another engine reads. #}

{# Text without blanks (space, tab, carriage return, line feed) on both sides. #}
{% macro trim_blanks(text) -%}
    btrim({{ text }}, ' ' || chr(9) || chr(10) || chr(13))
{%- endmacro %}

{# The text as it stands, or null when it is blank (D-19). #}
{% macro blank_to_null(text) -%}
    case when {{ trim_blanks(text) }} = '' then null else {{ text }} end
{%- endmacro %}

{# Whether the text matches a regular expression. #}
{% macro matches(text, pattern) -%}
    {{ text }} ~ '{{ pattern }}'
{%- endmacro %}

{# Monday of the ISO week of a date (R4). #}
{% macro week_start(day) -%}
    cast(date_trunc('week', cast({{ day }} as timestamp)) as date)
{%- endmacro %}

{#
    A trip row's date: DD-MM-YYYY or YYYY-MM-DD, trimmed; anything else, and a day that does not exist, is null (F12, D-18).
    Never raises: one bad row must not stop a build.
#}
{% macro parse_trip_date(text) -%}
    {%- set trimmed = trim_blanks(text) -%}
    case
        when {{ matches(trimmed, '^[0-9]{2}-[0-9]{2}-[0-9]{4}$') }}
            then {{ date_or_null("substr(" ~ trimmed ~ ", 7, 4)", "substr(" ~ trimmed ~ ", 4, 2)", "substr(" ~ trimmed ~ ", 1, 2)") }}
        when {{ matches(trimmed, '^[0-9]{4}-[0-9]{2}-[0-9]{2}$') }}
            then {{ date_or_null("substr(" ~ trimmed ~ ", 1, 4)", "substr(" ~ trimmed ~ ", 6, 2)", "substr(" ~ trimmed ~ ", 9, 2)") }}
    end
{%- endmacro %}

{# A date from three texts of digits, or null if there is no such day. #}
{% macro date_or_null(year, month, day) -%}
    case
        when cast({{ year }} as integer) >= 1
            and cast({{ month }} as integer) between 1 and 12
            and cast({{ day }} as integer) between 1 and case
                when cast({{ month }} as integer) in (4, 6, 9, 11) then 30
                when cast({{ month }} as integer) <> 2 then 31
                when mod(cast({{ year }} as integer), 400) = 0 then 29
                when mod(cast({{ year }} as integer), 100) = 0 then 28
                when mod(cast({{ year }} as integer), 4) = 0 then 29
                else 28
            end
            then cast({{ year }} || '-' || {{ month }} || '-' || {{ day }} as date)
    end
{%- endmacro %}

{# One number for the content of a row; equal rows have equal numbers, nulls included. #}
{% macro row_hash(columns) -%}
    hash_record_extended(row({{ columns | join(', ') }}), 0)
{%- endmacro %}

{# A key for the content of a row, unambiguous whatever the texts hold. #}
{% macro row_key(columns) -%}
    md5(cast(row({{ columns | join(', ') }}) as text))
{%- endmacro %}

{# Name of a catalogue text column in the language of the run (D-13). #}
{% macro in_language(column) -%}
    {{ column }}_{{ 'en' if var('language') == 'en' else 'es' }}
{%- endmacro %}

{# A catalogue text with its {placeholders} replaced; `values` maps placeholder to text expression, the freest text last. #}
{% macro fill_in(template, values) -%}
    {%- for name in values -%}replace({%- endfor -%}
    {{ template }}
    {%- for name, expression in values.items() -%}, '{{ '{' ~ name ~ '}' }}', coalesce({{ expression }}, '')){%- endfor -%}
{%- endmacro %}

{# Why a trip row can't count, or null; one reason a row, in this order (D-18). #}
{% macro trip_reject_reason(driver_id, trip_date, trips) -%}
    case
        when {{ driver_id }} is null then 'MISSING_DRIVER'
        when {{ trip_date }} is null then 'BAD_DATE'
        when {{ trips }} is null then 'MISSING_COUNT'
        when {{ trips }} < 0 then 'NEGATIVE_COUNT'
    end
{%- endmacro %}
