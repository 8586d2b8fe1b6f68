-- What was paid without having been reached, by the collection's reconciliation; judged only where payments exist.
-- Only what was paid is looked at, of which an index leads to what was not reached: the rest is the history.
with reconciled as not materialized (
    select states.reconciliation_status, states.cause, states.leads_reached
    from {{ ref('int_collection__reconciled') }} as states
    where {{ is_candidate('states') }} and states.payments > 0
),

totals as (
    select
        coalesce((
            select true
            from reconciled
            order by reconciled.leads_reached
            limit 1
        ), false) as has_payments,
        count(*) filter (where reconciliation_status = 'PAID_WITHOUT_ACHIEVEMENT') as without_achievement,
        count(*) filter (where cause = 'INSUFFICIENT_TRIPS_CONFIRMED') as too_few_trips,
        count(*) filter (where cause in ('IDENTITY_MISMATCH', 'WINDOW_MISMATCH')) as mismatches
    from reconciled as not_reached
    where not_reached.leads_reached = 0
),

int_metrics__payments as (
    select
        'paid_without_achievement' as metric, 'ALL' as scope, '' as scope_value,
        cast(without_achievement as numeric(18, 4)) as value, 'COUNT' as unit
    from totals
    where has_payments
    union all
    select 'payment_mismatches', 'ALL', '', cast(mismatches as numeric(18, 4)), 'COUNT' from totals where has_payments
    union all
    select 'pct_paid_without_trips', 'ALL', '', {{ share_in_percent('too_few_trips', 'without_achievement') }}, 'PERCENT'
    from totals
    where without_achievement > 0
)

select * from int_metrics__payments
