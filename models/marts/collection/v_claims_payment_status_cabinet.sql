-- One row per claim row, so that each of a driver's leads keeps its own money (F21, F35). Ages are those of the live run's as-of date.
with states as (
    select * from {{ ref('int_collection__claims_paid') }}
),

live as (
    select
        states.*,
        greatest({{ live_as_of_date() }} - due_date, 0) as days_overdue
    from states
    where {{ is_live('states') }}
),

v_claims_payment_status_cabinet as (
    select
        claim_id,
        driver_id,
        person_key,
        milestone as milestone_value,
        lead_source_pk,
        lead_date,
        due_date,
        claim_row_status,
        amount_expected as expected_amount,
        cast(case when is_live_claim then days_overdue else 0 end as integer) as days_overdue,
        {{ bucket_overdue('days_overdue') }} as bucket_overdue,
        is_paid as paid_flag,
        pay_date as paid_date,
        cast(payment_id as text) || ':' || cast(milestone as text) as payment_key,
        paid_amount,
        due_amount,
        found_by as payment_identity_status,
        settled_through as payment_match_rule,
        confidence as payment_match_confidence,
        case when is_paid then 'PAID' else 'NOT_PAID' end as payment_status,
        case when payment_id is not null then 'PAYMENT_FOUND' else 'NO_PAYMENT_FOUND' end as payment_reason,
        reason_code,
        case
            when is_paid then 'P0_CONFIRMED_PAID'
            when not is_live_claim then 'P3_CLOSED'
            when days_overdue = 0 then 'P2_NOT_DUE'
            when days_overdue <= 14 then 'P1_WATCH'
            else 'P0_COLLECT_NOW'
        end as action_priority,
        is_expected as is_supported,
        unsupported_cause,
        overlaps_lead_source_pk,
        row_number() over (partition by driver_id, milestone order by lead_date desc, claim_id desc) = 1 as is_latest_of_driver
    from live
)

select * from v_claims_payment_status_cabinet
