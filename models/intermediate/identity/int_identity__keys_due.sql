-- Phones, plates and licences whose owners may be others than at the live run: those that a changed driver or lead has or had since. When a lead
-- is gone, whose keys nobody knows any more, all. Only a partial build asks.
-- depends_on: {{ ref('int_identity__drivers') }}, {{ ref('int_identity__leads') }}, {{ ref('int_states__leads_read') }}
{{ config(materialized='table', post_hook="analyze {{ this }}") }}

{% if not partial() %}
with int_identity__keys_due as (
    select cast(null as text) as key_kind, cast(null as text) as key_value where false
)
{% else %}
with gone as (
    select 1 as is_gone
    from {{ ref('int_states__leads_read') }} as old_rows
    where old_rows.valid_to_run > {{ last_run_id() }} and old_rows.valid_to_run < {{ open_end() }}
        and not exists (
            select 1 from {{ ref('int_states__leads_read') }} as now_rows
            where now_rows.lead_id = old_rows.lead_id and now_rows.valid_to_run = {{ open_end() }}
        )
),

moved as (
    {% for side, kinds in {'drivers': ['phone', 'plate', 'licence', 'name'], 'leads': ['phone', 'plate']}.items() %}
    select unnest(rows_moved.moved_keys) as moved_key
    from {{ ref('int_identity__' ~ side) }} as rows_moved
    where rows_moved.changed_run > {{ last_run_id() }}
    union
    select unnest({{ shareable_keys('rows_all', kinds) }})
    from {{ ref('int_identity__' ~ side) }} as rows_all
    where exists (select 1 from gone)
    {{ 'union' if not loop.last }}
    {% endfor %}
),

int_identity__keys_due as (
    select split_part(moved_key, ' ', 1) as key_kind, substr(moved_key, position(' ' in moved_key) + 1) as key_value
    from moved
    where moved_key not like 'NAME %' and moved_key not like 'ACCOUNT %'
    union
    select held.key_kind, held.key_value
    from ({{ held_behind('int_states__identity_shared_keys', 'key_kind, key_value') }}) as held
    where exists (select 1 from gone)
)
{% endif %}

select * from int_identity__keys_due
