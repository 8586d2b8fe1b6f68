with states as (
    select * from {{ ref('int_collection__conservation') }}
),

v_cabinet_conservation as (
    select
        check_code,
        term,
        side,
        unit,
        value,
        difference
    from states
    where {{ is_live('states') }}
)

select * from v_cabinet_conservation
