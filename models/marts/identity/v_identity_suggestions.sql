with states as (
    select * from {{ ref('int_states__identity_suggestions') }}
),

v_identity_suggestions as (
    select
        lead_id,
        lead_source_pk,
        lead_date,
        reason_code,
        driver_id,
        place,
        drivers,
        person_key,
        park_id,
        score,
        phone_level,
        plate_level,
        parts_same,
        parts_near,
        name_similarity,
        hired_after_days,
        phone_points,
        plate_points,
        name_points,
        model_points,
        date_points,
        settle_code,
        what_would_settle_it
    from states
    where {{ is_live('states') }}
)

select * from v_identity_suggestions
