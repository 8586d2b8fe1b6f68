-- Phones, plates and licences that several drivers or leads have: rental cars, family phones, a recruiter's phone on thirty leads.
with drivers as (
    select * from {{ ref('int_identity__drivers') }} where row_hash is not null
),

leads as (
    select * from {{ ref('int_identity__leads') }}
),

keys as (
    {% for kind, column in {'PHONE': 'phone_key', 'PLATE': 'plate_key', 'LICENCE': 'licence_key'}.items() %}
    select '{{ kind }}' as key_kind, {{ column }} as key_value, 'D' as side, driver_id as owner, account_key as account, name_key
    from drivers
    where {{ column }} is not null
    union all
    {% endfor %}
    {% for kind, column in {'PHONE': 'phone_key', 'PLATE': 'plate_key'}.items() %}
    select '{{ kind }}' as key_kind, {{ column }} as key_value, 'L' as side, lead_source_pk as owner, null as account, name_key
    from leads
    where {{ column }} is not null
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

int_identity__shared_keys as (
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

select * from int_identity__shared_keys
