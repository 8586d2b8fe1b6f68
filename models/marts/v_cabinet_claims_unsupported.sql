with states as (
    select * from {{ ref('int_states__claims_unsupported') }}
),

v_cabinet_claims_unsupported as (
    select
        claim_id,
        person_key,
        driver_id,
        lead_source_pk,
        lead_date,
        milestone,
        amount_expected,
        claim_row_status,
        unsupported_cause
    from states
    where {{ is_live('states') }}
)

select * from v_cabinet_claims_unsupported
