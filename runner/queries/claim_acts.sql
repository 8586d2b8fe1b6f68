-- Acts on claims by a named person (D-4), and what the history of claims says.

-- name: act
-- For this transaction: the name that the guards ask for and the history keeps.
select set_config('cabinet14d.manual_act', %(actor)s, true)

-- name: asked
-- Each claim that was asked for, locked, with what keeps the act from it; a claim that already is so needs nothing.
select
    asked.claim_id,
    claims.status::text,
    claims.amount_expected,
    recorded.payment_id || ':' || recorded.milestone as payment_key
from unnest(%(claim_ids)s::integer[]) as asked (claim_id)
left join canon.claims_yango_cabinet_14d as claims on claims.claim_id = asked.claim_id
left join canon.claim_settlements as recorded on recorded.claim_id = asked.claim_id
order by asked.claim_id

-- name: lock
select 1 from canon.claims_yango_cabinet_14d where claim_id = any(%(claim_ids)s::integer[]) order by claim_id for update

-- name: move
with moved as (
    update canon.claims_yango_cabinet_14d
    set
        status = %(status)s,
        paid_at = null,
        reason = %(reason)s
    where claim_id = any(%(claim_ids)s::integer[]) and status::text = any(%(from)s)
    returning amount_expected
)
select count(*), coalesce(sum(amount_expected), 0) from moved
