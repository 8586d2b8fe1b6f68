-- What `doctor` asks of a server. Every statement works on an empty, a migrated and a built database.

-- name: exists
-- Not by to_regclass: it fails where the schema may not be entered.
select exists (
    select from pg_class as c inner join pg_namespace as n on n.oid = c.relnamespace
    where format('%%s.%%s', n.nspname, c.relname) = %(relation)s
)

-- name: server
select
    current_setting('server_version') as version,
    cast(current_setting('server_version_num') as integer) as number,
    current_setting('server_encoding') as encoding,
    current_database() as database,
    current_user as user_name,
    (select rolsuper from pg_roles where rolname = current_user) as is_superuser,
    pg_size_pretty(pg_database_size(current_database())) as size,
    extract(epoch from clock_timestamp()) as clock

-- name: settings
-- What the server gives a session that asks for nothing: ours set some of them for themselves (reset_val is the server's own).
select
    name,
    case when unit in ('8kB', 'kB') then pg_size_pretty(cast(setting as bigint) * case unit when '8kB' then 8192 else 1024 end)
        else setting
    end as shown,
    cast(case when setting ~ '^-?[0-9]+$' then setting end as bigint) * case unit when '8kB' then 8192 when 'kB' then 1024 else 1 end
        as number
from pg_settings
where name in ('shared_buffers', 'work_mem', 'max_connections', 'fsync', 'full_page_writes')
union all
select name, reset_val, null from pg_settings where name in ('jit', 'TimeZone')
order by name

-- name: connections
select
    count(*) filter (where backend_type = 'client backend') as taken,
    cast(current_setting('max_connections') as integer) - cast(current_setting('superuser_reserved_connections') as integer) as all_of_them
from pg_stat_activity

-- name: extensions
select
    wanted.name,
    exists (select from pg_extension where extname = wanted.name) as is_installed,
    exists (select from pg_available_extensions where name = wanted.name) as is_available
from (values ('fuzzystrmatch')) as wanted (name)

-- name: lacking_rights
-- Rights that a night needs and this user lacks; what does not exist is not missed here.
select wanted.relation || ' (' || wanted.privilege || ')'
from (
    values
    ('public.module_ct_cabinet_leads', 'select'), ('public.summary_daily', 'select'), ('public.drivers', 'select'),
    ('public.module_ct_cabinet_payments', 'select'),
    ('canon.identity_registry', 'insert'), ('canon.identity_links', 'insert'), ('canon.identity_links', 'update'),
    ('canon.identity_unmatched', 'insert'), ('canon.claims_yango_cabinet_14d', 'insert'),
    ('canon.claims_yango_cabinet_14d', 'update'), ('canon.claim_events', 'insert'), ('canon.claim_settlements', 'insert'),
    ('ops.runs', 'insert'), ('ops.runs', 'update'), ('ops.run_steps', 'insert')
) as wanted (relation, privilege)
inner join pg_namespace as n on n.nspname = split_part(wanted.relation, '.', 1)
inner join pg_class as c on c.relnamespace = n.oid and c.relname = split_part(wanted.relation, '.', 2)
where not (has_schema_privilege(n.oid, 'usage') and has_table_privilege(c.oid, wanted.privilege))
union all
select format('schema %s (create)', wanted.name)
from (values ('ops'), ('ops_staging'), ('ops_intermediate')) as wanted (name)
where
    not case
        when to_regnamespace(wanted.name) is null then has_database_privilege(current_database(), 'create')
        else has_schema_privilege(to_regnamespace(wanted.name), 'create')
    end
union all
select format('%s.%s (ownership)', n.nspname, c.relname)
from pg_class as c
inner join pg_namespace as n on n.oid = c.relnamespace
where n.nspname in ('ops_staging', 'ops_intermediate') and c.relkind in ('r', 'v') and not pg_has_role(c.relowner, 'usage')
order by 1

-- name: web
-- The role of API and page: whether it is there, and what of ops it can't read.
select
    to_regrole('cabinet14d_web') is not null as is_there,
    case when to_regrole('cabinet14d_web') is not null and to_regnamespace('ops') is not null then
        has_schema_privilege('cabinet14d_web', 'ops', 'usage')
    end as may_enter,
    (
        select count(*)
        from pg_class as c
        where c.relnamespace = to_regnamespace('ops') and c.relkind in ('r', 'v')
            and not has_table_privilege(to_regrole('cabinet14d_web'), c.oid, 'select')
    ) as unreadable

-- name: revision
select version_num from ops.cabinet14d_alembic_version

-- name: adoption
select count(*), count(distinct rule) from ops.adoption_findings where still_open

-- name: columns
-- Every relation of ours with its columns and their types, as PostgreSQL prints them.
select n.nspname, c.relname, a.attname, format_type(a.atttypid, a.atttypmod)
from pg_class as c
inner join pg_namespace as n on n.oid = c.relnamespace
left join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
where n.nspname in ('ops', 'ops_staging', 'ops_intermediate') and c.relkind in ('r', 'v')

-- name: last_night
select as_of_date, status, exit_code, error, cast(extract(epoch from now() - started_at) as bigint) as age
from ops.runs
where command = 'nightly'
order by run_id desc
limit 1

-- name: live
select run_id, as_of_date, published_at from ops.runs where is_live

-- name: dead
-- Runs that nobody closed: their process is gone when nobody holds the run's own lock.
select array_agg(r.run_id order by r.run_id)
from ops.runs as r
where r.status = 'RUNNING' and not exists (
    select from pg_locks as l
    where l.locktype = 'advisory' and l.classid = 14001 and l.objid = r.run_id and l.granted
        and l.database = (select d.oid from pg_database as d where d.datname = current_database())
)

-- name: stood
select max(stood_at) from ops.standing_project
