{# What metrics and alerts share: thresholds that a setting or a flag moves, comparisons as rows hold them, and which week is closed. #}

{# A number that a command set for its session (as JSON by key), or else null. #}
{% macro session_number(setting, key) -%}
    cast(cast(nullif(current_setting('cabinet14d.{{ setting }}', true), '') as jsonb) ->> {{ key }} as numeric)
{%- endmacro %}

{#
    A rule's number: of one run (--threshold), of the configuration (cabinet14d.toml, given to the build as a var), of the seed. `part` is
    '' for the threshold itself, '.CRITICAL', '.FLOOR' or '.DAYS' for the others.
#}
{% macro rule_number(column, part) -%}
    {%- set key = "(alert_rules.rule || '" ~ part ~ "')" -%}
    {%- set lasting = var('alert_thresholds', {}) -%}
    coalesce(
        {{ session_number('thresholds', key) }},
        {% for name, number in (lasting if lasting is mapping else {}).items() %}{% if loop.first %}case {{ key }} {% endif %}when '{{ name }}' then {{ number }} {% if loop.last %}end,{% endif %}{% endfor %}
        {{ column }}
    )
{%- endmacro %}

{# Whether a value is on the wrong side of a threshold; unknown values are on neither. #}
{% macro breaches(value, comparison, threshold) -%}
    case {{ comparison }}
        when '>' then {{ value }} > {{ threshold }}
        when '>=' then {{ value }} >= {{ threshold }}
        when '<' then {{ value }} < {{ threshold }}
        when '<=' then {{ value }} <= {{ threshold }}
    end
{%- endmacro %}

{# Monday of the latest week that is over and whose leads have arrived (they come some two days late). #}
{% macro latest_closed_week(day) -%}
    {{ week_start("(" ~ day ~ " - " ~ (7 + var('lead_arrival_days') | int) ~ ")") }}
{%- endmacro %}

{# A share in percent, null without a whole: nothing is no percentage of nothing (F46). #}
{% macro share_in_percent(part, whole) -%}
    cast(100.0 * {{ part }} / nullif({{ whole }}, 0) as numeric(18, 4))
{%- endmacro %}
