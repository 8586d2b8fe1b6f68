{# One row per key, no part of it null: the grain of a relation. State tables are judged by the rows of the run that is being built. #}
{% test primary_key(model, columns, candidate=false) %}
    select {{ columns | join(', ') }}, count(*) as rows_with_key
    from {{ model }} as rows_of_model
    {% if candidate %}where {{ is_candidate('rows_of_model') }}{% endif %}
    group by {{ columns | join(', ') }}
    having count(*) > 1 {% for column in columns %}or {{ column }} is null {% endfor %}
{% endtest %}
