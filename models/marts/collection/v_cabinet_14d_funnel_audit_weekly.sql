with states as (
    select * from {{ ref('int_collection__funnel') }}
),

v_cabinet_14d_funnel_audit_weekly as (
    select
        week_start,
        leads_total,
        leads_distinct_pk,
        leads_with_identity,
        distinct_person_keys,
        leads_with_driver,
        distinct_drivers,
        drivers_with_trips_14d,
        reached_m1_14d,
        reached_m5_14d,
        reached_m25_14d,
        total_trips_14d_sum,
        {% for milestone in [1, 5, 25] %}
        claims_expected_m{{ milestone }},
        {% endfor %}
        debt_expected_total,
        {% for milestone in [1, 5, 25] %}
        claims_present_m{{ milestone }},
        {% endfor %}
        {% for milestone in [1, 5, 25] %}
        claims_expected_m{{ milestone }} - claims_present_m{{ milestone }} as claims_missing_m{{ milestone }},
        {% endfor %}
        debt_missing_total,
        limbo_no_identity,
        limbo_no_driver,
        limbo_no_trips_14d,
        limbo_trips_no_claim,
        limbo_ok,
        {{ percent('leads_with_identity', 'leads_total') }} as pct_with_identity,
        {{ percent('leads_with_driver', 'leads_with_identity') }} as pct_with_driver,
        {{ percent('drivers_with_trips_14d', 'leads_with_driver') }} as pct_with_trips_14d,
        leads_closed,
        {{ percent('closed_with_identity', 'leads_closed') }} as pct_with_identity_closed,
        {{ percent('closed_with_driver', 'closed_with_identity') }} as pct_with_driver_closed,
        {{ percent('closed_drivers_with_trips', 'closed_with_driver') }} as pct_with_trips_14d_closed
    from states
    where {{ is_live('states') }}
)

select * from v_cabinet_14d_funnel_audit_weekly
