-- What would have to be true for the lead to move on, a code with its numbers; the sentences are the catalogue's (kind move).
with moves as (
    select
        lead_id, 1 as step, move_code, mover, cast(null as integer) as milestone, driver_id, cast(null as bigint) as trips_needed,
        cast(null as bigint) as trips_14d, cast(null as integer) as days_left, cast(null as numeric(12, 2)) as amount, cast(null as integer) as claim_id,
        other_key, detail_code, match_rule, score, drivers, missing_keys, cast(null as date) as first_day, last_day, cast(null as integer) as days_overdue
    from {{ ref('int_trace__identity_moves') }}
    union all
    select
        lead_id, 2, move_code, mover, milestone, driver_id, trips_needed, trips_14d, days_left, amount, null,
        null, null, null, null, null, null, first_day, last_day, null
    from {{ ref('int_trace__trip_moves') }}
    union all
    select
        lead_id, 3, move_code, mover, milestone, null, null, null, null, amount, claim_id,
        other_key, detail_code, null, null, null, null, null, last_day, days_overdue
    from {{ ref('int_trace__claim_moves') }}
),

v_lead_trace_moves as (
    select
        lead_id,
        step,
        move_code,
        mover,
        milestone,
        driver_id,
        trips_needed,
        trips_14d,
        days_left,
        amount,
        claim_id,
        other_key,
        detail_code,
        match_rule,
        score,
        {{ points('CUT_LINK') }} as score_needed,
        drivers,
        missing_keys,
        first_day,
        last_day,
        days_overdue
    from moves
)

select * from v_lead_trace_moves
