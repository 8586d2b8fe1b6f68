-- Trips per day of every driver of the lead's person inside its window, with the milestones that the lead's driver reached that day (R5 to R7).
with leads as not materialized (
    select * from {{ ref('int_states__leads') }} as states where {{ is_live('states') }}
),

links as (
    select * from {{ source('canon', 'identity_links') }}
),

driver_days as not materialized (
    select * from {{ ref('int_trips__driver_days') }}
),

milestones as (
    select * from {{ ref('milestones') }}
),

of_leads as (
    select leads.lead_id, leads.driver_id, leads.lead_date, leads.window_end, true as is_leads_driver
    from leads
    where leads.driver_id is not null
    union all
    select leads.lead_id, cast(links.source_pk as text), leads.lead_date, leads.window_end, false
    from leads
    inner join links on links.person_key = leads.person_key and links.source_table = 'drivers'
    where links.source_pk <> leads.driver_id
),

days as (
    select
        of_leads.lead_id,
        of_leads.driver_id,
        of_leads.is_leads_driver,
        of_leads.lead_date,
        driver_days.trip_date,
        driver_days.trips,
        driver_days.loads,
        driver_days.changed_run,
        sum(driver_days.trips) over (
            partition by of_leads.lead_id, of_leads.driver_id order by driver_days.trip_date
        ) as running
    from of_leads
    inner join driver_days
        on driver_days.driver_id = of_leads.driver_id
        and driver_days.trip_date >= of_leads.lead_date
        and driver_days.trip_date < of_leads.window_end
    where driver_days.trip_date <= {{ live_as_of_date() }}
),

v_lead_trace_trips as (
    select
        days.lead_id,
        days.driver_id,
        days.is_leads_driver,
        days.trip_date,
        days.trip_date - days.lead_date + 1 as day_no,
        days.trips,
        cast(days.running as bigint) as running_trips,
        nullif(
            concat_ws(
                ',',
                {% for milestone in [1, 5, 25] %}
                max(case when milestones.milestone = {{ milestone }} then 'M{{ milestone }}' end){{ ',' if not loop.last }}
                {% endfor %}
            ),
            ''
        ) as milestones_reached,
        days.loads,
        days.changed_run > {{ live_run_id() }} as is_changed_since
    from days
    left join milestones
        on days.is_leads_driver
        and milestones.trips <= days.running
        and milestones.trips > days.running - days.trips
        and (milestones.valid_from is null or milestones.valid_from <= days.lead_date)
        and (milestones.valid_to is null or milestones.valid_to >= days.lead_date)
    group by
        days.lead_id, days.driver_id, days.is_leads_driver, days.trip_date, days.lead_date, days.trips, days.running, days.loads, days.changed_run
)

select * from v_lead_trace_trips
