-- What would have to be true for a milestone that is not reached: how many trips are missing, and whether the window still lets them come.
with leads as (
    select * from {{ ref('int_states__leads') }} as states where {{ is_live('states') }}
),

lead_claims as (
    select * from {{ ref('int_states__lead_claims') }} as states where {{ is_live('states') }}
),

milestones as (
    select * from {{ ref('milestones') }}
),

int_trace__trip_moves as (
    select
        lead_claims.lead_id,
        case when lead_claims.window_closed then 'LATE_TRIPS_ONLY' else 'MORE_TRIPS' end as move_code,
        case when lead_claims.window_closed then 'SOURCE' else 'DRIVER' end as mover,
        lead_claims.milestone,
        lead_claims.driver_id,
        milestones.trips - lead_claims.trips_14d as trips_needed,
        lead_claims.trips_14d,
        case when lead_claims.window_closed then 0 else lead_claims.window_end - {{ live_as_of_date() }} end as days_left,
        lead_claims.amount_expected as amount,
        lead_claims.lead_date as first_day,
        lead_claims.window_end - 1 as last_day
    from lead_claims
    inner join milestones
        on milestones.milestone = lead_claims.milestone
        and (milestones.valid_from is null or milestones.valid_from <= lead_claims.lead_date)
        and (milestones.valid_to is null or milestones.valid_to >= lead_claims.lead_date)
    where lead_claims.driver_id is not null and not lead_claims.milestone_reached
    union all
    -- Trips that do not count because the person's latest driver is another one (D-3).
    select
        lead_id,
        'TRIPS_ON_OTHER_DRIVERS',
        'PERSON',
        cast(null as integer),
        driver_id,
        cast(null as bigint),
        trips_other_drivers_14d,
        cast(null as integer),
        cast(null as numeric(12, 2)),
        lead_date,
        window_end - 1
    from leads
    where trips_other_drivers_14d > 0
)

select * from int_trace__trip_moves
