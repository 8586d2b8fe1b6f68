-- What a backup holds and how a restore is judged.

-- name: rebuilt
-- Relations that are left out since `build` makes them anew: whatever dbt made (our mark ends its comment) but the state tables,
-- everything else in its schemas, and the views of others. Views of the migrations are kept: they read only what is kept.
select format('%%I.%%I', n.nspname, c.relname)
from pg_class as c
inner join pg_namespace as n on n.oid = c.relnamespace
where n.nspname in ('canon', 'ops', 'ops_intermediate') and c.relkind in ('r', 'v', 'm', 'f', 'p')
    and not exists (
        select from ops.versioned_relations as v where v.schema_name = n.nspname and v.relation_name = c.relname
    )
    and (
        n.nspname = 'ops_intermediate'
        or coalesce(obj_description(c.oid, 'pg_class'), '') ~ '\[[0-9a-f]{12}\]$'
        or (c.relkind in ('v', 'm', 'f') and not format('%%s.%%s', n.nspname, c.relname) = any(%(ours)s))
    )
order by 1

-- name: kept
-- Tables of a backup: all of canon and ops that are tables, the state tables, and the raw tables.
select format('%%I.%%I', n.nspname, c.relname)
from pg_class as c
inner join pg_namespace as n on n.oid = c.relnamespace
where c.relkind in ('r', 'p') and not format('%%s.%%s', n.nspname, c.relname) = any(%(of_this_server)s) and (
    n.nspname in ('canon', 'ops')
    or exists (select from ops.versioned_relations as v where v.schema_name = n.nspname and v.relation_name = c.relname)
    or (%(raw)s and format('%%s.%%s', n.nspname, c.relname) = any(%(raw_tables)s))
)
order by 1

-- name: loaded_by_us
select count(*) > 0 from ops.loaded_files

-- name: revision
select version_num from ops.cabinet14d_alembic_version

-- name: occupied
-- What is in the way of a restore.
select found.what
from (
    select 1 as rank, 'schema ' || n.nspname as what
    from pg_namespace as n
    where n.nspname in ('canon', 'ops', 'ops_intermediate', 'ops_staging')
    union all
    select 2, t.name from unnest(%(raw_tables)s) as t (name) where to_regclass(t.name) is not null
) as found
order by found.rank, found.what

-- name: forget_standing
-- The views and tables that it tells of are gone: the next build must look at each.
delete from ops.standing_project
