-- What a driver reached against what the platform says it paid, per driver and milestone, by run. Paid without achievement is no error: the
-- platform pays by its own logic (R20); its likely cause is told.
-- depends_on: {{ ref('int_collection__drivers_due') }}, {{ ref('int_collection__settlements') }}
-- depends_on: {{ ref('int_payments__statements') }}, {{ ref('int_persons__drivers') }}, {{ ref('int_states__lead_claims') }}
-- depends_on: {{ ref('int_states__leads') }}, {{ ref('int_trips__driver_days') }}, {{ ref('milestones') }}
{{ config(
    materialized='versioned',
    unique_key=['driver_id', 'milestone'],
    scope={'relation': 'int_collection__drivers_due', 'columns': ['driver_id']},
    state_indexes=["(leads_reached) where (payments > 0)"],
) }}


with milestones as (
    select milestone, max(trips) as trips, max(window_days) as window_days from {{ ref('milestones') }} group by milestone
),

due as (
    select * from {{ ref('int_collection__drivers_due') }}
),

lead_claims as (
    select states.*
    {% if partial() %}
    from due
    inner join {{ ref('int_states__leads') }} as leads on leads.driver_id = due.driver_id
    inner join {{ ref('int_states__lead_claims') }} as states on states.lead_id = leads.lead_id
    where {{ is_candidate('leads') }} and {{ is_candidate('states') }}
    {% else %}
    from {{ ref('int_states__lead_claims') }} as states
    where {{ is_candidate('states') }} and states.driver_id is not null
    {% endif %}
),

settlements as (
    select states.*
    from due
    inner join {{ ref('int_collection__settlements') }} as states on states.driver_id = due.driver_id
    where {{ is_candidate('states') }}
),

driver_days as (
    select * from {{ ref('int_trips__driver_days') }} where trip_date <= {{ as_of_date() }}
),

persons_drivers as (
    select * from {{ ref('int_persons__drivers') }}
),

reached as (
    select
        driver_id,
        milestone,
        count(*) as leads_reached,
        sum(case when claim_expected then amount_expected else 0 end) as expected_amount,
        max(case when claim_status = 'CLAIM_NOT_GENERATED' then 1 else 0 end) = 1 as has_missing_claim
    from lead_claims
    where milestone_reached
    group by driver_id, milestone
),

drivers_with_leads as (
    select distinct driver_id from lead_claims
),

paid as (
    select
        driver_id,
        milestone,
        sum(case when outcome <> 'REVERSED' then 1 else 0 end) as payments,
        sum(case when outcome <> 'REVERSED' then amount else 0 end) as paid_amount,
        max(case when outcome = 'REVERSED' then 1 else 0 end) = 1 as has_reversal,
        max(case when outcome <> 'REVERSED' then pay_date end) as last_pay_date
    from settlements
    group by driver_id, milestone
),

-- Whom the list itself names as the person, where that is not the person of the driver it names.
mismatched as (
    select distinct settlements.driver_id, settlements.milestone
    from settlements
    inner join {{ ref('int_payments__statements') }} as statements
        on statements.payment_id = settlements.payment_id and statements.milestone = settlements.milestone
    inner join persons_drivers on persons_drivers.driver_id = settlements.driver_id
    where settlements.outcome <> 'REVERSED' and statements.person_key <> persons_drivers.person_key
),

joined as (
    select
        coalesce(reached.driver_id, paid.driver_id) as driver_id,
        coalesce(reached.milestone, paid.milestone) as milestone,
        coalesce(reached.leads_reached, 0) as leads_reached,
        coalesce(reached.expected_amount, 0) as expected_amount,
        coalesce(reached.has_missing_claim, false) as has_missing_claim,
        coalesce(paid.payments, 0) as payments,
        coalesce(paid.paid_amount, 0) as paid_amount,
        coalesce(paid.has_reversal, false) as has_reversal,
        paid.last_pay_date
    from reached
    full join paid on paid.driver_id = reached.driver_id and paid.milestone = reached.milestone
    where reached.driver_id is not null or paid.payments > 0
),

-- Trips from the window's length before the pay date to the pay date, both included.
trips_before_pay as (
    select joined.driver_id, joined.milestone, sum(driver_days.trips) as trips
    from joined
    inner join milestones on milestones.milestone = joined.milestone
    inner join driver_days
        on driver_days.driver_id = joined.driver_id
        and driver_days.trip_date >= joined.last_pay_date - milestones.window_days
        and driver_days.trip_date <= joined.last_pay_date
    where joined.leads_reached = 0
    group by joined.driver_id, joined.milestone
),

int_collection__reconciled as (
    select
        joined.driver_id,
        joined.milestone,
        case
            when joined.leads_reached > 0 and joined.payments > 0 then 'OK'
            when joined.leads_reached > 0 then 'ACHIEVED_NOT_PAID'
            when joined.payments > 0 then 'PAID_WITHOUT_ACHIEVEMENT'
            else 'NOT_APPLICABLE'
        end as reconciliation_status,
        case
            when joined.leads_reached > 0 and joined.payments > 0 then null
            when joined.leads_reached > 0 and joined.has_reversal then 'PAYMENT_REVERSED'
            when joined.leads_reached > 0 and joined.has_missing_claim then 'CLAIM_NOT_GENERATED'
            when joined.leads_reached > 0 then 'NO_PAYMENT_FOUND'
            when mismatched.driver_id is not null then 'IDENTITY_MISMATCH'
            when joined.last_pay_date is not null and coalesce(trips_before_pay.trips, 0) < milestones.trips then 'INSUFFICIENT_TRIPS_CONFIRMED'
            when drivers_with_leads.driver_id is not null then 'WINDOW_MISMATCH'
            else 'UPSTREAM_OVERPAYMENT'
        end as cause,
        cast(joined.leads_reached as integer) as leads_reached,
        cast(joined.payments as integer) as payments,
        cast(case when joined.leads_reached = 0 then coalesce(trips_before_pay.trips, 0) end as bigint) as trips_before_pay,
        cast(joined.expected_amount as numeric(12, 2)) as expected_amount,
        cast(joined.paid_amount as numeric(12, 2)) as paid_amount,
        joined.last_pay_date
    from joined
    inner join milestones on milestones.milestone = joined.milestone
    left join mismatched on mismatched.driver_id = joined.driver_id and mismatched.milestone = joined.milestone
    left join trips_before_pay on trips_before_pay.driver_id = joined.driver_id and trips_before_pay.milestone = joined.milestone
    left join drivers_with_leads on drivers_with_leads.driver_id = joined.driver_id
)

select * from int_collection__reconciled
