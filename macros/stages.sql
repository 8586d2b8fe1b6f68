{# Which sentence of the catalogue (kind stage_detail) says where a lead stands: an open window is told apart (F18). #}
{% macro stage_detail_code(stage, window_closed) -%}
    case when {{ stage }} = 'NO_TRIPS_14D' and not {{ window_closed }} then 'NO_TRIPS_14D_OPEN' else {{ stage }} end
{%- endmacro %}
