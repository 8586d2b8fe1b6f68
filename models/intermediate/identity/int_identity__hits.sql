-- What this build leaves of the hits of each unsettled lead: of due ones as they were found now, of the others as they stood.
with states as (
    select * from {{ ref('int_states__identity_candidates') }} as states where {{ is_candidate('states') }}
),

int_identity__hits as (
    select
        lead_id,
        rule,
        driver_id,
        person_key,
        park_id,
        is_kept,
        drop_reason,
        phone_level,
        plate_level,
        name_level,
        name_similarity,
        phone_points,
        plate_points,
        name_points,
        model_points,
        date_points,
        score
    from states
)

select * from int_identity__hits
