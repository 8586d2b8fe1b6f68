-- What this build leaves decided about each unsettled lead: due ones as they were decided now, the others as they stood.
with states as (
    select * from {{ ref('int_states__identity') }} as states where {{ is_candidate('states') }}
),

int_identity__decided as (
    select
        lead_id,
        lead_source_pk,
        lead_date,
        outcome,
        reason_code,
        lead_person_key,
        person_key,
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
        is_suggestion,
        valid_from_run
    from states
)

select * from int_identity__decided
