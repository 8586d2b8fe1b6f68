-- Watch every source that is a plain table and is not watched yet (migration 0010).
select ops.watch(s.source)
from ops.sources() as s
inner join pg_class as c on c.oid = to_regclass(s.relation)
where c.relkind = 'r' and s.source not in (select w.source from ops.watched_sources() as w)
