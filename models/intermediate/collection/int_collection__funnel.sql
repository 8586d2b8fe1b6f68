-- The funnel of each week, from limbo and expected (F4), by run. Rates over closed windows stand beside those over all (F18).
-- depends_on: {{ ref('int_states__lead_claims') }}, {{ ref('int_states__leads') }}, {{ ref('int_states__weeks_due') }}
{{ config(
    materialized='versioned',
    unique_key='week_start',
    scope={'relation': 'int_states__weeks_due', 'columns': ['week_start']},
) }}

with leads as (
    select states.*
    from {{ ref('int_states__leads') }} as states
    {% if partial() %}inner join {{ ref('int_states__weeks_due') }} as due on due.week_start = states.week_start{% endif %}
    where {{ is_candidate('states') }}
),

lead_claims as (
    select states.*
    from {{ ref('int_states__lead_claims') }} as states
    {% if partial() %}inner join leads on leads.lead_id = states.lead_id{% endif %}
    where {{ is_candidate('states') }}
),

of_leads as (
    select
        week_start,
        count(*) as leads_total,
        count(distinct lead_source_pk) as leads_distinct_pk,
        count(person_key) as leads_with_identity,
        count(distinct person_key) as distinct_person_keys,
        count(driver_id) as leads_with_driver,
        count(distinct driver_id) as distinct_drivers,
        count(distinct case when trips_14d > 0 then driver_id end) as drivers_with_trips_14d,
        {% for milestone in [1, 5, 25] %}
        count(distinct case when reached_m{{ milestone }} then driver_id end) as reached_m{{ milestone }}_14d,
        {% endfor %}
        cast(sum(trips_14d) as bigint) as total_trips_14d_sum,
        {% for stage in ['no_identity', 'no_driver', 'no_trips_14d', 'trips_no_claim', 'ok'] %}
        sum(case when limbo_stage = '{{ stage | upper }}' then 1 else 0 end) as limbo_{{ stage }},
        {% endfor %}
        sum(case when window_closed then 1 else 0 end) as leads_closed,
        count(case when window_closed then person_key end) as closed_with_identity,
        count(case when window_closed then driver_id end) as closed_with_driver,
        count(distinct case when window_closed and trips_14d > 0 then driver_id end) as closed_drivers_with_trips
    from leads
    group by week_start
),

of_claims as (
    select
        week_start,
        {% for milestone in [1, 5, 25] %}
        sum(case when milestone = {{ milestone }} and claim_expected then 1 else 0 end) as claims_expected_m{{ milestone }},
        sum(case when milestone = {{ milestone }} and claim_expected and claim_present then 1 else 0 end) as claims_present_m{{ milestone }},
        {% endfor %}
        sum(case when claim_expected then amount_expected else 0 end) as debt_expected_total,
        sum(case when claim_status = 'CLAIM_NOT_GENERATED' then amount_expected else 0 end) as debt_missing_total
    from lead_claims
    group by week_start
),

int_collection__funnel as (
    select
        of_leads.*,
        {% for milestone in [1, 5, 25] %}
        coalesce(of_claims.claims_expected_m{{ milestone }}, 0) as claims_expected_m{{ milestone }},
        coalesce(of_claims.claims_present_m{{ milestone }}, 0) as claims_present_m{{ milestone }},
        {% endfor %}
        cast(coalesce(of_claims.debt_expected_total, 0) as numeric(12, 2)) as debt_expected_total,
        cast(coalesce(of_claims.debt_missing_total, 0) as numeric(12, 2)) as debt_missing_total
    from of_leads
    left join of_claims on of_claims.week_start = of_leads.week_start
)

select * from int_collection__funnel
