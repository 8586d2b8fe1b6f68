-- Each lead that moved with the trips of its driver in its window (R6, H1: none without a driver) and those of the person's other drivers (D-3).
-- A table: two states are worked out from it, and it tells the planner how few leads moved.
{{ config(materialized='table', indexes=[{'columns': ['lead_id'], 'unique': true}], post_hook="analyze {{ this }}") }}

{#- A partial build looks each lead up: for some thousands of a million the planner would rather read all. -#}
{% set of_lead = "select all_leads.* from " ~ ref('int_leads__resolved') ~ " as all_leads where all_leads.lead_id = moved.lead_id" %}
with leads as (
    select resolved.*
    from {{ ref('int_leads__moved') }} as moved
    {% if partial() %}
    {{ for_each(of_lead, 'resolved') }}
    {% else %}
    inner join {{ ref('int_leads__resolved') }} as resolved on resolved.lead_id = moved.lead_id
    {% endif %}
),

persons_drivers as (
    select * from {{ ref('int_persons__drivers') }}
),

window_trips as (
    select * from {{ ref('int_windows__trips') }}
),

windows_of_others as (
    select * from {{ ref('int_windows__trips') }}
),

other_drivers as (
    select
        leads.lead_id,
        sum(windows_of_others.trips) as trips
    from leads
    inner join persons_drivers
        on persons_drivers.person_key = leads.person_key and not persons_drivers.is_current_driver
    inner join windows_of_others
        on windows_of_others.driver_id = persons_drivers.driver_id
        and windows_of_others.window_start = leads.lead_date
        and windows_of_others.window_end = leads.window_end
    where leads.driver_count > 1
    group by leads.lead_id
),

int_leads__windowed as (
    select
        leads.*,
        coalesce(window_trips.trips, 0) as trips_14d,
        cast(coalesce(other_drivers.trips, 0) as bigint) as trips_other_drivers_14d
    from leads
    left join window_trips
        on window_trips.driver_id = leads.driver_id
        and window_trips.window_start = leads.lead_date
        and window_trips.window_end = leads.window_end
    left join other_drivers on other_drivers.lead_id = leads.lead_id
)

select * from int_leads__windowed
