with states as (
    select * from {{ ref('int_states__identity') }}
),

v_identity_decisions as (
    select
        lead_id,
        lead_source_pk,
        lead_date,
        outcome,
        reason_code,
        lead_person_key,
        person_key,
        other_person_key,
        driver_id,
        match_rule,
        match_score,
        confidence_level,
        score,
        mr1_outcome,
        mr2_outcome,
        mr3_outcome,
        mr3b_outcome,
        mr4_outcome,
        score_outcome,
        is_suggestion
    from states
    where {{ is_live('states') }}
)

select * from v_identity_decisions
