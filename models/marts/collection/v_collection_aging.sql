-- What is due, by how long it is overdue on the live run's as-of date. Claims that nothing supports stand apart: they are looked at before
-- they are collected (D-21).
with states as (
    select * from {{ ref('int_collection__claims_paid') }}
),

due as (
    select
        milestone,
        is_expected,
        due_amount,
        due_date,
        {{ live_as_of_date() }} - due_date as days_overdue
    from states
    where {{ is_live('states') }} and is_live_claim and due_amount <> 0
),

v_collection_aging as (
    select
        {{ bucket_overdue('days_overdue') }} as bucket_overdue,
        milestone as milestone_value,
        sum(case when is_expected then 1 else 0 end) as claims_due,
        cast(sum(case when is_expected then due_amount else 0 end) as numeric(12, 2)) as amount_due,
        sum(case when is_expected then 0 else 1 end) as unsupported_claims_due,
        cast(sum(case when is_expected then 0 else due_amount end) as numeric(12, 2)) as unsupported_amount_due,
        min(due_date) as oldest_due_date
    from due
    group by 1, 2
)

select * from v_collection_aging
