-- A large world, made in the server: {leads} leads over two years, nine in ten with a person, most of them with a driver, most of whom drive.
-- Everything follows from the number of the lead, so every run makes the same. Nobody shares a name or a key, so that matching has little to do.

insert into public.drivers (id, driver_id, park_id, first_name, last_name, full_name, phone, hire_date, car_number)
select
    n, md5('driver ' || n), '14d0cab14d0cab14d0cab14d0cab14d0', {first}, {last}, {first} || ' ' || {last},
    {phone}, date '2024-01-01', {plate}
from generate_series(1, {leads}) as n
where n % 10 <> 0 and n % 20 <> 3;

insert into public.module_ct_cabinet_leads (id, external_id, lead_created_at, first_name, last_name, park_phone, asset_plate_number)
select
    n, md5('lead ' || n), timestamp '2024-01-15 08:00' + (n * 715 / {leads}) * interval '1 day' + (n % 600) * interval '1 minute',
    {first}, {last},
    case when n % 10 <> 0 then {phone} end,
    case when n % 10 <> 0 then {plate} end
from generate_series(1, {leads}) as n;

insert into canon.identity_registry (person_key, confidence_level)
select cast(md5('person ' || n) as uuid), 'HIGH' from generate_series(1, {leads}) as n where n % 10 <> 0;

insert into canon.identity_links
    (person_key, source_table, source_pk, snapshot_date, match_rule, match_score, confidence_level)
select
    cast(md5('person ' || n) as uuid), kinds.source_table, md5(kinds.word || n), timestamptz '2026-01-01', 'R1_PHONE_EXACT', 95, 'HIGH'
from generate_series(1, {leads}) as n
inner join (values ('module_ct_cabinet_leads', 'lead '), ('drivers', 'driver ')) as kinds (source_table, word)
    on kinds.word = 'lead ' or n % 20 <> 3
where n % 10 <> 0;

-- Four in five drivers drive, some a little and some every day.
insert into public.summary_daily (driver_id, date_file, count_orders_completed, created_at)
select
    md5('driver ' || n), to_char(date '2024-01-15' + n * 715 / {leads} + d, 'DD-MM-YYYY'), 1 + (n + d) % 4, timestamp '2026-01-13 03:00'
from generate_series(1, {leads}) as n
inner join generate_series(0, 12, 2) as d on d <= n % 14
where n % 10 <> 0 and n % 20 <> 3 and n % 5 <> 0;
