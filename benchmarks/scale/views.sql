-- The steps of floor.sql as somebody writes them who computes on read: each row's date parsed, each row ranked by its load.

-- name: step_dates
select date_file, case when text ~ '^\d{4}-\d{2}-\d{2}$' and pg_input_is_valid(text, 'date') then text::date end as trip_date
from (
    select date_file, regexp_replace(btrim(date_file, E' \t\r\n'), '^(\d{2})-(\d{2})-(\d{4})$', '\3-\2-\1') as text
    from (select distinct date_file from public.summary_daily) as found
) as iso

-- name: step_days
with typed as (
    select
        nullif(btrim(driver_id, E' \t\r\n'), '') as driver_id, count_orders_completed as trips, sum_work_time_seconds as work_seconds,
        regexp_replace(btrim(date_file, E' \t\r\n'), '^(\d{2})-(\d{2})-(\d{4})$', '\3-\2-\1') as text,
        coalesce(created_at, '0001-01-01') as loaded_at
    from public.summary_daily
    where count_orders_completed >= 0
),
dated as (
    select
        driver_id, trips, work_seconds, loaded_at,
        case when text ~ '^\d{4}-\d{2}-\d{2}$' and pg_input_is_valid(text, 'date') then text::date end as trip_date
    from typed
    where driver_id is not null
),
ranked as (
    select dated.*, rank() over (partition by driver_id, trip_date order by loaded_at desc) as place
    from dated
    where trip_date is not null
)
select
    driver_id, trip_date, sum(trips) filter (where place = 1) as trips, sum(work_seconds) filter (where place = 1) as work_seconds,
    count(*) as source_rows, count(*) filter (where place = 1) as counted_rows, count(distinct loaded_at) as loads
from ranked
group by driver_id, trip_date

-- name: page_limbo
select * from scale_views.limbo order by week_start desc, lead_date desc, lead_id limit 50

-- name: page_gap
select * from scale_views.gap order by week_start desc, lead_date desc, milestone_value desc, lead_id limit 50
