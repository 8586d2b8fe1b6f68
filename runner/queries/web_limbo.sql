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
from ops.v_cabinet_limbo_daily as l
where {chosen}

-- name: place
-- The day on which a page begins, and how many rows of that day come before it: a deep page costs what the first one costs.
select days.week_start as after_week_start, days.lead_date as after_lead_date, (%(offset)s - days.leads_before)::bigint as offset
from (
    select
        l.week_start,
        l.lead_date,
        sum(l.leads) as leads,
        sum(sum(l.leads)) over (order by l.lead_date desc) - sum(l.leads) as leads_before
    from ops.v_cabinet_limbo_daily as l
    where {staged} and {chosen}
    group by l.week_start, l.lead_date
) as days
where %(offset)s >= days.leads_before and %(offset)s < days.leads_before + days.leads

-- name: staged
(%(limbo_stage)s::text is null or l.limbo_stage = %(limbo_stage)s::text)

-- name: rows
select {columns}
from ops.v_cabinet_leads_limbo as l
where {staged} and {chosen}
{after}
order by {order}
limit %(limit)s offset %(offset)s

-- name: from_day
and (l.week_start, l.lead_date) <= (%(after_week_start)s::date, %(after_lead_date)s::date)

-- name: after
-- Past the cursor: one range of the index, then what is left of its first day.
{from_day}
and (l.lead_date < %(after_lead_date)s::date or l.lead_id > %(after_lead_id)s::bigint)
