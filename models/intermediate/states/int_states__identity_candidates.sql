-- Every hit of every rule, by run: why a candidate was kept or dropped can be asked as long as the lead is unsettled, and of the runs before.
{{ config(
    materialized='versioned',
    unique_key=['lead_id', 'rule', 'driver_id'],
    scope={'relation': 'int_identity__leads_due', 'columns': ['lead_id']},
) }}

with int_identity__candidates as (
    select
        lead_id,
        rule,
        driver_id,
        who,
        person_key,
        park_id,
        is_kept,
        drop_reason,
        rule_score,
        phone_level,
        plate_level,
        name_level,
        name_similarity,
        parts_same,
        parts_near,
        hired_after_days,
        phone_points,
        plate_points,
        name_points,
        model_points,
        date_points,
        score
    from {{ ref('int_identity__candidates') }}
)

select * from int_identity__candidates
