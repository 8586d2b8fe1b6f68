{# What a model may know of its run: the as-of date and the run's number. No model reads the clock (D-7). #}

{# The date that the run looks from; a date expression. #}
{% macro as_of_date() -%}
    (select current_run.as_of_date from {{ source('engine', 'current_run') }} as current_run)
{%- endmacro %}

{# The number of the run that is being built, null if there is none: nothing is ever written under the live run's number. #}
{% macro current_run_id() -%}
    (select runs.run_id from {{ source('engine', 'runs') }} as runs where runs.is_building)
{%- endmacro %}

{# The run that readers see; 0 before the first publication. A scalar sub-select is read once per statement. #}
{% macro live_run_id() -%}
    (select runs.run_id from {{ source('engine', 'runs') }} as runs where runs.is_live)
{%- endmacro %}

{# "Not ended yet" in valid_to_run. #}
{% macro open_end() -%}
    9223372036854775807
{%- endmacro %}

{# Rows of a state table as the live run shows them: the condition of every view in ops. #}
{% macro is_live(alias) -%}
    {{ alias }}.valid_from_run <= {{ live_run_id() }} and {{ alias }}.valid_to_run > {{ live_run_id() }}
{%- endmacro %}

{# Rows of a state table as the run that is being built leaves them: what tests and later models of the run read. #}
{% macro is_candidate(alias) -%}
    {{ alias }}.valid_to_run = {{ open_end() }}
{%- endmacro %}
