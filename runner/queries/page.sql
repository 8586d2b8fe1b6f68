-- What only the page asks: pictures, labels of codes, and how long ago each job succeeded. All else comes from the API's reads.

-- name: catalogue
select c.kind, c.code, c.label_es, c.label_en, c.detail_es, c.detail_en, c.action_es, c.action_en
from ops.v_catalogue as c

-- name: weekly
-- One row per week, oldest first; also feeds the week lists of the filters.
select
    f.week_start, f.leads_total, f.limbo_no_identity, f.limbo_no_driver, f.limbo_no_trips_14d, f.limbo_trips_no_claim, f.limbo_ok,
    f.debt_missing_total
from ops.v_cabinet_14d_funnel_audit_weekly as f
order by f.week_start

-- name: funnel
-- Leads as far as the driver, then drivers of each week: a driver with leads in two weeks is in both.
select
    coalesce(sum(f.leads_total), 0)::bigint as leads_total,
    coalesce(sum(f.leads_with_identity), 0)::bigint as leads_with_identity,
    coalesce(sum(f.leads_with_driver), 0)::bigint as leads_with_driver,
    coalesce(sum(f.drivers_with_trips_14d), 0)::bigint as drivers_with_trips_14d,
    coalesce(sum(f.reached_m1_14d), 0)::bigint as reached_m1_14d,
    coalesce(sum(f.reached_m5_14d), 0)::bigint as reached_m5_14d,
    coalesce(sum(f.reached_m25_14d), 0)::bigint as reached_m25_14d
from ops.v_cabinet_14d_funnel_audit_weekly as f

-- name: aging
-- Claims due that a lead supports, by how long they are overdue; those that nothing supports are not collected yet (D-21).
select
    a.bucket_overdue,
    sum(a.claims_due)::bigint as claims_due,
    sum(a.amount_due)::numeric(18, 2) as amount_due
from ops.v_collection_aging as a
group by a.bucket_overdue
order by a.bucket_overdue

-- name: watched
-- What the main alerts watch, on each of the last thirty days that have a published night; oldest first.
select d.as_of_date, d.leads_no_identity, d.leads_trips_no_claim, d.claims_missing
from (
    select
        m.as_of_date,
        max(m.value) filter (where m.metric = 'leads_no_identity')::bigint as leads_no_identity,
        max(m.value) filter (where m.metric = 'leads_trips_no_claim')::bigint as leads_trips_no_claim,
        max(m.value) filter (where m.metric = 'claims_missing')::bigint as claims_missing
    from ops.cabinet_metrics_daily as m
    where m.scope = 'ALL' and m.metric in ('leads_no_identity', 'leads_trips_no_claim', 'claims_missing')
    group by m.as_of_date
    order by m.as_of_date desc
    limit 30
) as d
order by d.as_of_date

-- name: told
-- Alerts that were told, by day and kind of event, on the last thirty days that have any; oldest first.
select d.as_of_date, d.started, d.worsened, d.reminded, d.recovered
from (
    select
        e.as_of_date,
        count(*) filter (where e.event = 'STARTED') as started,
        count(*) filter (where e.event = 'WORSENED') as worsened,
        count(*) filter (where e.event = 'REMINDED') as reminded,
        count(*) filter (where e.event = 'RECOVERED') as recovered
    from ops.alert_events as e
    group by e.as_of_date
    order by e.as_of_date desc
    limit 30
) as d
order by d.as_of_date

-- name: jobs
select wanted.job, j.last_success_at, j.hours_since_success
from (values ('reconcile leads'), ('nightly')) as wanted (job)
left join ops.job_health as j on j.job = wanted.job
order by wanted.job desc
