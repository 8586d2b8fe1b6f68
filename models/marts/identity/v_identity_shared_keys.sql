with states as (
    select * from {{ ref('int_states__identity_shared_keys') }}
),

v_identity_shared_keys as (
    select
        key_kind,
        key_value,
        key_use,
        drivers,
        accounts,
        leads,
        names
    from states
    where {{ is_live('states') }}
)

select * from v_identity_shared_keys
