-- Statements of runner/load.py. Words in braces are put in by psycopg2.sql from the fixed lists of runner/load_kinds.py.

-- name: take_lock
select pg_advisory_xact_lock(14000, %(lock)s)

-- name: clear
-- A dry run loads several files in one transaction, so the last one's tables may still be there.
drop table if exists pg_temp.load_rows, pg_temp.load_rejected, pg_temp.load_typed, pg_temp.load_stored, pg_temp.load_plan

-- name: functions
-- What a cell may hold. PostgreSQL 15 has no pg_input_is_valid, and a cast that fails would end the whole load.
create or replace function pg_temp.cell(value text) returns text
language sql immutable as $$
    select nullif(btrim(value, E' \t\r\n'), '')
$$;
-- One day in either form of the trips source is one day (D-17, D-18): both become YYYY-MM-DD here, anything else stays as it is.
create or replace function pg_temp.day(value text) returns text
language sql immutable as $$
    select case
        when pg_temp.cell(value) ~ '^[0-9]{2}-[0-9]{2}-[0-9]{4}$'
            then regexp_replace(pg_temp.cell(value), '^(..)-(..)-(....)$', '\3-\2-\1')
        else pg_temp.cell(value)
    end
$$;
create or replace function pg_temp.driver_day(driver_id text, date_file text) returns text
language sql immutable as $$
    select cast(row(pg_temp.cell(driver_id), pg_temp.day(date_file)) as text)
$$;
create or replace function pg_temp.is_integer(value text) returns boolean
language sql immutable as $$
    select case
        when value ~ '^[+-]?[0-9]{1,10}$' then cast(value as bigint) between -2147483648 and 2147483647
        else value is null
    end
$$;
create or replace function pg_temp.is_bigint(value text) returns boolean
language sql immutable as $$
    select value is null or value ~ '^[+-]?[0-9]{1,18}$'
$$;
create or replace function pg_temp.is_number(value text) returns boolean
language sql immutable as $$
    select value is null or value ~ '^[+-]?[0-9]{1,15}([.][0-9]{1,9})?$'
$$;
create or replace function pg_temp.is_date(value text) returns boolean
language sql immutable as $$
    select case
        when value ~ '^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$' and value !~ '^0000' then
            extract(
                day from make_date(cast(left(value, 4) as integer), cast(substr(value, 6, 2) as integer), 1)
                + interval '1 month' - interval '1 day'
            ) >= cast(right(value, 2) as integer)
        else value is null
    end
$$;
create or replace function pg_temp.is_timestamp(value text) returns boolean
language sql immutable as $$
    select case
        when value ~ '^.{10}([ T]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,9})?)?$' then
            pg_temp.is_date(left(value, 10))
        else value is null
    end
$$;
create or replace function pg_temp.is_time(value text) returns boolean
language sql immutable as $$
    select value is null or value ~ '^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]{1,9})?)?$'
$$;
create or replace function pg_temp.is_uuid(value text) returns boolean
language sql immutable as $$
    select value is null or value ~ '^[0-9a-fA-F]{8}(-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}$'
$$;
create or replace function pg_temp.to_boolean(value text) returns boolean
language sql immutable as $$
    select case
        when lower(value) in ('true', 't', 'yes', 'y', 'si', 'sí', 'sÍ', 's', 'verdadero', '1') then true
        when lower(value) in ('false', 'f', 'no', 'n', 'falso', '0') then false
    end
$$;
create or replace function pg_temp.is_boolean(value text) returns boolean
language sql immutable as $$
    select value is null or pg_temp.to_boolean(value) is not null
$$

-- name: table_columns
select attname from pg_attribute
where attrelid = cast(%(table)s as regclass) and attnum > 0 and not attisdropped

-- name: is_known_file
-- A table that was emptied since (a restored database) no longer holds what the file brought.
select
    exists (select 1 from ops.loaded_files where source = %(source)s and sha256 = %(sha256)s) as seen,
    exists (select 1 from {table}) as filled

-- name: load_time
-- The clock after the lock was got, not the transaction's start: who loads later must be later (D-17). The session's zone is the business
-- zone, as the feed's times are (F47).
select cast(clock_timestamp() as timestamp)

-- name: create_rows
create temporary table load_rows (
    row_number bigint not null,
    problem text,
    problem_column text,
    problem_value text,
    {cells}
) on commit drop;
create temporary table load_rejected (
    row_number bigint not null,
    column_name text,
    value text,
    reason text not null
) on commit drop;
create temporary table load_typed on commit drop as
select cast(0 as bigint) as row_number, {columns} from {table} with no data

-- name: copy_rows
copy load_rows (row_number, problem, problem_column, problem_value, {names}) from stdin
with (format text, null '', encoding 'UTF8')

-- name: reject_problems
analyze load_rows;
insert into load_rejected (row_number, column_name, value, reason)
select row_number, problem_column, problem_value, problem from load_rows where problem is not null

