-- Leads in limbo as the API and the page list them. Every condition is optional; a null parameter asks for all.

-- name: chosen
(%(week_start)s::date is null or l.week_start = %(week_start)s::date)
and (%(lead_date_from)s::date is null or l.lead_date >= %(lead_date_from)s::date)
and (%(lead_date_to)s::date is null or l.lead_date <= %(lead_date_to)s::date)

-- name: cards
select
    coalesce(sum(l.leads), 0)::bigint as total_leads,
    coalesce(sum(l.leads) filter (where l.limbo_stage = 'NO_IDENTITY'), 0)::bigint as limbo_no_identity,
    coalesce(sum(l.leads) filter (where l.limbo_stage = 'NO_DRIVER'), 0)::bigint as limbo_no_driver,
    coalesce(sum(l.leads) filter (where l.limbo_stage = 'NO_TRIPS_14D'), 0)::bigint as limbo_no_trips_14d,
    coalesce(sum(l.leads) filter (where l.limbo_stage = 'TRIPS_NO_CLAIM'), 0)::bigint as limbo_trips_no_claim,
    coalesce(sum(l.leads) filter (where l.limbo_stage = 'OK'), 0)::bigint as limbo_ok,
    coalesce(sum(l.leads) filter (where %(limbo_stage)s::text is null or l.limbo_stage = %(limbo_stage)s::text), 0)::bigint as total
from (
    select week_start, lead_date, limbo_stage, count(*) as leads from ops.v_cabinet_leads_limbo group by 1, 2, 3
) as l
where {chosen}

-- name: rows
select l.*
from ops.v_cabinet_leads_limbo as l
where (%(limbo_stage)s::text is null or l.limbo_stage = %(limbo_stage)s::text) and {chosen}
{after}
order by {order}
limit %(limit)s offset %(offset)s

-- name: after
-- Past the cursor: one range of the index, then what is left of its last day.
and (l.week_start, l.lead_date) <= (%(after_week)s::date, %(after_day)s::date)
and (l.lead_date < %(after_day)s::date or l.lead_id > %(after_id)s::bigint)
