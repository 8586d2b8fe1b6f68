-- Who holds the lock of migrate (14000, 2) in this database.
select
    activity.pid,
    activity.application_name,
    activity.backend_start
from pg_locks as locks
inner join pg_stat_activity as activity on activity.pid = locks.pid
where
    locks.locktype = 'advisory'
    and locks.granted
    and locks.classid = 14000
    and locks.objid = 2
    and locks.objsubid = 2
    and locks.database = (select oid from pg_database where datname = current_database())