-- name: reject_cells
-- One reject per row: its first bad cell, in the order of the kind's columns.
insert into load_rejected (row_number, column_name, value, reason)
select
    r.row_number,
    split_part(found.bad, ' ', 1),
    to_jsonb(r) ->> split_part(found.bad, ' ', 1),
    split_part(found.bad, ' ', 2)
from load_rows as r
cross join lateral (select case {checks} end as bad) as found
where r.problem is null and found.bad is not null

-- name: type_rows
insert into load_typed (row_number, {columns})
select r.row_number, {values}
from load_rows as r
where not exists (select 1 from load_rejected as x where x.row_number = r.row_number);
analyze load_typed

-- name: reject_repeated
-- The first good row of a key is taken.
insert into load_rejected (row_number, column_name, value, reason)
select s.row_number, %(key)s, cast(s.{key} as text), 'REPEATED_IN_FILE'
from (
    select row_number, {key}, row_number() over (partition by {key} order by row_number) as occurrence
    from load_typed where {key} is not null
) as s
where s.occurrence > 1

-- name: leads_reject_differing
-- Without a unique index a lead may be stored twice: the lowest id is the lead (D-19).
insert into load_rejected (row_number, column_name, value, reason)
with stored as (
    select distinct on (t.external_id) t.*
    from {table} as t
    where t.external_id in (select s.external_id from load_typed as s)
    order by t.external_id, t.id
)
select r.row_number, found.column_name, to_jsonb(r) ->> found.column_name, 'KNOWN_LEAD_DIFFERS'
from load_typed as s
inner join stored as t on t.external_id = s.external_id
inner join load_rows as r on r.row_number = s.row_number
cross join lateral (select case {differences} end as column_name) as found
where found.column_name is not null

-- name: forget_rejected
delete from load_typed as s using load_rejected as x where x.row_number = s.row_number

-- name: leads_plan
-- A known lead takes the file's values where the file has one: a blank clears nothing. A lead without external_id has no key: as many
-- as are stored with the same values are unchanged, further ones are new.
create temporary table load_plan on commit drop as
with told as (
    select
        s.*,
        {told} as content,
        row_number() over (partition by s.external_id, {told} order by s.row_number) as occurrence
    from load_typed as s
),
stored as (
    select {stored} as content, count(*) as times
    from {table} as t
    where
        (t.external_id is null or btrim(t.external_id, E' \t\r\n') = '')
        and exists (select 1 from told where told.external_id is null)
    group by 1
),
known as (
    select distinct on (t.external_id) t.*
    from {table} as t
    where t.external_id in (select s.external_id from load_typed as s)
    order by t.external_id, t.id
)
select
    told.row_number,
    case
        when known.external_id is not null and ({differs}) then 'changed'
        when known.external_id is not null then 'unchanged'
        when told.external_id is null and told.occurrence <= stored.times then 'unchanged'
        else 'new'
    end as outcome
from told
left join known on known.external_id = told.external_id
left join stored on told.external_id is null and stored.content = told.content

-- name: trips_stored
-- The rows that are stored for the file's driver-days, in either form of the day. Null is a value here: `row(...)` as text compares it as one.
create temporary table load_stored on commit drop as
with wanted as (
    select s.driver_id, s.date_file from load_typed as s
    union
    select pg_temp.cell(s.driver_id), pg_temp.day(s.date_file) from load_typed as s
    union
    select pg_temp.cell(s.driver_id), regexp_replace(pg_temp.day(s.date_file), '^(....)-(..)-(..)$', '\3-\2-\1')
    from load_typed as s
),
found as (
    select t.* from {table} as t
    where (t.driver_id, t.date_file) in (select w.driver_id, w.date_file from wanted as w)
    union all
    select t.* from {table} as t
    where
        (t.driver_id is null or t.date_file is null)
        and exists (select 1 from load_typed as s where s.driver_id is null or s.date_file is null)
)
select
    pg_temp.driver_day(t.driver_id, t.date_file) as driver_day,
    {stored} as content,
    t.created_at,
    rank() over (
        partition by pg_temp.driver_day(t.driver_id, t.date_file) order by t.created_at desc nulls last
    ) = 1 as is_latest
from found as t;
analyze load_stored

-- name: trips_plan_by_load
-- All rows of the file are one load: a driver-day is unchanged when its latest load holds the same rows, as often.
create temporary table load_plan on commit drop as
with stored as (
    select
        driver_day,
        max(created_at) as loaded_at,
        string_agg(content, ',' order by content collate "C") filter (where is_latest) as content
    from load_stored
    group by driver_day
),
told as (
    select pg_temp.driver_day(s.driver_id, s.date_file) as driver_day, {told} as content, s.row_number
    from load_typed as s
),
told_days as (
    select driver_day, string_agg(content, ',' order by content collate "C") as content
    from told where driver_day in (select stored.driver_day from stored)
    group by driver_day
)
select
    told.row_number,
    case
        when stored.driver_day is null then 'new'
        when stored.content = told_days.content then 'unchanged'
        else 'changed'
    end as outcome,
    -- Later than what it replaces, even where a clock was wrong (D-17).
    greatest(cast(%(loaded_at)s as timestamp), stored.loaded_at + interval '1 microsecond') as created_at
