-- The claim rows as this build has read them.
with states as (
    select * from {{ ref('int_states__claims_read') }} as states where {{ is_candidate('states') }}
),

int_claims__read as (
    select
        claim_id,
        person_key,
        driver_id,
        lead_source_pk,
        claim_row_status,
        milestone,
        claim_amount,
        is_live_claim,
        is_repeat,
        lead_date,
        expected_at,
        generated_at,
        paid_at
    from states
)

select * from int_claims__read
