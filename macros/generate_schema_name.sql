{# The schemas are promises (public, canon, ops, ops_staging, ops_intermediate): the name in dbt_project.yml is the name in the database. #}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ (custom_schema_name or target.schema) | trim }}
{%- endmacro %}
