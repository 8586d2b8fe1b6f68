{# Beginning, fencing and ending a build. The runner opens its own run and passes its number; plain dbt opens one here. #}

{% macro begin_build() %}
    {% if execute and flags.WHICH in ('build', 'run', 'seed', 'test', 'snapshot') %}
        {% set run = env_var('CABINET14D_RUN_ID', '') %}
        {% if run %}
            select ops.join_run({{ run | int }}, '{{ invocation_id }}')
        {% else %}
            select ops.open_dbt_run('{{ invocation_id }}', {{ as_of_default() }})
        {% endif %}
    {% endif %}
{% endmacro %}

{# Only a hook may ask for today; the models get the answer from the run. #}
{% macro as_of_default() -%}
    {%- if var('as_of_date', none) -%}
        cast('{{ modules.datetime.date.fromisoformat(var("as_of_date") | string) }}' as date)
    {%- else -%}
        cast(now() at time zone '{{ var("business_timezone") }}' as date)
    {%- endif -%}
{%- endmacro %}

{% macro join_build() %}
    {% if execute and flags.WHICH in ('build', 'run', 'seed', 'snapshot') %}
        {% if config is defined and config.get('materialized') == 'view' and project_stands() %}{% do return('') %}{% endif %}
        {#
            A model that must write down what it has read sees one snapshot of the source from its first statement to its last. Questions asked
            while it was compiled have opened a transaction already, in which nothing was written: this begins another one.
        #}
        {% if config is defined and config.get('meta', {}).get('one_snapshot') %}commit; begin transaction isolation level repeatable read;{% endif %}
        select ops.join_build('{{ invocation_id }}')
    {% endif %}
{% endmacro %}

{# Publish when everything that must be is built and passed. A selection never publishes, unless its run was fully built before. #}
{% macro end_build(results) %}
    {% if execute and flags.WHICH in ('build', 'run', 'seed', 'test', 'snapshot') %}
        {% set done = [] %}
        {% set bad = [] %}
        {% for result in results %}
            {% if result.status | string in ('success', 'pass', 'warn') %}
                {% do done.append(result.node.unique_id) %}
            {% elif result.node.resource_type not in ('operation', 'exposure') %}
                {% do bad.append(result.node.name) %}
            {% endif %}
        {% endfor %}
        {% set missing = [] %}
        {% for node in graph.nodes.values() %}
            {% if is_required(node) and node.unique_id not in done %}
                {% do missing.append(node.name) %}
            {% endif %}
        {% endfor %}
        {% set later = env_var('CABINET14D_PUBLISH', 'now') == 'later' %}
        {% set runner = env_var('CABINET14D_RUN_ID', '') != '' %}
        do $end_build$
        declare
            run bigint := (select r.run_id from ops.runs as r where r.is_building and r.dbt_invocation_id = '{{ invocation_id }}');
            built boolean;
        begin
            if run is null then
                raise exception 'another build took over: nothing is published by this one';
            end if;
            {% if bad %}
            update ops.runs set is_built = false where run_id = run;
            {% elif not missing %}
            update ops.runs set is_built = true where run_id = run;
            {% elif runner and project_stands() %}
            -- The runner builds in stages: what an earlier step of the run has built and tested is not missing.
            update ops.runs
            set is_built = true
            where run_id = run and not exists (
                select from unnest(array['{{ missing | join("', '") }}']) as missing (node)
                where missing.node not in (
                    select nodes.node from ops.run_nodes as nodes where nodes.run_id = run and nodes.status in ('success', 'pass', 'warn')
                )
            );
            {% endif %}
            select r.is_built into built from ops.runs as r where r.run_id = run;
            if built and {{ 'false' if later else 'true' }} then
                perform ops.publish_run(run);
            end if;
            {% if not runner %}
            update ops.runs
            set is_building = false, finished_at = clock_timestamp(), status = '{{ "FAILED" if bad else "SUCCEEDED" }}'
            where run_id = run;
            {% endif %}
        end
        $end_build$
        {% if not later %}
            {% if bad %}
                {% do log("cabinet14d: not published, yesterday stays live; failed or skipped: " ~ bad[:5] | join(', '), info=true) %}
            {% elif missing and not runner %}
                {% do log("cabinet14d: not published, this was a part of the project; left out: " ~ missing[:3] | join(', ') ~ " and " ~ (missing | length) ~ " in all", info=true) %}
            {% else %}
                {% do log("cabinet14d: all built and passed, publishing", info=true) %}
            {% endif %}
        {% endif %}
    {% endif %}
{% endmacro %}

{# Models, seeds and blocking tests. Unit tests judge the code, not the night. Where the project stands, views and seeds stand too. #}
{% macro is_required(node) %}
    {% if project_stands() and (node.resource_type == 'seed' or node.config.materialized == 'view') %}{% do return(false) %}{% endif %}
    {% if node.resource_type in ('model', 'seed', 'snapshot') %}
        {% do return(node.config.enabled) %}
    {% elif node.resource_type == 'test' %}
        {% do return(node.config.enabled and node.config.severity | lower == 'error') %}
    {% endif %}
    {% do return(false) %}
{% endmacro %}
