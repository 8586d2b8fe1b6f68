-- The steps of floor.sql that read trips, as DuckDB does them best; all others are the same text.

-- name: tables
-- Relation, columns as they are exported, and their types in the file.
public.summary_daily|driver_id, date_file, count_orders_completed, sum_work_time_seconds, created_at|varchar, varchar, integer, decimal(18,3), timestamp
public.module_ct_cabinet_leads|id, external_id, lead_created_at, first_name, middle_name, last_name, park_phone, asset_plate_number|integer, varchar, timestamp, varchar, varchar, varchar, varchar, varchar
canon.identity_links|id, person_key, source_table, source_pk, linked_at|integer, uuid, varchar, varchar, timestamptz
canon.claims_yango_cabinet_14d|claim_id, person_key, driver_id, lead_source_pk, lead_date, milestone, amount_expected, status, generated_at, paid_at|integer, uuid, varchar, varchar, date, integer, decimal(12,2), varchar, timestamptz, timestamptz

-- name: step_dates
select date_file, case when regexp_full_match(text, '\d{4}-\d{2}-\d{2}') then try_cast(text as date) end as trip_date
from (
    select date_file, regexp_replace(trim(date_file, E' \t\r\n'), '^(\d{2})-(\d{2})-(\d{4})$', '\3-\2-\1') as text
    from (select distinct date_file from public.summary_daily where date_file is not null) as found
) as iso

-- name: step_days
select
    driver_id, trip_date, arg_max(trips, loaded_at) as trips, arg_max(work_seconds, loaded_at) as work_seconds,
    sum(counted_rows) as source_rows, arg_max(counted_rows, loaded_at) as counted_rows, count(*) as loads
from (
    select
        nullif(trim(t.driver_id, E' \t\r\n'), '') as driver_id, d.trip_date, coalesce(t.created_at, '0001-01-01'::timestamp) as loaded_at,
        sum(t.count_orders_completed) as trips, sum(t.sum_work_time_seconds) as work_seconds, count(*) as counted_rows
    from public.summary_daily as t
    inner join dates as d on d.date_file = t.date_file
    where d.trip_date is not null and t.count_orders_completed >= 0 and trim(t.driver_id, E' \t\r\n') <> ''
    group by 1, 2, 3
) as by_load
group by driver_id, trip_date

-- name: sums_limbo
select count(*), sum(trips_14d)::bigint, sum(expected_amount_14d)::numeric(18, 2), count(person_key), count(driver_id),
    count(*) filter (where limbo_stage = 'TRIPS_NO_CLAIM'), count(*) filter (where limbo_stage = 'NO_TRIPS_14D')
from {relation}

-- name: sums_gap
select count(*), sum(trips_14d)::bigint, sum(expected_amount)::numeric(18, 2), sum(milestone_value)::bigint from {relation}
