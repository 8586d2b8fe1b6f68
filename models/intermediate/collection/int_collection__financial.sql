-- Each driver of a lead with what is expected, paid and due, summed from the expected claims, so that the drivers' totals are those of the
-- leads (F21); by run.
-- depends_on: {{ ref('int_collection__claims_paid') }}, {{ ref('int_collection__connections') }}
-- depends_on: {{ ref('int_collection__drivers_due') }}, {{ ref('int_collection__settlements') }}, {{ ref('int_drivers__named') }}
-- depends_on: {{ ref('int_states__lead_claims') }}, {{ ref('int_states__leads') }}
{{ config(
    materialized='versioned',
    unique_key='driver_id',
    scope={'relation': 'int_collection__drivers_due', 'columns': ['driver_id']},
    state_indexes=["(week_start desc, lead_date desc, driver_id)"],
) }}

with due as (
    select * from {{ ref('int_collection__drivers_due') }}
),

leads as (
    select states.*
    from due
    inner join {{ ref('int_states__leads') }} as states on states.driver_id = due.driver_id
    where {{ is_candidate('states') }}
),

expected as (
    select states.*
    {% if partial() %}
    from leads
    inner join {{ ref('int_states__lead_claims') }} as states on states.lead_id = leads.lead_id
    {% else %}
    from {{ ref('int_states__lead_claims') }} as states
    {% endif %}
    where {{ is_candidate('states') }} and states.claim_expected
),

claims_paid as (
    select * from {{ ref('int_collection__claims_paid') }} as states where {{ is_candidate('states') }}
),

claims_of_driver as (
    select * from {{ ref('int_collection__claims_paid') }} as states where {{ is_candidate('states') }}
),

settlements as (
    select states.*
    from due
    inner join {{ ref('int_collection__settlements') }} as states on states.driver_id = due.driver_id
    where {{ is_candidate('states') }}
),

connections as (
    select * from {{ ref('int_collection__connections') }} where connected_date <= {{ as_of_date() }}
),

names as (
    select due.driver_id, min(states.driver_name) as driver_name
    from due
    inner join {{ ref('int_drivers__named') }} as states on states.driver_id = due.driver_id
    where {{ is_candidate('states') }}
    group by due.driver_id
),

-- A driver belongs to one person (links are unique per driver).
leads_of_driver as (
    select
        driver_id,
        max(lead_date) as lead_date,
        count(*) as leads,
        sum(trips_14d) as trips_14d,
        {% for milestone in [1, 5, 25] %}
        max(case when reached_m{{ milestone }} then 1 else 0 end) = 1 as reached_m{{ milestone }},
        {% endfor %}
        person_key
    from leads
    group by driver_id, person_key
),

money as (
    select
        expected.driver_id,
        {% for milestone in [1, 5, 25] %}
        sum(case when expected.milestone = {{ milestone }} then expected.amount_expected else 0 end) as expected_m{{ milestone }},
        max(case when expected.milestone = {{ milestone }} and expected.claim_present then 1 else 0 end) = 1 as claim_m{{ milestone }}_exists,
        max(case when expected.milestone = {{ milestone }} and claims_paid.is_paid then 1 else 0 end) = 1 as claim_m{{ milestone }}_paid,
        sum(case when expected.milestone = {{ milestone }} then coalesce(claims_paid.paid_amount, 0) else 0 end) as paid_amount_m{{ milestone }},
        {% endfor %}
        sum(expected.amount_expected) as expected_amount,
        sum(coalesce(claims_paid.paid_amount, 0)) as paid_amount,
        sum(coalesce(claims_paid.due_amount, 0)) as claimed_due_amount,
        sum(case when expected.claim_status = 'CLAIM_NOT_GENERATED' then expected.amount_expected else 0 end) as missing_amount,
        sum(case when expected.claim_row_status in ('rejected', 'expired') then expected.amount_expected else 0 end) as closed_amount
    from expected
    left join claims_paid on claims_paid.claim_id = expected.claim_id
    group by expected.driver_id
),

-- Money of a driver that no expected claim accounts for: on unsupported claims, and payments that settle nothing.
unexpected as (
    select driver_id, sum(amount) as amount
    from (
        select due.driver_id, claims_paid.paid_amount as amount
        from due
        inner join claims_of_driver as claims_paid on claims_paid.driver_id = due.driver_id
        where not claims_paid.is_expected
        union all
        select driver_id, amount from settlements where outcome = 'UNAPPLIED'
    ) as parts
    where driver_id is not null
    group by driver_id
),

scouts as (
    select driver_id, max(scout_id) as scout_id
    from (
        select
            driver_id,
            scout_id,
            rank() over (partition by driver_id order by pay_date desc, payment_id desc) as age
        from settlements
        where scout_id is not null and driver_id is not null and pay_date is not null
    ) as aged
    where age = 1
    group by driver_id
),

int_collection__financial as (
    select
        leads_of_driver.driver_id,
        coalesce(names.driver_name, 'N/A') as driver_name,
        leads_of_driver.person_key,
        {{ week_start('leads_of_driver.lead_date') }} as week_start,
        leads_of_driver.lead_date,
        cast(leads_of_driver.leads as integer) as leads,
        connections.connected_date,
        cast(leads_of_driver.trips_14d as bigint) as trips_14d,
        {% for milestone in [1, 5, 25] %}
        leads_of_driver.reached_m{{ milestone }},
        cast(coalesce(money.expected_m{{ milestone }}, 0) as numeric(12, 2)) as expected_m{{ milestone }},
        coalesce(money.claim_m{{ milestone }}_exists, false) as claim_m{{ milestone }}_exists,
        coalesce(money.claim_m{{ milestone }}_paid, false) as claim_m{{ milestone }}_paid,
        cast(coalesce(money.paid_amount_m{{ milestone }}, 0) as numeric(12, 2)) as paid_amount_m{{ milestone }},
        {% endfor %}
        {% for amount in ['expected_amount', 'paid_amount', 'claimed_due_amount', 'missing_amount', 'closed_amount'] %}
        cast(coalesce(money.{{ amount }}, 0) as numeric(12, 2)) as {{ amount }},
        {% endfor %}
        cast(coalesce(unexpected.amount, 0) as numeric(12, 2)) as unexpected_paid_amount,
        scouts.scout_id
    from leads_of_driver
    left join money on money.driver_id = leads_of_driver.driver_id
    left join names on names.driver_id = leads_of_driver.driver_id
    left join connections on connections.driver_id = leads_of_driver.driver_id
    left join unexpected on unexpected.driver_id = leads_of_driver.driver_id
    left join scouts on scouts.driver_id = leads_of_driver.driver_id
)

select * from int_collection__financial
