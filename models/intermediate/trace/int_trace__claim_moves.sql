-- What would have to be true for a milestone that is reached, or has a claim: who raises, pays, reopens or mends it.
with lead_claims as (
    select * from {{ ref('int_states__lead_claims') }} as states where {{ is_live('states') }}
),

claims_paid as (
    select * from {{ ref('int_collection__claims_paid') }} as states where {{ is_live('states') }}
),

judged as (
    select
        lead_claims.lead_id,
        lead_claims.milestone,
        lead_claims.duplicate_of_lead_source_pk,
        lead_claims.conflicting_claim_id,
        lead_claims.claim_id,
        lead_claims.unsupported_cause,
        lead_claims.amount_expected,
        claims_paid.due_amount,
        claims_paid.due_date,
        greatest({{ live_as_of_date() }} - claims_paid.due_date, 0) as days_overdue,
        case
            when lead_claims.duplicate_of_lead_source_pk is not null then 'BORNE_BY_OTHER_LEAD'
            when lead_claims.claim_status = 'UNSUPPORTED' then 'CLAIM_UNSUPPORTED'
            when lead_claims.conflicting_claim_id is not null then 'CLAIM_UNDER_OTHER_PERSON'
            when lead_claims.claim_status = 'CLAIM_NOT_GENERATED' then 'JOB_RAISES_CLAIM'
            when lead_claims.claim_row_status = 'expected' then 'JOB_ADVANCES_CLAIM'
            when lead_claims.claim_row_status in ('rejected', 'expired') then 'REOPEN_CLAIM'
            when claims_paid.is_paid and lead_claims.claim_row_status = 'generated' then 'JOB_RECORDS_PAYMENT'
            when claims_paid.is_paid and claims_paid.due_amount > 0 then 'PAID_SHORT'
            when claims_paid.is_paid then 'PAID'
            when {{ live_as_of_date() }} > claims_paid.due_date then 'PAYMENT_OVERDUE'
            else 'PAYMENT_AWAITED'
        end as move_code
    from lead_claims
    left join claims_paid on claims_paid.claim_id = lead_claims.claim_id
    where lead_claims.milestone_reached or lead_claims.claim_present
),

int_trace__claim_moves as (
    select
        lead_id,
        move_code,
        case
            when move_code like 'JOB%' then 'JOB'
            when move_code in ('PAYMENT_OVERDUE', 'PAYMENT_AWAITED', 'PAID_SHORT') then 'PLATFORM'
            when move_code in ('PAID', 'BORNE_BY_OTHER_LEAD') then 'NOBODY'
            else 'PERSON'
        end as mover,
        milestone,
        coalesce(conflicting_claim_id, claim_id) as claim_id,
        duplicate_of_lead_source_pk as other_key,
        unsupported_cause as detail_code,
        case when move_code = 'PAID_SHORT' then due_amount else amount_expected end as amount,
        due_date as last_day,
        days_overdue
    from judged
)

select * from int_trace__claim_moves
