-- The run log, as `runs` and `runs show` read it.

-- name: runs
select
    r.run_id, r.command, r.as_of_date, r.status, r.exit_code, r.started_at,
    round(cast(extract(epoch from coalesce(r.finished_at, clock_timestamp()) - r.started_at) as numeric), 1) as seconds,
    r.is_live, r.published_at is not null as is_published, r.error, r.counters, r.arguments, r.version, r.started_by, r.host
from ops.runs as r
where
    (cast(%(command)s as text) is null or r.command = %(command)s)
    and (cast(%(run_id)s as bigint) is null or r.run_id = %(run_id)s)
order by r.run_id desc
limit %(limit)s

-- name: steps
select
    s.step_no, s.name, s.status, s.started_at,
    round(cast(extract(epoch from coalesce(s.finished_at, clock_timestamp()) - s.started_at) as numeric), 3) as seconds,
    s.counters, s.error
from ops.run_steps as s
where s.run_id = %(run_id)s
order by s.step_no

-- name: nodes
-- What failed first, then the slowest.
select n.step, n.node, n.resource_type, n.status, n.seconds, n.rows_affected, n.failures
from ops.run_nodes as n
where n.run_id = %(run_id)s
order by n.status in ('success', 'pass'), n.seconds desc, n.step, n.node

-- name: live
select run_id, as_of_date from ops.runs where is_live
