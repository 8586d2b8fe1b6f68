-- The project whose views and state tables stand here: written by a whole build, read by the next one.
create table ops.standing_project (
    is_only boolean primary key default true check (is_only),
    fingerprint text not null,
    relations text not null,
    stood_at timestamptz not null default now()
);

comment on table ops.standing_project is
'One row: the dbt project whose views and state tables stand in this database as its last whole build left them.';
comment on column ops.standing_project.is_only is 'Always true: there is one row.';
comment on column ops.standing_project.fingerprint is 'Hash of the project''s files and variables.';
comment on column ops.standing_project.relations is 'What ops.relations_digest() said after that build.';
comment on column ops.standing_project.stood_at is 'When that build ended.';

-- Changes with any view that somebody makes, replaces or drops, and with any column of a table or of a source, by whatever program: a
-- column that a source gained is read by the next build, and a table whose columns stand in another order must not be filled by place.
create function ops.relations_digest() returns text
language sql stable
set search_path = pg_catalog
as $$
    select md5(string_agg(found.what, ' ' order by found.what))
    from (
        select format('%s %s %s', c.oid, r.oid, r.xmin) as what
        from pg_class as c
        inner join pg_namespace as n on n.oid = c.relnamespace
        inner join pg_rewrite as r on r.ev_class = c.oid
        where n.nspname in ('ops', 'ops_staging', 'ops_intermediate') and c.relkind = 'v'
        union all
        -- By name: a build that looks at everything exchanges tables for new ones. Failures come and go with the nights.
        select format('%s.%s %s %s %s', n.nspname, c.relname, a.attnum, a.attname, format_type(a.atttypid, a.atttypmod))
        from pg_class as c
        inner join pg_namespace as n on n.oid = c.relnamespace
        inner join pg_attribute as a on a.attrelid = c.oid
        where n.nspname in ('public', 'canon', 'ops', 'ops_staging', 'ops_intermediate') and c.relkind in ('r', 'p', 'v', 'm', 'f')
            and a.attnum > 0 and not a.attisdropped and c.relname not like 'failures\_\_%'
    ) as found
$$;
