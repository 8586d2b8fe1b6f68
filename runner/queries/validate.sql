-- What is checked after a publication, on the relations as readers see them. Each statement: check, severity, violations, amount, sentence.

-- name: money_adds_up
-- Weeks in which the live run changed a claim's state; the others were checked by the night that changed them. `validate claims-gap` checks all.
with weeks as (
    select distinct s.week_start
    from ops_intermediate.int_states__lead_claims as s
    where s.valid_from_run = (select r.run_id from ops.runs as r where r.is_live)
),

expected as (
    select e.amount_expected, e.claim_missing, c.status
    from weeks
    -- Lead by lead through the index: joined as a whole, the milestones of all weeks would be read.
    cross join lateral (select l.lead_id from ops.v_cabinet_leads_limbo as l where l.week_start = weeks.week_start offset 0) as leads
    cross join lateral (select v.* from ops.v_claims_expected_vs_present_14d as v where v.lead_id = leads.lead_id offset 0) as e
    left join canon.claims_yango_cabinet_14d as c
        on c.person_key = e.person_key and c.lead_date = e.lead_date and c.milestone = e.milestone
    where e.claim_expected
)

select
    'expected = live + rejected + expired + missing', 'critical',
    case when sum(e.amount_expected) is distinct from
        sum(case when e.status in ('expected', 'generated', 'paid') then e.amount_expected else 0 end)
        + sum(case when e.status = 'rejected' then e.amount_expected else 0 end)
        + sum(case when e.status = 'expired' then e.amount_expected else 0 end)
        + sum(case when e.claim_missing then e.amount_expected else 0 end)
    then 1 else 0 end,
    coalesce(sum(e.amount_expected), 0),
    'expected money is not what was raised, rejected, expired or missing'
from expected as e

-- name: leads_add_up
select
    'leads = limbo + exclusions', 'warning',
    abs(
        (select count(*) from public.module_ct_cabinet_leads)
        - (select cast(coalesce(sum(d.leads), 0) as bigint) from ops.v_cabinet_limbo_daily as d)
        - (select count(*) from ops.v_cabinet_exclusions where source = 'leads')
    ),
    0,
    'leads came after the build: they are in the next one'

-- name: gap_has_amounts
-- Of what the live run wrote; the rest was looked at by the night that wrote it. `validate claims-gap` looks at all.
select 'every gap has an amount', 'critical', count(*), 0, 'missing claims have no amount: ops.v_cabinet_claims_gap_14d'
from ops_intermediate.int_states__lead_claims as s
where s.valid_from_run = (select r.run_id from ops.runs as r where r.is_live)
    and s.claim_status = 'CLAIM_NOT_GENERATED'
    and (s.amount_expected is null or s.amount_expected <= 0)

-- name: unsupported_claims
select
    'claims are supported', 'warning', count(*), coalesce(sum(amount_expected), 0),
    'claims that nothing supports: ops.v_cabinet_claims_unsupported'
from ops.v_cabinet_claims_unsupported

-- name: leads_left_out
select
    'no lead is left out', 'warning', count(*), 0,
    'leads outside the funnel: ops.v_cabinet_exclusions'
from ops.v_cabinet_exclusions where source = 'leads'

-- name: trips_left_out
select
    'no trip row is left out', 'warning', coalesce(sum(source_rows), 0), 0,
    'trip rows that can''t count: ops.v_cabinet_exclusions'
from ops.v_cabinet_exclusions
where source = 'trips' and reason in ('MISSING_DRIVER', 'BAD_DATE', 'MISSING_COUNT', 'NEGATIVE_COUNT')
