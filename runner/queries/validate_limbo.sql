-- Checks of limbo, lead first. Each statement returns the rows that break it; its first comment says severity and sentence.

-- name: limbo_has_rows
-- WARNING: limbo holds no lead at all, so nothing was checked
select 'ops.v_cabinet_leads_limbo is empty' as detail where not exists (select 1 from ops.v_cabinet_leads_limbo)

-- name: h1_no_trips_without_driver
-- CRITICAL: a lead without driver has trips (H1)
select lead_source_pk, limbo_stage, trips_14d from ops.v_cabinet_leads_limbo where driver_id is null and trips_14d is distinct from 0

-- name: h2_trips_no_claim_misses_a_reached_milestone
-- CRITICAL: TRIPS_NO_CLAIM without driver, without trips, or with a claim for each milestone reached (H2)
select l.lead_source_pk, l.driver_id, l.trips_14d
from ops.v_cabinet_leads_limbo as l
where
    l.limbo_stage = 'TRIPS_NO_CLAIM'
    and (
        l.driver_id is null
        or coalesce(l.trips_14d, 0) <= 0
        or not exists (
            select 1
            from ops_intermediate.milestones as m
            where
                l.trips_14d >= m.trips
                and l.lead_date between coalesce(m.valid_from, date '0001-01-01') and coalesce(m.valid_to, date '9999-12-31')
                and not exists (
                    select 1 from canon.claims_yango_cabinet_14d as c
                    where c.person_key = l.person_key and c.lead_date = l.lead_date and c.milestone = m.milestone
                )
        )
    )

-- name: ok_has_every_claim
-- CRITICAL: a lead is OK although a milestone it reached has no claim
select l.lead_source_pk, m.milestone, l.trips_14d
from ops.v_cabinet_leads_limbo as l
inner join ops_intermediate.milestones as m
    on l.trips_14d >= m.trips
    and l.lead_date between coalesce(m.valid_from, date '0001-01-01') and coalesce(m.valid_to, date '9999-12-31')
where
    l.limbo_stage = 'OK'
    and not exists (
        select 1 from canon.claims_yango_cabinet_14d as c
        where c.person_key = l.person_key and c.lead_date = l.lead_date and c.milestone = m.milestone
    )

-- name: claims_are_the_tables
-- CRITICAL: limbo and the claims table disagree about which claims exist (R13)
select l.lead_source_pk, m.milestone, m.told, m.exists_in_table
from ops.v_cabinet_leads_limbo as l
cross join lateral (
    select
        v.milestone, v.told,
        exists (
            select 1 from canon.claims_yango_cabinet_14d as c
            where c.person_key = l.person_key and c.lead_date = l.lead_date and c.milestone = v.milestone
        ) as exists_in_table
    from (values (1, l.has_claim_m1), (5, l.has_claim_m5), (25, l.has_claim_m25)) as v (milestone, told)
) as m
where m.told is distinct from m.exists_in_table

-- name: h4_every_lead_once
-- CRITICAL: a lead that was read is not in limbo exactly once (H4)
select r.lead_id, count(l.lead_id) as times
from ops_intermediate.int_leads__read as r
left join ops.v_cabinet_leads_limbo as l on l.lead_id = r.lead_id
where r.exclusion_reason is null
group by r.lead_id
having count(l.lead_id) <> 1

-- name: h4_no_lead_of_nowhere
-- CRITICAL: limbo holds a lead that was not read (H4)
select l.lead_source_pk, l.lead_id
from ops.v_cabinet_leads_limbo as l
where not exists (
    select 1 from ops_intermediate.int_leads__read as r where r.lead_id = l.lead_id and r.exclusion_reason is null
)

-- name: source_key_is_unique
-- CRITICAL: two leads share a source key (F15)
select lead_source_pk, count(*) as leads from ops.v_cabinet_leads_limbo group by lead_source_pk having count(*) > 1

-- name: stage_agrees_with_its_row
-- CRITICAL: a stage contradicts what its own row says (R14)
select lead_source_pk, limbo_stage, person_key is not null as has_person, driver_id is not null as has_driver, trips_14d
from ops.v_cabinet_leads_limbo
where
    case
        when person_key is null then limbo_stage is distinct from 'NO_IDENTITY'
        when driver_id is null then limbo_stage is distinct from 'NO_DRIVER'
        when trips_14d = 0 then limbo_stage is distinct from 'NO_TRIPS_14D'
        else coalesce(limbo_stage, '') not in ('TRIPS_NO_CLAIM', 'OK')
    end

-- name: milestones_are_cumulative
-- CRITICAL: a later milestone is reached and an earlier one is not, or not what the trips say (R7)
select lead_source_pk, trips_14d, reached_m1_14d, reached_m5_14d, reached_m25_14d
from ops.v_cabinet_leads_limbo
where
    (reached_m25_14d and not reached_m5_14d) or (reached_m5_14d and not reached_m1_14d)
    or (reached_m1_14d, reached_m5_14d, reached_m25_14d) is distinct from (
        trips_14d >= (select m.trips from ops_intermediate.milestones as m where m.milestone = 1 and m.valid_to is null),
        trips_14d >= (select m.trips from ops_intermediate.milestones as m where m.milestone = 5 and m.valid_to is null),
        trips_14d >= (select m.trips from ops_intermediate.milestones as m where m.milestone = 25 and m.valid_to is null)
    )

-- name: limbo_and_gap_agree
-- CRITICAL: the leads in TRIPS_NO_CLAIM are not those in the gap and their duplicates (F1)
with in_limbo as (
    select coalesce(duplicate_of_lead_source_pk, lead_source_pk) as bearer
    from ops.v_cabinet_leads_limbo where limbo_stage = 'TRIPS_NO_CLAIM'
),

in_gap as (
    select distinct lead_source_pk as bearer from ops.v_cabinet_claims_gap_14d
)

select in_limbo.bearer as in_limbo, in_gap.bearer as in_gap
from in_limbo
full join in_gap on in_gap.bearer = in_limbo.bearer
where in_limbo.bearer is null or in_gap.bearer is null

-- name: weeks_add_up
-- CRITICAL: the stages of a week do not add up to its leads
with read_weeks as (
    select week_start, count(*) as leads from ops_intermediate.int_leads__read where exclusion_reason is null group by week_start
),

limbo_weeks as (
    select week_start, count(limbo_stage) as leads from ops.v_cabinet_leads_limbo group by week_start
)

select coalesce(r.week_start, l.week_start) as week_start, r.leads, l.leads as staged
from read_weeks as r
full join limbo_weeks as l on l.week_start = r.week_start
where r.leads is distinct from l.leads

-- name: leads_after_the_build
-- WARNING: leads came or went after the last build; they are in the next one
select coalesce(s.id, r.lead_id) as lead_id, case when s.id is null then 'gone' else 'new' end as detail
from public.module_ct_cabinet_leads as s
full join ops_intermediate.int_leads__read as r on r.lead_id = s.id
where s.id is null or r.lead_id is null
