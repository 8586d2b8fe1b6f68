-- The figures of the nightly report, from the live run.

-- name: stages
select limbo_stage, count(*) from ops.v_cabinet_leads_limbo group by limbo_stage

-- name: gap
select count(*), coalesce(sum(expected_amount), 0) from ops.v_cabinet_claims_gap_14d

-- name: claims
select coalesce(claim_row_status, 'missing'), count(*), sum(amount_expected)
from ops.v_claims_expected_vs_present_14d
where claim_expected
group by 1
