{# Materializations: state tables by run, views and tables that are left standing while the project stays the same, tests that keep rows. #}

{#
    versioned: one row per key and validity. The model's select is the current state; only differences are written:
    a changed or vanished key's open row gets valid_to_run = this run, a changed or new key gets a row with valid_from_run = this run.
    With `only_as_of` the select holds one as-of date, and rows of other dates are neither read nor ended: the past is never rewritten.
    With `scope` (a relation of keys: {relation, columns}) a partial build compares those keys only, and the select must hold no others. A scope
    that `narrows` holds, when only claims moved since an earlier stage of the run made this state, just what they moved: the rest stays as made.
    Rows above the live run can't be seen by readers until the run is published, and are undone by the next run if it never is.
#}
{% materialization versioned, adapter='postgres' %}
    {%- set keys = config.require('unique_key') -%}
    {%- set keys = [keys] if keys is string else keys -%}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set changes = model.name ~ '__changes' -%}
    {%- set scope = config.get('scope') if partial() else none -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {% if project_stands() %}
        {% set names = adapter.get_columns_in_relation(target_relation) | map(attribute='name')
            | reject('in', ['valid_from_run', 'valid_to_run']) | list %}
    {% else %}
        {% set columns = columns_of_query(sql, model.name ~ '__probe') %}
        {% do ensure_versioned_table(target_relation, columns, keys) %}
        {% set names = columns | map(attribute='name') | list %}
    {% endif %}
    {% set live = "coalesce((select r.run_id from ops.runs as r where r.is_live), 0)" %}

    {% set undone %}
        {%- if scope and scope.narrows and only_claims_moved() %} and exists (
            select from {{ this.schema }}.{{ scope.relation }} as scope
            where {% for column in scope.columns %}{{ 'and ' if not loop.first }}scope.{{ column }} = states.{{ column }} {% endfor %}
        ){% endif -%}
    {% endset %}
    {#- One round trip for all: what dbt does around each statement takes longer than a night's statement itself. -#}
    {% call statement('main') %}
        delete from {{ target_relation }} as states where states.valid_from_run > {{ live }}{{ undone }};
        update {{ target_relation }} as states set valid_to_run = {{ open_end() }}
        where states.valid_to_run > {{ live }} and states.valid_to_run < {{ open_end() }}{{ undone }};

        {% if not project_stands() %}
        {# Rows of before the key gained a part have no such part: they end, and what they said is told anew under the new key. #}
        update {{ target_relation }} set valid_to_run = {{ current_run_id() }}
        where valid_to_run = {{ open_end() }} and ({% for key in keys %}{{ 'or ' if not loop.first }}{{ key }} is null {% endfor %});
        {% endif %}

        create temporary table {{ changes }} on commit drop as
        with now_rows as (
            {{ sql }}
        ),
        open_rows as (
            select states.* from {{ target_relation }} as states
            {%- if scope %}
            inner join {{ this.schema }}.{{ scope.relation }} as scope
                on {% for column in scope.columns %}{{ 'and ' if not loop.first }}scope.{{ column }} = states.{{ column }} {% endfor %}
            {%- endif %}
            where states.valid_to_run = {{ open_end() }}
            {%- if config.get('only_as_of') %} and states.as_of_date = {{ as_of_date() }}{% endif %}
        )
        select
            {% for name in names %}now_rows.{{ name }},
            {% endfor %}
            {% for key in keys %}open_rows.{{ key }} as old_{{ key }},
            {% endfor %}
            now_rows.{{ keys[0] }} is not null as is_now
        from now_rows
        full join open_rows on {% for key in keys %}{{ 'and ' if not loop.first }}now_rows.{{ key }} = open_rows.{{ key }} {% endfor %}
        where (
            {% for name in names %}now_rows.{{ name }}{{ ', ' if not loop.last }}{% endfor %}
        ) is distinct from (
            {% for name in names %}open_rows.{{ name }}{{ ', ' if not loop.last }}{% endfor %}
        );
        analyze {{ changes }};

        update {{ target_relation }} as open_rows
        set valid_to_run = {{ current_run_id() }}
        from {{ changes }} as changes
        where open_rows.valid_to_run = {{ open_end() }}
            {% for key in keys %}and open_rows.{{ key }} = changes.old_{{ key }} {% endfor %};
        insert into {{ target_relation }} ({{ names | join(', ') }}, valid_from_run, valid_to_run)
        select {{ names | join(', ') }}, {{ current_run_id() }}, {{ open_end() }}
        from {{ changes }}
        where is_now;
    {% endcall %}

    {# Fewer are never many (many_rows_of), and need not be asked about. #}
    {% if load_result('main').response.rows_affected >= 5000 %}
        {% do run_query("do $analyze$ begin if (select count(*) >= " ~ many_rows_of(target_relation) ~ " from " ~ changes ~ ") then analyze "
            ~ target_relation ~ "; end if; end $analyze$") %}
    {% endif %}

    {% do persist_docs(target_relation, model) %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {% do adapter.commit() %}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{#
    The runner knows that this very project was built whole and that nobody touched a view or a state table since (runner/standing.py).
    Plain dbt never knows, and looks at each.
#}
{% macro project_stands() %}
    {% do return(env_var('CABINET14D_STANDS', '') == 'yes') %}
{% endmacro %}

{# Names and full types of a query's columns, as PostgreSQL itself tells them. #}
{% macro columns_of_query(sql, probe) %}
    {% do run_query("create temporary view " ~ probe ~ " as (" ~ sql ~ ")") %}
    {% set rows = run_query("
        select a.attname::text as name, format_type(a.atttypid, a.atttypmod) as data_type
        from pg_attribute as a
        where a.attrelid = '" ~ probe ~ "'::regclass and a.attnum > 0
        order by a.attnum").rows %}
    {% do run_query("drop view pg_temp." ~ probe) %}
    {% set columns = [] %}
    {% for row in rows %}{% do columns.append({'name': row['name'], 'data_type': row['data_type']}) %}{% endfor %}
    {% do return(columns) %}
{% endmacro %}

{# Create the table the first time; later add columns that the model gained (their old rows hold null). History is never dropped. #}
{% macro ensure_versioned_table(relation, columns, keys) %}
    {% set existing = adapter.get_columns_in_relation(relation) | map(attribute='name') | list %}
    {% if not existing %}
        {% call statement('create_versioned') %}
            create table {{ relation }} (
                {% for column in columns %}{{ column.name }} {{ column.data_type }},
                {% endfor %}
                valid_from_run bigint not null,
                valid_to_run bigint not null,
                check (valid_from_run < valid_to_run)
            );
            create index {{ relation.identifier }}_history on {{ relation }} ({{ keys | join(', ') }}, valid_from_run);
            create index {{ relation.identifier }}_from on {{ relation }} (valid_from_run);
            create index {{ relation.identifier }}_ended on {{ relation }} (valid_to_run) where valid_to_run < {{ open_end() }};
        {% endcall %}
    {% else %}
        {% for column in columns if column.name not in existing %}
            {% call statement('add_column') %}
                alter table {{ relation }} add column {{ column.name }} {{ column.data_type }};
            {% endcall %}
        {% endfor %}
    {% endif %}
    {# The key of what stands, by the database's own word; a model that changes its key gets another index. #}
    {% set open_key = run_query("select pg_get_indexdef(to_regclass('" ~ relation.schema ~ '.' ~ relation.identifier ~ "_open')) as text").rows[0]['text'] %}
    {% if ' (' ~ keys | join(', ') ~ ') ' not in (open_key or '') %}
        {% call statement('create_key') %}
            drop index if exists {{ relation.schema }}.{{ relation.identifier }}_open;
            create unique index {{ relation.identifier }}_open on {{ relation }} ({{ keys | join(', ') }}) where valid_to_run = {{ open_end() }};
        {% endcall %}
    {% endif %}
    {# An index that the model gained is made too. They are written as PostgreSQL prints them, so that what is there is known. #}
    {% set known = run_query("select lower(pg_get_indexdef(i.indexrelid)) as text from pg_index as i where i.indrelid = '"
        ~ relation.include(database=false) ~ "'::regclass").columns['text'].values() | join(';') if config.get('state_indexes') else '' %}
    {% for index in config.get('state_indexes', []) if index | lower not in known %}
        {% do run_query("create index on " ~ relation ~ " " ~ index) %}
    {% endfor %}
    {% do run_query("insert into ops.versioned_relations values ('" ~ relation.schema ~ "', '" ~ relation.identifier ~ "') on conflict do nothing") %}
{% endmacro %}

{#
    view: as dbt's, but an unchanged definition is not touched. Recreating a view takes a lock that waits for its readers, and drops what
    others built on it; a night must do neither. A changed one is replaced in place where PostgreSQL allows it.
#}
{% materialization view, adapter='postgres' %}
    {%- set target_relation = this.incorporate(type='view') -%}
    {%- set probe = model.name ~ '__probe' -%}

    {% if project_stands() %}
        {% call noop_statement('main', 'KEPT') %}{% endcall %}
        {{ return({'relations': [target_relation]}) }}
    {% endif %}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {% if config.get('contract').enforced %}
        {% do get_assert_columns_equivalent(sql) %}
    {% endif %}

    {% call statement('main') %}
        create temporary view {{ probe }} as (
            {{ sql }}
        );
    {% endcall %}
    {% set regclass = "to_regclass('" ~ target_relation.without_identifier().include(database=false) ~ "." ~ adapter.quote(target_relation.identifier) ~ "')" %}
    {% set answer = run_query("select
            (select c.relkind::text from pg_class as c where c.oid = " ~ regclass ~ ") as kind,
            pg_get_viewdef(" ~ regclass ~ ") is not distinct from pg_get_viewdef('" ~ probe ~ "'::regclass) as is_same,
            not exists (
                select 1 from pg_attribute as a
                left join pg_attribute as n on n.attrelid = '" ~ probe ~ "'::regclass and n.attnum = a.attnum
                where a.attrelid = " ~ regclass ~ " and a.attnum > 0 and not a.attisdropped
                and (n.attname is distinct from a.attname or n.atttypid is distinct from a.atttypid or n.atttypmod is distinct from a.atttypmod)
            ) as is_replaceable").rows[0] %}
    {% do run_query("drop view pg_temp." ~ probe) %}

    {% if answer['kind'] is none %}
        {% do run_query("create view " ~ target_relation.include(database=false) ~ " as (" ~ sql ~ ")") %}
    {% elif answer['kind'] != 'v' %}
        {% do run_query("drop table " ~ target_relation.include(database=false) ~ " cascade") %}
        {% do run_query("create view " ~ target_relation.include(database=false) ~ " as (" ~ sql ~ ")") %}
    {% elif not answer['is_same'] and answer['is_replaceable'] %}
        {% do run_query("create or replace view " ~ target_relation.include(database=false) ~ " as (" ~ sql ~ ")") %}
    {% elif not answer['is_same'] %}
        {% do run_query("drop view " ~ target_relation.include(database=false) ~ " cascade") %}
        {% do run_query("create view " ~ target_relation.include(database=false) ~ " as (" ~ sql ~ ")") %}
    {% endif %}

    {% do persist_docs(target_relation, model) %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {% do adapter.commit() %}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{#
    table: as dbt's, but where the project stands the same table is emptied and filled again in one transaction. Exchanging it for a new
    one drops every view that reads it, makes its indexes and comments anew, and fills the catalogue with what is gone.
#}
{% materialization table, adapter='postgres' %}
    {% if not project_stands() or load_cached_relation(this) is none %}
        {{ return(materialization_table_default()) }}
    {% endif %}
    {%- set target_relation = this.incorporate(type='table') -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {% call statement('main') %}
        truncate {{ target_relation }};
        insert into {{ target_relation }} (
            {{ sql }}
        );
    {% endcall %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {% do adapter.commit() %}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{# Comments are written only when a text changed: a comment takes a lock too, and a night has some five hundred of them. #}
{% macro postgres__persist_docs(relation, model, for_relation, for_columns) %}
    {% if project_stands() %}{% do return(none) %}{% endif %}
    {% if not (config.persist_relation_docs() or config.persist_column_docs()) %}{% do return(none) %}{% endif %}
    {% set digest = local_md5(tojson([model.description, model.columns | map('string') | list, model.columns.values() | map(attribute='description') | list])) %}
    {% set text = model.description ~ '\n[' ~ digest[:12] ~ ']' %}
    {% set name = "'" ~ relation.include(database=false) ~ "'::regclass" %}
    {% set known = run_query("select obj_description(" ~ name ~ ", 'pg_class') as text").rows[0]['text'] %}
    {% if known != text %}
        {% do run_query(alter_relation_comment(relation, text)) %}
        {% do run_query(alter_column_comment(relation, model.columns)) if model.columns %}
    {% endif %}
{% endmacro %}

{#
    test: as dbt's, but the failing rows are kept in ops_intermediate.failures__<test>, and only when there are any: a night in which all
    is well writes nothing.
#}
{% materialization test, adapter='postgres' %}
    {% set fail_calc = config.get('fail_calc') %}
    {% set warn_if = config.get('warn_if') %}
    {% set error_if = config.get('error_if') %}
    {% call statement('main', fetch_result=True) %}
        {{ get_test_sql(sql, fail_calc, warn_if, error_if, none) }}
    {% endcall %}
    {% if model.resource_type == 'test' %}
        {% set failures = load_result('main').table.rows[0][0] | int %}
        {% set table = ('failures__' ~ model.name)[:63] %}
        {% set name = target.schema ~ '.' ~ adapter.quote(table) %}
        {#- Looked for in what dbt has listed when it began: most nights there is none. -#}
        {% if failures > 0 or adapter.get_relation(target.database, target.schema, table) is not none %}
            {% do run_query('drop table if exists ' ~ name) %}
        {% endif %}
        {% if failures > 0 %}
            {% do run_query('create table ' ~ name ~ ' as select * from (' ~ sql ~ ') as failing limit ' ~ (config.get('limit') or 500)) %}
        {% endif %}
        {% do adapter.commit() %}
    {% endif %}
    {{ return({'relations': []}) }}
{% endmaterialization %}
