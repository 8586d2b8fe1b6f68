-- What the run log says of the night of a day: so that a scheduler may ask each hour, and it is run once.

-- name: nights_of
-- 0, 1 and 3 ended: running again would find the same. 4 could not run, and a dead process says nothing.
select
    count(*) filter (where runs.status <> 'RUNNING' and runs.exit_code in (0, 1, 3)) > 0 as is_done,
    count(*) filter (where runs.exit_code = 4 or runs.status = 'ABANDONED') as failed,
    exists (
        select 1
        from pg_locks as locks
        where locks.locktype = 'advisory' and locks.classid = 14000 and locks.objid = 1 and locks.granted
            and locks.database = (select d.oid from pg_database as d where d.datname = current_database())
    ) as is_at_work
from ops.runs as runs
where runs.command = 'nightly' and runs.as_of_date = %(day)s
