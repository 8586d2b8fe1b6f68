-- Every state that a lead's milestone was in, by run.
{{ config(
    materialized='versioned',
    unique_key=['lead_id', 'milestone'],
    scope={'relation': 'int_leads__moved', 'columns': ['lead_id'], 'narrows': true},
    state_indexes=[
        "(week_start desc, lead_date desc, milestone desc, lead_id) where (claim_status = 'CLAIM_NOT_GENERATED'::text)",
        "(week_start, lead_date, lead_id) where ((claim_status = 'CLAIM_NOT_GENERATED'::text) AND (valid_to_run = '9223372036854775807'::bigint))",
        "(claim_id) where (claim_id IS NOT NULL)",
        "(gap_reason, week_start desc, lead_date desc, milestone desc, lead_id)",
    ],
) }}

with int_claims__expected as (
    select * from {{ ref('int_claims__expected') }}
)

select * from int_claims__expected
