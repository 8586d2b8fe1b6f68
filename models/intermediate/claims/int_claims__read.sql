-- The claim rows as this build has read them.
-- Without `with`: PostgreSQL does not look into a view that has one, and whoever looks up a few rows would read all.
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
from {{ ref('int_states__claims_read') }} as states
where {{ is_candidate('states') }}
