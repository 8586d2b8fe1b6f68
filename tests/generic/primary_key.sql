{#
    One row per key, no part of it null: the grain of a relation. State tables are judged by the rows of the run that is being built; in a
    partial build by the keys that it wrote, beside whatever stands. A table whose unique index has these columns can't hold a key twice: a
    partial build looks there for missing parts only, which the index tells.
#}
{% macro is_unique_by_index(model, columns) %}
    {% if not execute %}{% do return(false) %}{% endif %}
    {% set answer = run_query("
        select exists (
            select 1 from pg_index as i
            where i.indrelid = to_regclass('" ~ model ~ "') and i.indisunique and i.indisvalid and i.indpred is null
                and pg_get_indexdef(i.indexrelid) like '% (" ~ columns | join(', ') ~ ")'
        ) as is_unique") %}
    {% do return(answer.rows[0]['is_unique']) %}
{% endmacro %}

{% test primary_key(model, columns, candidate=false) %}
    with judged as (
        select {% for column in columns %}rows_of_model.{{ column }}{{ ', ' if not loop.last }}{% endfor %}
        from {{ model }} as rows_of_model
        {% if candidate and partial() %}
        inner join (
            select distinct {% for column in columns %}written.{{ column }}{{ ', ' if not loop.last }}{% endfor %}
            from {{ model }} as written
            where {{ is_to_test('written') }}
        ) as asked on {% for column in columns %}{{ 'and ' if not loop.first }}asked.{{ column }} = rows_of_model.{{ column }} {% endfor %}
        where {{ is_candidate('rows_of_model') }}
        union all
        select {% for column in columns %}written.{{ column }}{{ ', ' if not loop.last }}{% endfor %}
        from {{ model }} as written
        where {{ is_to_test('written') }}
            and ({% for column in columns %}{{ 'or ' if not loop.first }}written.{{ column }} is null {% endfor %})
        {% elif partial() and is_unique_by_index(model, columns) %}
        where {% for column in columns %}{{ 'or ' if not loop.first }}rows_of_model.{{ column }} is null {% endfor %}
        {% elif candidate %}
        where {{ is_candidate('rows_of_model') }}
        {% endif %}
    )

    select {{ columns | join(', ') }}, count(*) as rows_with_key
    from judged
    group by {{ columns | join(', ') }}
    having count(*) > 1 {% for column in columns %}or {{ column }} is null {% endfor %}
{% endtest %}
