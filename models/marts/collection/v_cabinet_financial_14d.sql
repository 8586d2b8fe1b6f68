-- Without `with`: PostgreSQL does not look into a view that has one when a reader orders and limits, and would sort all rows for a page.
select
    driver_id,
    person_key,
    lead_date,
    driver_name,
    {{ iso_week('lead_date') }} as iso_week,
    week_start,
    leads,
    connected_date is not null as connected_flag,
    connected_date,
    trips_14d as total_trips_14d,
    {% for milestone in [1, 5, 25] %}
    reached_m{{ milestone }} as reached_m{{ milestone }}_14d,
    {% endfor %}
    {% for milestone in [1, 5, 25] %}
    expected_m{{ milestone }} as expected_amount_m{{ milestone }},
    {% endfor %}
    expected_amount as expected_total_yango,
    {% for milestone in [1, 5, 25] %}
    claim_m{{ milestone }}_exists,
    claim_m{{ milestone }}_paid,
    {% endfor %}
    {% for milestone in [1, 5, 25] %}
    paid_amount_m{{ milestone }},
    {% endfor %}
    paid_amount as total_paid_yango,
    cast(expected_amount - paid_amount as numeric(12, 2)) as amount_due_yango,
    claimed_due_amount,
    missing_amount,
    closed_amount,
    unexpected_paid_amount,
    scout_id
from {{ ref('int_collection__financial') }} as states
where {{ is_live('states') }}
