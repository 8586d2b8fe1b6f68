-- The figures of the nightly report, from the live run.

-- name: stages
select limbo_stage, cast(sum(leads) as bigint) from ops.v_cabinet_limbo_daily group by limbo_stage

-- name: gap
select cast(coalesce(sum(claims), 0) as bigint), cast(coalesce(sum(amount), 0) as numeric(18, 2))
from ops.v_cabinet_claims_daily
where claim_status = 'CLAIM_NOT_GENERATED'

-- name: claims
select claim_state, cast(sum(claims) as bigint), cast(sum(amount) as numeric(18, 2))
from ops_intermediate.int_states__claim_days
where claim_expected
    and valid_from_run <= (select r.run_id from ops.runs as r where r.is_live)
    and valid_to_run > (select r.run_id from ops.runs as r where r.is_live)
group by claim_state
