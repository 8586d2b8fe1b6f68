{#
    Looking at what changed only. A build of the runner that goes on from a run of this very project may be partial: each model then works on
    the keys that something it reads has changed for since the live run, and on nothing else. Plain dbt, a new version, and a build after
    somebody stopped a source from telling its changes look at everything; what they write is the same (tests/integration/test_partial.py).

    Three kinds of words, all relative to the live run, so that a build that was never published leaves nothing to remember:
      told        what a source said that changed (canon.source_changes; kept until a run that could see it is published)
      since_live  rows of a versioned relation that this run wrote or ended, on both sides of the change
      due         a table of keys to work on, made from the two by the first model that needs it
#}

{% macro partial() %}
    {% do return(env_var('CABINET14D_PARTIAL', '') == 'yes') %}
{% endmacro %}

{# Whether a stage of a partial night makes a model that an earlier stage of the same run made already. #}
{% macro is_again(name) %}
    {% do return(partial() and name in env_var('CABINET14D_AGAIN', '').split()) %}
{% endmacro %}

{#
    Whether leads are looked at once more only because claims were written since: everything else that moves a lead holds as the earlier stage
    of this run left it, and so do the leads that none of these claims speaks of.
#}
{% macro only_claims_moved() %}
    {% do return(is_again('int_leads__moved') and not is_again('int_leads__due') and not is_again('int_windows__trips')) %}
{% endmacro %}

{# Whether a source tells its changes, and told keys: else all of it is compared. #}
{% macro is_told(source_name) %}
    {% if not execute or not partial() %}{% do return(false) %}{% endif %}
    {% set answer = run_query("
        select exists (select 1 from ops.watched_sources() as w where w.source = '" ~ source_name ~ "')
            and not exists (select 1 from canon.source_changes as c where c.source = '" ~ source_name ~ "' and c.key_1 is null and c.key_2 is null) as told") %}
    {% do return(answer.rows[0]['told']) %}
{% endmacro %}

{#
    The run that a build goes on from, 0 before the first. A partial build says its number, so that the planner knows how little is newer; a
    sub-select it would take for a third of the table.
#}
{% macro last_run_id() -%}
    {%- if execute and partial() -%}
        {{ run_query("select coalesce(max(r.run_id), 0) as run_id from ops.runs as r where r.is_live").rows[0]['run_id'] }}
    {%- else -%}
        coalesce({{ live_run_id() }}, 0)
    {%- endif -%}
{%- endmacro %}

{# Keys that a source told of: a select of key_1, key_2, key_3. #}
{% macro told(source_name) -%}
    select changes.key_1, changes.key_2, changes.key_3
    from {{ source('canon', 'source_changes') }} as changes
    where changes.source = '{{ source_name }}'
{%- endmacro %}

{# Of those, what was told since the run that is being built began: by its own write-backs, and by others meanwhile. #}
{% macro told_since_begun(source_name) -%}
    {{ told(source_name) }}
        and not pg_visible_in_snapshot(changes.changed_by, (
            select marks.seen_snapshot
            from ops.run_marks as marks
            inner join {{ source('engine', 'runs') }} as building on building.run_id = marks.run_id
            where building.is_building
        ))
{%- endmacro %}

{# Keys of a versioned relation whose row is another one than at the live run: what the row says now, and what it said. #}
{% macro since_live(relation, columns) -%}
    select {{ columns | join(', ') }}
    from {{ relation }} as new_rows
    where new_rows.valid_from_run > {{ last_run_id() }}
    union
    select {{ columns | join(', ') }}
    from {{ relation }} as old_rows
    where old_rows.valid_to_run > {{ last_run_id() }} and old_rows.valid_to_run < {{ open_end() }}
{%- endmacro %}

{# Rows that a test must look at: those that this run wrote; in a whole build all. What stands was tested by the run that wrote it. #}
{% macro is_to_test(alias) -%}
    {{ is_candidate(alias) }}{% if partial() %} and {{ alias }}.valid_from_run > {{ last_run_id() }}{% endif %}
{%- endmacro %}

{# The as-of date of the live run, null before the first. #}
{% macro live_as_of() -%}
    (select runs.as_of_date from {{ source('engine', 'runs') }} as runs where runs.is_live)
{%- endmacro %}

{# First and last day between the live as-of date and this one that count for one of the two and not for the other. #}
{% macro first_moved_day() -%}
    least({{ live_as_of() }}, {{ as_of_date() }}) + 1
{%- endmacro %}

{% macro last_moved_day() -%}
    greatest({{ live_as_of() }}, {{ as_of_date() }})
{%- endmacro %}

{# As many rows of a table as it takes to change plans: some thousands, and one in fifty. An expression. #}
{% macro many_rows_of(relation) -%}
    (select cast(greatest(5000, c.reltuples / 50) as bigint) from pg_class as c where c.oid = '{{ relation }}'::regclass)
{%- endmacro %}

{# Hook: tells the planner about a table when a build changed more than a little of it. #}
{% macro analyze_if_moved(condition) -%}
    do $analyze$
    declare
        many bigint := {{ many_rows_of(this) }};
    begin
        if (select count(*) >= many from (select 1 from {{ this }} where {{ condition }} limit many) as moved) then analyze {{ this }}; end if;
    end $analyze$
{%- endmacro %}

{#
    Rows to add up: what a versioned relation gained since the live run counts +1, what it lost -1, and the sum is added to what stood; in a
    build of everything each row that stands counts +1 and nothing is added.
#}
{% macro moved_rows(relation) -%}
    select new_rows.*, 1 as weight
    from {{ relation }} as new_rows
    where new_rows.valid_to_run = {{ open_end() }}{% if partial() %} and new_rows.valid_from_run > {{ last_run_id() }}
    union all
    select old_rows.*, -1 as weight
    from {{ relation }} as old_rows
    where old_rows.valid_to_run > {{ last_run_id() }} and old_rows.valid_to_run < {{ open_end() }}
        and old_rows.valid_from_run <= {{ last_run_id() }}
    {%- endif %}
{%- endmacro %}

{# A lateral join that stays one: for each row before it the select goes through its index, which `offset` makes sure of. #}
{% macro for_each(rows, alias) -%}
    cross join lateral ({{ rows }} offset 0) as {{ alias }}
{%- endmacro %}

{#
    Keys that can be reached from some first ones: `more` selects the keys next to those of a row `reached`, and is asked until nobody new comes.
    Only partial builds ask.
#}
{% macro reached_from(first, more, key) -%}
    with recursive reached as (
        ({{ first }})
        union
        select neighbours.{{ key }} from reached {{ for_each(more, 'neighbours') }}
    )

    select reached.{{ key }} from reached
{%- endmacro %}

{#
    Whether a pair is one that some rule hits, kept or dropped: the others are seen by nobody. Wider than the rules together is fine, narrower
    never is: leads that must be decided together are found by it.
#}
{% macro is_hit(pairs) -%}
    ({{ pairs }}.phone_level = 'SAME' or {{ pairs }}.plate_level = 'SAME'
        or ({{ pairs }}.name_level = 'AGREED' and {{ pairs }}.score >= {{ points('CUT_SUGGESTION') }}))
{%- endmacro %}

{# Either side of each class of weights: points and near_points that parts have there, and the numbers of drivers that are outside of it now. #}
{% macro classes_of_parts(weights, drivers) %}
    {% if not execute %}{% do return([]) %}{% endif %}
    {% set answer = run_query("
        select weights.points, weights.near_points, sides.outside
        from " ~ weights ~ " as weights
        cross join (select count(*) as drivers from " ~ drivers ~ " where row_hash is not null and name_key is not null) as total
        cross join lateral (
            values
                ('drivers < ' || cast(ceil(weights.from_share * total.drivers) as bigint)),
                ('drivers >= ' || cast(ceil(weights.to_share * total.drivers) as bigint))
        ) as sides (outside)
        where sides.outside is not null
        order by weights.points, weights.near_points, sides.outside") %}
    {% do return(answer.rows) %}
{% endmacro %}
