-- Drivers and their money, as the API and the page list them. Every condition is optional; a null parameter asks for all.

-- name: chosen
(not %(only_with_debt)s or f.amount_due_yango > 0)
and (%(min_debt)s::numeric is null or f.amount_due_yango >= %(min_debt)s::numeric)
and (cast(%(scout_id)s as integer) is null or f.scout_id = cast(%(scout_id)s as integer))
and (%(week_start)s::date is null or f.week_start = %(week_start)s::date)
and (
    %(reached_milestone)s::text is null
    or (%(reached_milestone)s::text = 'm1' and f.reached_m1_14d and not f.reached_m5_14d)
    or (%(reached_milestone)s::text = 'm5' and f.reached_m5_14d and not f.reached_m25_14d)
    or (%(reached_milestone)s::text = 'm25' and f.reached_m25_14d)
)

-- name: columns
f.driver_id, f.lead_date, f.driver_name, f.iso_week, f.week_start, f.connected_flag, f.connected_date, f.total_trips_14d,
f.reached_m1_14d, f.reached_m5_14d, f.reached_m25_14d,
f.expected_amount_m1, f.expected_amount_m5, f.expected_amount_m25, f.expected_total_yango,
f.claim_m1_exists, f.claim_m1_paid, f.claim_m5_exists, f.claim_m5_paid, f.claim_m25_exists, f.claim_m25_paid,
f.paid_amount_m1, f.paid_amount_m5, f.paid_amount_m25, f.total_paid_yango, f.amount_due_yango,
f.claimed_due_amount, f.missing_amount, f.closed_amount, f.unexpected_paid_amount, f.leads,
f.scout_id, cast(null as text) as scout_name, cast(null as text) as scout_quality_bucket, f.scout_id is not null as is_scout_resolved,
cast(null as text) as scout_source_table, cast(null as date) as scout_attribution_date, cast(null as integer) as scout_priority,
f.person_key

-- name: summary
select
    count(*) as total_drivers,
    count(*) filter (where f.expected_total_yango > 0) as drivers_with_expected,
    count(*) filter (where f.amount_due_yango > 0) as drivers_with_debt,
    coalesce(sum(f.expected_total_yango), 0)::numeric(18, 2) as total_expected_yango,
    coalesce(sum(f.total_paid_yango), 0)::numeric(18, 2) as total_paid_yango,
    coalesce(sum(f.amount_due_yango), 0)::numeric(18, 2) as total_debt_yango,
    coalesce(round(100 * sum(f.total_paid_yango) / nullif(sum(f.expected_total_yango), 0), 2), 0)::double precision as collection_percentage,
    count(*) filter (where f.reached_m1_14d) as drivers_m1,
    count(*) filter (where f.reached_m5_14d) as drivers_m5,
    count(*) filter (where f.reached_m25_14d) as drivers_m25,
    count(f.scout_id) as drivers_with_scout,
    count(*) - count(f.scout_id) as drivers_without_scout,
    coalesce(round(100.0 * count(f.scout_id) / nullif(count(*), 0), 2), 0)::double precision as pct_with_scout
from ops.v_cabinet_financial_14d as f
where {chosen}

-- name: rows
select {columns}
from ops.v_cabinet_financial_14d as f
where {chosen}
{after}
order by {order}
limit %(limit)s offset %(offset)s

-- name: after
and (f.week_start, f.lead_date) <= (%(after_week_start)s::date, %(after_lead_date)s::date)
and (f.lead_date < %(after_lead_date)s::date or f.driver_id > %(after_driver_id)s::text)

-- name: weeks
select
    f.week_start,
    count(*) as total_rows,
    coalesce(sum(f.amount_due_yango), 0)::numeric(18, 2) as debt_sum,
    count(f.scout_id) as with_scout,
    coalesce(round(100.0 * count(f.scout_id) / nullif(count(*), 0), 2), 0)::double precision as pct_with_scout,
    count(*) filter (where f.reached_m1_14d) as reached_m1,
    count(*) filter (where f.reached_m5_14d) as reached_m5,
    count(*) filter (where f.reached_m25_14d) as reached_m25,
    coalesce(sum(f.total_paid_yango), 0)::numeric(18, 2) as paid_sum,
    coalesce(sum(f.amount_due_yango) filter (where f.amount_due_yango > 0), 0)::numeric(18, 2) as unpaid_sum
from ops.v_cabinet_financial_14d as f
where {chosen}
    and (%(week_start_from)s::date is null or f.week_start >= %(week_start_from)s::date)
    and (%(week_start_to)s::date is null or f.week_start <= %(week_start_to)s::date)
    and %(scout_quality_bucket)s::text is null -- scouts are not rated here: nobody has one
group by f.week_start
order by f.week_start desc
limit %(limit_weeks)s

-- name: funnel
with counted as (
    select
        coalesce(sum(l.leads), 0)::bigint as total_leads,
        coalesce(sum(l.leads) filter (where l.limbo_stage <> 'NO_IDENTITY'), 0)::bigint as leads_with_identity,
        coalesce(sum(l.leads_with_claims), 0)::bigint as leads_with_claims,
        coalesce(sum(l.leads - l.leads_with_claims) filter (where l.limbo_stage = 'NO_IDENTITY'), 0)::bigint as leads_without_both
    from ops.v_cabinet_limbo_daily as l
)
select
    total_leads,
    leads_with_identity,
    leads_with_claims,
    total_leads - leads_with_identity as leads_without_identity,
    total_leads - leads_with_claims as leads_without_claims,
    leads_without_both,
    coalesce(round(100.0 * leads_with_identity / nullif(total_leads, 0), 2), 0)::double precision as with_identity,
    coalesce(round(100.0 * leads_with_claims / nullif(total_leads, 0), 2), 0)::double precision as with_claims,
    coalesce(round(100.0 * (total_leads - leads_with_identity) / nullif(total_leads, 0), 2), 0)::double precision as without_identity,
    coalesce(round(100.0 * (total_leads - leads_with_claims) / nullif(total_leads, 0), 2), 0)::double precision as without_claims,
    coalesce(round(100.0 * leads_without_both / nullif(total_leads, 0), 2), 0)::double precision as without_both
from counted

-- name: total
select count(*) as total from ops.v_cabinet_financial_14d as f where {chosen}

-- name: exported
select {columns}
from ops.v_cabinet_financial_14d as f
where {chosen}
order by f.lead_date desc, f.driver_id

-- name: labels
-- The columns of the file, in the order of their numbers, by name in the language asked for.
select split_part(c.code, ' ', 2) as code, case when %(language)s = 'en' then c.label_en else c.label_es end as label
from ops.v_catalogue as c
where c.kind = 'financial_column'
order by c.code