from told
left join stored on stored.driver_day = told.driver_day
left join told_days on told_days.driver_day = told.driver_day

-- name: trips_plan_by_row
-- Each row says its load: as many as are stored just so are unchanged.
create temporary table load_plan on commit drop as
with stored as (
    select driver_day, content, created_at, count(*) as times from load_stored group by 1, 2, 3
),
stored_days as (
    select distinct driver_day from load_stored
),
told as (
    select
        pg_temp.driver_day(s.driver_id, s.date_file) as driver_day,
        {told} as content,
        s.created_at,
        s.row_number,
        row_number() over (
            partition by pg_temp.driver_day(s.driver_id, s.date_file), {told}, s.created_at order by s.row_number
        ) as occurrence
    from load_typed as s
)
select
    told.row_number,
    case
        when stored_days.driver_day is null then 'new'
        when told.occurrence <= stored.times then 'unchanged'
        else 'changed'
    end as outcome,
    told.created_at
from told
left join stored_days on stored_days.driver_day = told.driver_day
left join stored
    on stored.driver_day = told.driver_day
    and stored.content = told.content
    and coalesce(stored.created_at, '-infinity') = coalesce(told.created_at, '-infinity')

-- name: trips_insert
-- In the order of the indexes, not of the file: with millions of rows that is what decides how long it takes.
insert into {table} ({columns}, created_at)
select {told_columns}, p.created_at
from load_typed as s
inner join load_plan as p on p.row_number = s.row_number
where p.outcome <> 'unchanged'
order by s.driver_id, s.date_file

-- name: drivers_fill_id
-- A driver keeps the id it has; a new one without id gets the next after the highest, in the order of the file.
with stored as (
    select driver_id, min(id) as id from {table} group by driver_id
),
highest as (
    select coalesce(greatest((select max(t.id) from {table} as t), (select max(s.id) from load_typed as s)), 0) as id
),
filled as (
    select
        s.row_number,
        stored.id as known_id,
        highest.id + row_number() over (partition by stored.id is null order by s.row_number) as next_id
    from load_typed as s
    cross join highest
    left join stored on stored.driver_id = s.driver_id
    where s.id is null
)
update load_typed as s set id = coalesce(filled.known_id, filled.next_id)
from filled where filled.row_number = s.row_number

-- name: upsert_plan
-- Where the table holds a key twice, both rows must be as the file says.
create temporary table load_plan on commit drop as
select
    s.row_number,
    case
        when count(t.{key}) = 0 then 'new'
        when bool_or(case {differences} end is not null) then 'changed'
        else 'unchanged'
    end as outcome
from load_typed as s
left join {table} as t on t.{key} = s.{key}
group by s.row_number

-- name: update_changed
update {table} as t set {assignments}
from load_typed as s
inner join load_plan as p on p.row_number = s.row_number
where p.outcome = 'changed' and t.{key} = s.{key}

-- name: insert_new
insert into {table} ({columns})
select {told_columns}
from load_typed as s
inner join load_plan as p on p.row_number = s.row_number
where p.outcome = 'new'
order by s.row_number

-- name: count_outcomes
select outcome, count(*) from load_plan group by outcome

-- name: count_rejects
select reason, count(*) from load_rejected group by reason order by reason

-- name: reject_examples
select row_number, column_name, left(value, 200), reason from load_rejected order by row_number limit %(examples)s

-- name: keep_rejects
insert into ops.load_rejects
    (run_id, loaded_at, source, file_name, row_number, column_name, value, reason, rule)
select
    %(run_id)s, now(), %(source)s, %(file)s, row_number, column_name, left(value, 200), reason,
    cast(%(rules)s as jsonb) ->> reason
from load_rejected
order by row_number

-- name: keep_file
-- A file that is merged again and changes nothing leaves the row of the load that did.
insert into ops.loaded_files
    (source, file_name, sha256, rows_total, rows_new, rows_changed, rows_unchanged, rows_rejected, run_id, loaded_at)
values
    (%(source)s, %(file)s, %(sha256)s, %(total)s, %(new)s, %(changed)s, %(unchanged)s, %(rejected)s, %(run_id)s, now())
on conflict (source, sha256) do update set
    file_name = excluded.file_name,
    rows_total = excluded.rows_total,
    rows_new = excluded.rows_new,
    rows_changed = excluded.rows_changed,
    rows_unchanged = excluded.rows_unchanged,
    rows_rejected = excluded.rows_rejected,
    run_id = excluded.run_id,
    loaded_at = excluded.loaded_at
where excluded.rows_new + excluded.rows_changed > 0
