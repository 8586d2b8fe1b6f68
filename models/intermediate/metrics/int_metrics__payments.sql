-- What was paid without having been reached, by the collection's reconciliation; judged only where payments exist.
with reconciled as (
    select states.reconciliation_status, states.cause, states.payments
    from {{ ref('int_collection__reconciled') }} as states
    where {{ is_candidate('states') }}
),

totals as (
    select
        coalesce(sum(payments), 0) as payments,
        sum(case when reconciliation_status = 'PAID_WITHOUT_ACHIEVEMENT' then 1 else 0 end) as without_achievement,
        sum(case when cause = 'INSUFFICIENT_TRIPS_CONFIRMED' then 1 else 0 end) as too_few_trips,
        sum(case when cause in ('IDENTITY_MISMATCH', 'WINDOW_MISMATCH') or reconciliation_status = 'NOT_APPLICABLE' then 1 else 0 end) as mismatches
    from reconciled
),

int_metrics__payments as (
    select
        'paid_without_achievement' as metric, 'ALL' as scope, '' as scope_value,
        cast(without_achievement as numeric(18, 4)) as value, 'COUNT' as unit
    from totals
    where payments > 0
    union all
    select 'payment_mismatches', 'ALL', '', cast(mismatches as numeric(18, 4)), 'COUNT' from totals where payments > 0
    union all
    select 'pct_paid_without_trips', 'ALL', '', {{ share_in_percent('too_few_trips', 'without_achievement') }}, 'PERCENT'
    from totals
    where without_achievement > 0
)

select * from int_metrics__payments
