-- What `roles --sql` prints: four roles that no one signs in with, and exactly what each needs.

-- name: roles
-- To be run by an administrator (a superuser), once for an empty database and again after whatever changed; repeating it is harmless.
-- cabinet14d_owner  migrates: owns canon, the run log and the raw tables.
-- cabinet14d_runner loads and runs the night: owns what dbt builds, writes rows of the rest, can neither change nor drop a table of it.
-- cabinet14d_reader analysts: reads ops.
-- cabinet14d_web    API and page: reads ops.
do $roles$
declare
    wanted text;
begin
    foreach wanted in array array['cabinet14d_owner', 'cabinet14d_runner', 'cabinet14d_reader', 'cabinet14d_web'] loop
        if to_regrole(wanted) is null then
            execute format('create role %I nologin', wanted);
        end if;
    end loop;
    execute format('grant connect, create, temporary on database %I to cabinet14d_owner', current_database());
    execute format('grant connect, temporary on database %I to cabinet14d_runner', current_database());
    execute format('grant connect on database %I to cabinet14d_reader, cabinet14d_web', current_database());
end
$roles$;

-- migrate lets the web read ops, and may replace what the runner built; a page served by the runner steps down to the web's role.
grant cabinet14d_web to cabinet14d_owner, cabinet14d_runner;
grant cabinet14d_runner to cabinet14d_owner;

create extension if not exists fuzzystrmatch;
grant usage, create on schema public to cabinet14d_owner;
grant usage on schema public to cabinet14d_runner;

create schema if not exists canon;
create schema if not exists ops;
create schema if not exists ops_staging;
create schema if not exists ops_intermediate;
alter schema canon owner to cabinet14d_owner;
alter schema ops owner to cabinet14d_owner;
alter schema ops_staging owner to cabinet14d_runner;
alter schema ops_intermediate owner to cabinet14d_runner;
grant usage on schema canon to cabinet14d_runner;
grant usage, create on schema ops to cabinet14d_runner;
grant usage on schema ops to cabinet14d_reader, cabinet14d_web;

-- What is there already gets its owner: what dbt built (each has our mark in its comment) the runner, the rest the owner.
do $ownership$
declare
    found record;
begin
    for found in
        select
            c.oid::regclass as relation,
            case when n.nspname in ('ops_staging', 'ops_intermediate')
                or coalesce(obj_description(c.oid, 'pg_class'), '') ~ '\[[0-9a-f]{12}\]$'
                then 'cabinet14d_runner' else 'cabinet14d_owner'
            end as wanted
        from pg_class as c
        inner join pg_namespace as n on n.oid = c.relnamespace
        where c.relkind in ('r', 'v', 'm', 'S') and (
            n.nspname in ('canon', 'ops', 'ops_staging', 'ops_intermediate')
            or c.oid in (
                to_regclass('public.module_ct_cabinet_leads'), to_regclass('public.summary_daily'),
                to_regclass('public.drivers'), to_regclass('public.module_ct_cabinet_payments')
            )
        )
        and not exists (select from pg_depend as d where d.objid = c.oid and d.deptype in ('a', 'i') and c.relkind = 'S')
    loop
        execute format('alter table %s owner to %I', found.relation, found.wanted);
    end loop;
    for found in
        select p.oid::regprocedure as routine
        from pg_proc as p
        where p.pronamespace in ('canon'::regnamespace, 'ops'::regnamespace)
    loop
        execute format('alter function %s owner to cabinet14d_owner', found.routine);
    end loop;
    for found in
        select t.oid::regtype as type_name
        from pg_type as t
        where t.typnamespace in ('canon'::regnamespace, 'ops'::regnamespace) and t.typtype = 'e'
    loop
        execute format('alter type %s owner to cabinet14d_owner', found.type_name);
    end loop;
end
$ownership$;

-- The runner writes rows: of the run log and the watch all, of canon without ever emptying a table, of the raw tables what `load` does.
grant select, insert, update, delete on all tables in schema ops to cabinet14d_runner;
grant usage, select on all sequences in schema ops to cabinet14d_runner;
grant select, insert, update, delete on all tables in schema canon to cabinet14d_runner;
grant usage, select on all sequences in schema canon to cabinet14d_runner;
alter default privileges for role cabinet14d_owner in schema ops
grant select, insert, update, delete on tables to cabinet14d_runner;
alter default privileges for role cabinet14d_owner in schema ops grant usage, select on sequences to cabinet14d_runner;
alter default privileges for role cabinet14d_owner in schema canon
grant select, insert, update, delete on tables to cabinet14d_runner;
alter default privileges for role cabinet14d_owner in schema canon grant usage, select on sequences to cabinet14d_runner;
do $raw$
declare
    found text;
begin
    foreach found in array array[
        'public.module_ct_cabinet_leads', 'public.summary_daily', 'public.drivers', 'public.module_ct_cabinet_payments'
    ] loop
        if to_regclass(found) is not null then
            execute format('grant select, insert, update on %s to cabinet14d_runner', found);
        end if;
    end loop;
    for found in
        select s.oid::regclass::text
        from pg_class as s
        inner join pg_depend as d on d.objid = s.oid and d.deptype in ('a', 'i')
        where s.relkind = 'S' and s.relnamespace = 'public'::regnamespace
            and d.refobjid in (to_regclass('public.module_ct_cabinet_leads'), to_regclass('public.drivers'))
    loop
        execute format('grant usage, select on sequence %s to cabinet14d_runner', found);
    end loop;
end
$raw$;
-- Tables that a first `migrate` is still to make.
alter default privileges for role cabinet14d_owner in schema public
grant select, insert, update on tables to cabinet14d_runner;
alter default privileges for role cabinet14d_owner in schema public grant usage, select on sequences to cabinet14d_runner;

-- Readers: all of ops, now and later, whoever makes it.
grant select on all tables in schema ops to cabinet14d_reader, cabinet14d_web;
alter default privileges for role cabinet14d_owner in schema ops grant select on tables to cabinet14d_reader, cabinet14d_web;
alter default privileges for role cabinet14d_runner in schema ops grant select on tables to cabinet14d_reader, cabinet14d_web;

-- name: login
-- Give it its password with \password %(login)s, so that no file or log ever holds it.
do $login$
begin
    if to_regrole('%(login)s') is null then
        create role %(login)s login;
    end if;
end
$login$;
grant %(role)s to %(login)s;
