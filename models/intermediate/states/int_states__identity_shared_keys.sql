-- Phones, plates and licences that several drivers or leads have, by run: rental cars, family phones, a recruiter's phone on thirty leads.
-- depends_on: {{ ref('int_identity__keys_due') }}
{{ config(
    materialized='versioned',
    unique_key=['key_kind', 'key_value'],
    scope={'relation': 'int_identity__keys_due', 'columns': ['key_kind', 'key_value']},
) }}

with drivers as not materialized (
    select * from {{ ref('int_identity__drivers') }} where row_hash is not null
),

leads as not materialized (
    select * from {{ ref('int_identity__leads') }}
),

-- A partial build looks the keys up that are due, each through its index.
keys as (
    {% for kind, column in {'PHONE': 'phone_key', 'PLATE': 'plate_key', 'LICENCE': 'licence_key'}.items() %}
    select '{{ kind }}' as key_kind, drivers.{{ column }} as key_value, 'D' as side, drivers.account_key as account, drivers.name_key
    from drivers
    {% if partial() %}
    inner join {{ ref('int_identity__keys_due') }} as due on due.key_kind = '{{ kind }}' and due.key_value = drivers.{{ column }}
    {% else %}
    where drivers.{{ column }} is not null
    {% endif %}
    union all
    {% endfor %}
    {% for kind, column in {'PHONE': 'phone_key', 'PLATE': 'plate_key'}.items() %}
    select '{{ kind }}' as key_kind, leads.{{ column }} as key_value, 'L' as side, null as account, leads.name_key
    from leads
    {% if partial() %}
    inner join {{ ref('int_identity__keys_due') }} as due on due.key_kind = '{{ kind }}' and due.key_value = leads.{{ column }}
    {% else %}
    where leads.{{ column }} is not null
    {% endif %}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

counted as (
    select
        key_kind,
        key_value,
        cast(count(*) filter (where side = 'D') as integer) as drivers,
        cast(count(distinct account) as integer) as accounts,
        cast(count(*) filter (where side = 'L') as integer) as leads,
        cast(count(distinct name_key) as integer) as names
    from keys
    group by key_kind, key_value
    having count(distinct account) > 1 or (count(*) filter (where side = 'L') > 1 and count(distinct name_key) > 1)
),

int_states__identity_shared_keys as (
    select
        counted.*,
        case
            when leads >= 10 and key_kind = 'PHONE' then 'RECRUITER_PHONE'
            when key_kind = 'PHONE' then 'SHARED_PHONE'
            when key_kind = 'PLATE' then 'SHARED_CAR'
            else 'SHARED_LICENCE'
        end as key_use
    from counted
)

select * from int_states__identity_shared_keys
