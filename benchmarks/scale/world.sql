-- A fleet's history, made in the server, set by set: {leads} leads over {weeks} weeks before {as_of}, some 60 driver-days for each driver who
-- drives, and dirty rows in proportion. Everything follows from the number of the lead, so every run makes the same rows.

-- name: indexes
-- What the source's migration indexes, as it does: taken away while rows come in, made again afterwards.
select indexrelid::regclass::text, pg_get_indexdef(indexrelid)
from pg_index
where indrelid in (
    'public.summary_daily'::regclass, 'public.module_ct_cabinet_leads'::regclass, 'public.drivers'::regclass,
    'canon.identity_links'::regclass
) and not indisprimary and not exists (select 1 from pg_constraint where conindid = indexrelid)

-- name: drivers
-- 85 of 100 leads have a driver in the master, each of them another person.
insert into public.drivers (
    id, driver_id, park_id, first_name, last_name, full_name, phone, hire_date, car_number, license_number, created_at
)
select
    n, md5('driver ' || n), '14d0cab14d0cab14d0cab14d0cab14d0', {first}, {last}, {first} || ' ' || {last}, {phone},
    {lead_date} + 2, {plate}, 'Q' || lpad(n::text, 8, '0'), {lead_date} + time '12:00'
from generate_series({from_lead}, {to_lead}) as n
where n % 20 not in (0, 3, 10)

-- name: leads
-- One in a hundred has no date, one in two hundred repeats another's id column as blank, one in ten knows neither phone nor plate.
insert into public.module_ct_cabinet_leads (
    id, external_id, lead_created_at, first_name, last_name, park_phone, asset_plate_number, created_at
)
select
    n,
    case when n % 200 <> 7 then md5('lead ' || n) end,
    case when n % 100 <> 50 then {lead_date} + (n % 600) * interval '1 minute' + interval '8 hours' end,
    {first}, {last},
    case when n % 10 <> 0 then {phone} end,
    case when n % 10 <> 0 then {plate} end,
    {lead_date} + interval '2 days'
from generate_series({from_lead}, {to_lead}) as n

-- name: persons
insert into canon.identity_registry (person_key, confidence_level)
select md5('person ' || n)::uuid, 'HIGH' from generate_series({from_lead}, {to_lead}) as n where n % 10 <> 0

-- name: links
-- Nine in ten are linked as the nights before would have linked them; one in twenty has a person without a driver.
insert into canon.identity_links (person_key, source_table, source_pk, snapshot_date, match_rule, match_score, confidence_level, linked_at)
select
    md5('person ' || n)::uuid, kinds.source_table,
    case when kinds.word = 'driver ' or n % 200 <> 7 then md5(kinds.word || n) else n::text end,
    {lead_date}, 'R1_PHONE_EXACT', 95, 'HIGH', {lead_date} + interval '3 days'
from generate_series({from_lead}, {to_lead}) as n
cross join (values ('module_ct_cabinet_leads', 'lead '), ('drivers', 'driver ')) as kinds (source_table, word)
where n % 10 <> 0 and (kinds.word = 'lead ' or n % 20 <> 3)

-- name: trips
-- Day by day, as a feed loads them. Six drivers in seven drive: five days in six, for 72 days from the lead date. One row in 200 has the ISO form
-- of the date, one in 1,000 came twice (D-17), one in 1,000 can't count (D-18).
insert into public.summary_daily (driver_id, date_file, count_orders_completed, sum_work_time_seconds, created_at)
select
    case when rows_of_day.h <> 4 then md5('driver ' || rows_of_day.n) end,
    case when rows_of_day.h % 200 = 1 then rows_of_day.day::text when rows_of_day.h = 5 then '31-02-2025' else to_char(rows_of_day.day, 'DD-MM-YYYY') end,
    case rows_of_day.h when 6 then null when 7 then -1 else (rows_of_day.n + 7 * rows_of_day.back) % (1 + rows_of_day.n % 8) end,
    3600 * (1 + rows_of_day.n % 9),
    rows_of_day.day + 1 + time '03:00' + rows_of_day.load * interval '1 hour'
from (
    select {from_date} + d as day, back, n, (n * 7919::bigint + back * 104729) % 4000 as h, load
    from generate_series(0, {to_date} - {from_date}) as d
    cross join generate_series(0, 71) as back
    cross join lateral generate_series(
        (({from_date} - {first_date} + d - back) * {leads}::bigint + {weeks} * 7 - 1) / ({weeks} * 7) + 1,
        (({from_date} - {first_date} + d - back + 1) * {leads}::bigint + {weeks} * 7 - 1) / ({weeks} * 7)
    ) as n
    cross join lateral generate_series(0, case when (n * 7919::bigint + back * 104729) % 4000 in (8, 9, 10, 11) then 1 else 0 end) as load
    where {from_date} + d - back >= {first_date} and n between 1 and {to_lead}
        and (n + back) % 6 <> 0 and n % 7 <> 0 and n % 20 not in (0, 3, 10)
) as rows_of_day
order by rows_of_day.day, rows_of_day.n

-- name: correct
-- One driver-day in a hundred of all that are older than the window gets another count, with the load time that it had.
update public.summary_daily
set count_orders_completed = count_orders_completed + 1
where hashtextextended(driver_id || date_file, {seed}) % 100 = 0 and count_orders_completed >= 0
