-- Without `with`: PostgreSQL does not look into a view that has one when a reader orders and limits, and would sort all rows for a page.
select
    lead_id,
    lead_source_pk,
    lead_date,
    week_start,
    person_key,
    driver_id,
    window_end as window_end_14d,
    milestone as milestone_value,
    trips_14d,
    milestone_reached as milestone_achieved,
    claim_expected,
    claim_present as claim_exists,
    claim_status,
    gap_reason,
    gap_detail,
    amount_expected as expected_amount,
    window_closed,
    conflicting_claim_id,
    overlaps_lead_source_pk
from {{ ref('int_states__lead_claims') }} as states
where claim_status = 'CLAIM_NOT_GENERATED' and {{ is_live('states') }}
