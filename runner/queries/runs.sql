-- The run log: opening, stepping, closing, and telling who is at work.

-- name: try_lock
select pg_try_advisory_lock(14000, 1)

-- name: lock_holder
select
    r.run_id,
    r.command,
    to_char(r.started_at, 'YYYY-MM-DD HH24:MI:SS') || ' UTC',
    (
        select l.pid
        from pg_locks as l
        where l.locktype = 'advisory' and l.classid = 14000 and l.objid = 1 and l.granted
            and l.database = (select d.oid from pg_database as d where d.datname = current_database())
        limit 1
    )
from ops.runs as r
where r.status = 'RUNNING' and r.command not like 'load%%' and r.command not like 'alerts%%' and r.command not like 'validate%%'
order by r.run_id desc
limit 1

-- name: running
-- A load may close dead loads; only who holds the run lock may close a builder.
select run_id from ops.runs where status = 'RUNNING' and (%(exclusive)s or not is_building) order by run_id

-- name: try_alive_lock
select pg_try_advisory_lock((14001::bigint << 32) + %(run_id)s)

-- name: release_alive_lock
select pg_advisory_unlock((14001::bigint << 32) + %(run_id)s)

-- name: abandon
with closed as (
    update ops.runs
    set status = 'ABANDONED', is_building = false, finished_at = clock_timestamp(), error = 'its process ended without saying how'
    where run_id = %(run_id)s and status = 'RUNNING'
    returning run_id
)
update ops.run_steps
set status = 'ABANDONED', finished_at = clock_timestamp()
where run_id in (select run_id from closed) and status = 'RUNNING'

-- name: open
insert into ops.runs (command, arguments, as_of_date, version, host)
values (%(command)s, %(arguments)s, %(as_of)s, %(version)s, %(host)s)
returning run_id

-- name: tell_run
-- For the history of claims: which run a change of this session belongs to.
select set_config('cabinet14d.run_id', cast(%(run_id)s as text), false)

-- name: begin_build
select ops.begin_build(%(run_id)s)

-- name: publish
select ops.publish_run(%(run_id)s)

-- name: live_version
select version from ops.runs where published_at is not null and version is not null order by run_id desc limit 1

-- name: is_built
select is_built from ops.runs where run_id = %(run_id)s

-- name: is_published
select published_at is not null from ops.runs where run_id = %(run_id)s

-- name: close
update ops.runs
set
    status = %(status)s,
    exit_code = %(exit_code)s,
    error = %(error)s,
    counters = %(counters)s,
    is_building = false,
    finished_at = clock_timestamp()
where run_id = %(run_id)s and status = 'RUNNING'

-- name: open_step
insert into ops.run_steps (run_id, step_no, name) values (%(run_id)s, %(step_no)s, %(name)s)

-- name: close_step
update ops.run_steps
set status = %(status)s, counters = %(counters)s, error = %(error)s, finished_at = clock_timestamp()
where run_id = %(run_id)s and step_no = %(step_no)s

-- name: keep_nodes
insert into ops.run_nodes (run_id, step, node, resource_type, status, seconds, rows_affected, failures) values %s
on conflict (run_id, step, node) do nothing

-- name: stands
select exists (
    select 1 from ops.standing_project as p
    where p.fingerprint = %(fingerprint)s and p.relations = ops.relations_digest() || ops.seeds_digest()
)

-- name: remember_standing
insert into ops.standing_project (fingerprint, relations)
values (%(fingerprint)s, ops.relations_digest() || ops.seeds_digest())
on conflict (is_only) do update
set fingerprint = excluded.fingerprint, relations = excluded.relations, stood_at = now()

-- name: may_build_part
select ops.may_build_part(%(project)s)

-- name: built_by
update ops.run_marks set project = %(project)s where run_id = %(run_id)s

-- name: own_changes
-- In the transaction of a write-back whose changes the same run builds next: they need not be read again by the night after.
update ops.run_marks
set own_changes = own_changes || pg_current_xact_id()
where run_id = cast(nullif(current_setting('cabinet14d.run_id', true), '') as bigint)

-- name: nothing_changed
select ops.nothing_changed(%(run_id)s, %(project)s)

-- name: stands_built
-- Nothing changed since the live run: what it built is what this run would build.
with built as (
    update ops.runs set is_built = true where run_id = %(run_id)s returning run_id
)
update ops.run_marks set project = %(project)s where run_id in (select run_id from built)

-- name: live_run
select run_id from ops.runs where is_live
