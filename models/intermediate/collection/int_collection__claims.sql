-- Every claim row once, as this run has judged it: expected by a lead, or listed as unsupported. Status and support come from those states,
-- so that all of a run speaks of the claims as they were at one moment; what never changes about a row is read from the row.
with claim_rows as (
    select * from {{ ref('int_claims__read') }}
),

expected as (
    select *
    from {{ ref('int_states__lead_claims') }} as states
    where {{ is_candidate('states') }} and states.claim_expected and states.claim_id is not null
),

unsupported as (
    select * from {{ ref('int_states__claims_unsupported') }} as states where {{ is_candidate('states') }}
),

milestones as (
    select distinct milestone, window_days from {{ ref('milestones') }}
),

int_collection__claims as (
    select
        claim_rows.claim_id,
        expected.lead_id,
        claim_rows.lead_source_pk,
        claim_rows.person_key,
        coalesce(expected.driver_id, claim_rows.driver_id) as driver_id,
        claim_rows.driver_id as claim_driver_id,
        claim_rows.milestone,
        coalesce(expected.claim_row_status, unsupported.claim_row_status) as claim_row_status,
        expected.claim_id is not null as is_expected,
        unsupported.unsupported_cause,
        expected.overlaps_lead_source_pk,
        coalesce(expected.claim_row_status, unsupported.claim_row_status) in ('expected', 'generated', 'paid') as is_live_claim,
        -- What a payment may settle: raised, not closed by hand, not the repeat of another row.
        coalesce(expected.claim_row_status, unsupported.claim_row_status) in ('generated', 'paid') and not claim_rows.is_repeat as is_payable,
        coalesce(expected.amount_expected, unsupported.amount_expected) as amount_expected,
        claim_rows.claim_amount,
        claim_rows.lead_date,
        coalesce(expected.window_end, claim_rows.lead_date + coalesce(milestones.window_days, 14)) as due_date
    from claim_rows
    left join expected on expected.claim_id = claim_rows.claim_id
    left join unsupported on unsupported.claim_id = claim_rows.claim_id
    left join milestones on milestones.milestone = claim_rows.milestone
    where expected.claim_id is not null or unsupported.claim_id is not null
)

select * from int_collection__claims
