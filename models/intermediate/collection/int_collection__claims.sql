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

judged as (
    select
        claim_id, lead_id, driver_id as lead_driver_id, claim_row_status, amount_expected, window_end as due_date, overlaps_lead_source_pk,
        true as is_expected
    from expected
    union all
    select
        unsupported.claim_id, cast(null as integer), cast(null as text), unsupported.claim_row_status, unsupported.amount_expected,
        cast(null as date), cast(null as text), false
    from unsupported
    left join expected on expected.claim_id = unsupported.claim_id
    where expected.claim_id is null
),

int_collection__claims as (
    select
        judged.claim_id,
        judged.lead_id,
        claim_rows.lead_source_pk,
        claim_rows.person_key,
        coalesce(judged.lead_driver_id, claim_rows.driver_id) as driver_id,
        claim_rows.driver_id as claim_driver_id,
        claim_rows.milestone,
        judged.claim_row_status,
        judged.is_expected,
        unsupported.unsupported_cause,
        judged.overlaps_lead_source_pk,
        judged.claim_row_status in ('expected', 'generated', 'paid') as is_live_claim,
        -- What a payment may settle: raised, not closed by hand, not the repeat of another row.
        judged.claim_row_status in ('generated', 'paid') and not claim_rows.is_repeat as is_payable,
        judged.amount_expected,
        claim_rows.claim_amount,
        claim_rows.lead_date,
        coalesce(judged.due_date, claim_rows.lead_date + coalesce(milestones.window_days, 14)) as due_date
    from judged
    inner join claim_rows on claim_rows.claim_id = judged.claim_id
    left join unsupported on unsupported.claim_id = judged.claim_id
    left join milestones on milestones.milestone = claim_rows.milestone
)

select * from int_collection__claims
