-- Every claim row that has to do with a lead, and how: its own, one it shares with the lead that bears it, one that stands in its way, or one
-- that was raised under its key and is no longer its own. What the row is at this moment stands beside what the live run saw.
with lead_claims as not materialized (
    select * from {{ ref('int_states__lead_claims') }} as states where {{ is_live('states') }}
),

lead_rows as (
    select * from {{ ref('int_states__lead_rows') }} as states where {{ is_live('states') }}
),

claim_rows as not materialized (
    select * from {{ source('canon', 'claims_yango_cabinet_14d') }}
),

claims_paid as (
    select * from {{ ref('int_collection__claims_paid') }} as states where {{ is_live('states') }}
),

tied as (
    select lead_id, claim_id, case when duplicate_of_lead_source_pk is null then 1 else 2 end as tie
    from lead_claims
    where claim_id is not null
    union all
    select lead_id, conflicting_claim_id, 3
    from lead_claims
    where conflicting_claim_id is not null
    union all
    select lead_rows.lead_id, claim_rows.claim_id, 4
    from lead_rows
    inner join claim_rows on claim_rows.lead_source_pk = lead_rows.lead_source_pk
),

closest as (
    select lead_id, claim_id, min(tie) as tie
    from tied
    group by lead_id, claim_id
),

v_lead_trace_claims as (
    select
        closest.lead_id,
        closest.claim_id,
        case closest.tie when 1 then 'OWN' when 2 then 'SHARED' when 3 then 'IN_THE_WAY' else 'RAISED_UNDER_KEY' end as claim_tie,
        claim_rows.milestone,
        claim_rows.person_key,
        cast(claim_rows.driver_id as text) as driver_id,
        claim_rows.lead_date,
        claim_rows.amount_expected,
        claims_paid.claim_row_status,
        cast(claim_rows.status as text) as status_now,
        cast(claim_rows.reason as text) as why,
        claim_rows.generated_at,
        claim_rows.paid_at,
        claims_paid.unsupported_cause,
        claims_paid.reason_code,
        claims_paid.is_paid,
        claims_paid.payment_id,
        claims_paid.pay_date,
        claims_paid.paid_amount,
        claims_paid.due_amount,
        claims_paid.due_date,
        cast(case when claims_paid.is_live_claim then greatest({{ live_as_of_date() }} - claims_paid.due_date, 0) else 0 end as integer)
            as days_overdue
    from closest
    inner join claim_rows on claim_rows.claim_id = closest.claim_id
    left join claims_paid on claims_paid.claim_id = closest.claim_id
)

select * from v_lead_trace_claims
