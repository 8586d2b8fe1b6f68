-- Shapes, statistics and the other facts that validation looks up.

-- name: columns
select a.attname, format_type(a.atttypid, a.atttypmod), col_description(a.attrelid, a.attnum)
from pg_attribute as a
where a.attrelid = to_regclass(%(relation)s) and a.attnum > 0 and not a.attisdropped
order by a.attnum

-- name: stages
select limbo_stage, count(*), count(person_key) from ops.v_cabinet_leads_limbo
where %(stage)s is null or limbo_stage = %(stage)s
group by limbo_stage
order by limbo_stage

-- name: reasons
select gap_reason, count(*), count(*) filter (where claim_expected), coalesce(sum(missing_amount), 0)
from ops.v_claims_expected_vs_present_14d
where %(reason)s is null or gap_reason = %(reason)s
group by gap_reason
order by gap_reason

-- name: milestones
select milestone, count(*), count(*) filter (where claim_missing), coalesce(sum(missing_amount), 0)
from ops.v_claims_expected_vs_present_14d
where %(reason)s is null or gap_reason = %(reason)s
group by milestone
order by milestone

-- name: schedule
select state, value from ops.v_cabinet_alerts where rule = 'D2'

-- name: limbo_total
select count(*) from ops.v_cabinet_leads_limbo

-- name: gap_total
select count(*) from ops.v_cabinet_claims_gap_14d

-- name: limbo_page
select
    lead_id, lead_source_pk, lead_date, week_start, park_phone, asset_plate_number, lead_name, person_key, driver_id, trips_14d,
    window_end_14d, reached_m1_14d, reached_m5_14d, reached_m25_14d, expected_amount_14d, has_claim_m1, has_claim_m5, has_claim_m25,
    limbo_stage, limbo_reason_detail
from ops.v_cabinet_leads_limbo
order by week_start desc, lead_date desc, lead_id
limit %(limit)s

-- name: gap_page
select
    lead_id, lead_source_pk, driver_id, person_key, lead_date, week_start, milestone_value, trips_14d, milestone_achieved,
    expected_amount, claim_expected, claim_exists, claim_status, gap_reason
from ops.v_cabinet_claims_gap_14d
order by week_start desc, lead_date desc, milestone_value desc, lead_id
limit %(limit)s
