-- Due claim rows whose expectation does not hold (D-21), those that no lead in the funnel can account for included. Listed, never changed.
with claims as (
    select read.*
    from {{ ref('int_claims__due') }} as due
    inner join {{ ref('int_claims__read') }} as read on read.claim_id = due.claim_id
),

milestones as (
    select distinct milestone from {{ ref('milestones') }}
),

lead_claims as (
    select * from {{ ref('int_states__lead_claims') }} as states where {{ is_candidate('states') }}
),

-- The bearer speaks for the claim; its duplicates only share it (D-2).
bearers as (
    select * from lead_claims where duplicate_of_lead_source_pk is null and claim_id is not null
),

judged as (
    select
        claims.*,
        case
            when claims.person_key is null then 'NO_PERSON'
            when claims.is_repeat then 'DUPLICATE_CLAIM'
            when milestones.milestone is null then 'BAD_MILESTONE'
            when bearers.lead_id is null then 'NO_LEAD'
            else bearers.unsupported_cause
        end as unsupported_cause
    from claims
    left join milestones on milestones.milestone = claims.milestone
    left join bearers on bearers.claim_id = claims.claim_id
),

int_claims__unsupported as (
    select
        claim_id,
        person_key,
        driver_id,
        lead_source_pk,
        claim_row_status,
        unsupported_cause,
        milestone,
        claim_amount as amount_expected,
        lead_date
    from judged
    where unsupported_cause is not null
)

select * from int_claims__unsupported
