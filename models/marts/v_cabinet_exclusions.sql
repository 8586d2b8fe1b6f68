with states as (
    select * from {{ ref('int_states__exclusions') }}
),

v_cabinet_exclusions as (
    select
        source,
        source_key,
        reason,
        lead_id,
        driver_id,
        event_date,
        raw_value,
        source_rows,
        trips,
        valid_from_run as first_seen_run
    from states
    where {{ is_live('states') }}
)

select * from v_cabinet_exclusions
