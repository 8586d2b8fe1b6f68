-- Recording the settlements that the models left as rows. {states} is the condition of the run to read: the one being built, or the live one.

-- name: has_states
select to_regclass('ops_intermediate.int_collection__settlements') is not null and exists (select 1 from ops.runs where is_live)

-- name: outcomes
select states.outcome, count(*), coalesce(sum(states.amount), 0)
from ops_intermediate.int_collection__settlements as states
where {states}
group by states.outcome

-- name: causes
select states.outcome || ' ' || states.cause, count(*), coalesce(sum(states.amount), 0)
from ops_intermediate.int_collection__settlements as states
where states.cause is not null and {states}
group by 1
order by 1

-- name: act
-- For this transaction: who moves a paid claim back, which takes a named act (D-4).
select set_config('cabinet14d.manual_act', %(actor)s, true)

-- name: take_back
-- Settlements that no longer hold are taken out; a claim that nothing settles any more goes back to generated, with the reason.
with wanted as (
    select states.* from ops_intermediate.int_collection__settlements as states where states.outcome = 'SETTLES' and {states}
),
gone as (
    delete from canon.claim_settlements as recorded
    where not exists (
        select 1 from wanted
        where wanted.claim_id = recorded.claim_id
            and wanted.payment_id = recorded.payment_id
            and wanted.milestone = recorded.milestone
            and wanted.amount = recorded.amount
            and wanted.pay_date = recorded.pay_date
            and wanted.found_by = recorded.found_by
    )
    returning recorded.claim_id, recorded.payment_id, recorded.milestone
),
told as (
    select
        gone.claim_id,
        gone.payment_id || ':' || gone.milestone as payment_key,
        states.outcome,
        states.cause,
        states.claim_id as other_claim_id
    from gone
    left join ops_intermediate.int_collection__settlements as states
        on states.payment_id = gone.payment_id and states.milestone = gone.milestone and {states}
    where gone.claim_id not in (select wanted.claim_id from wanted)
),
back as (
    update canon.claims_yango_cabinet_14d as claims
    set
        status = 'generated',
        paid_at = null,
        reason = case told.outcome
            when 'SETTLES' then format('PAYMENT_MOVED %%s TO CLAIM %%s', told.payment_key, told.other_claim_id)
            when 'UNAPPLIED' then format('PAYMENT_UNAPPLIED %%s %%s', told.payment_key, told.cause)
            else format('PAYMENT_REVERSED %%s %%s', told.payment_key, coalesce(told.cause, 'ROW_DELETED'))
        end
    from told
    where told.claim_id = claims.claim_id and claims.status = 'paid'
    returning claims.amount_expected
)
select
    (select count(*) from gone),
    (select count(*) from back),
    (select coalesce(sum(back.amount_expected), 0) from back)

-- name: record
with recorded as (
    insert into canon.claim_settlements (claim_id, payment_id, milestone, amount, pay_date, found_by, run_id)
    select states.claim_id, states.payment_id, states.milestone, states.amount, states.pay_date, states.found_by, %(run_id)s
    from ops_intermediate.int_collection__settlements as states
    where states.outcome = 'SETTLES' and {states}
    on conflict (claim_id) do nothing
    returning claim_id
)
select count(*) from recorded

-- name: pay
-- An adopted row that breaks a constraint would fail the statement for all (it is reported by migrate).
with paid as (
    update canon.claims_yango_cabinet_14d as claims
    set status = 'paid', paid_at = now(), reason = format('PAYMENT %%s:%%s', states.payment_id, states.milestone)
    from ops_intermediate.int_collection__settlements as states
    where states.claim_id = claims.claim_id
        and states.outcome = 'SETTLES'
        and {states}
        and claims.status = 'generated'
        and claims.person_key is not null
        and claims.amount_expected > 0
        and btrim(claims.lead_source_pk, E' \t\r\n') <> ''
    returning claims.amount_expected
)
select count(*), coalesce(sum(amount_expected), 0) from paid

-- name: would_pay
select
    claims.claim_id,
    claims.driver_id,
    cast(claims.lead_date as text) as lead_date,
    claims.milestone,
    claims.amount_expected,
    states.payment_id,
    cast(states.pay_date as text) as pay_date,
    states.found_by
from ops_intermediate.int_collection__settlements as states
inner join canon.claims_yango_cabinet_14d as claims on claims.claim_id = states.claim_id
where states.outcome = 'SETTLES' and claims.status = 'generated' and {states}
order by claims.lead_date, claims.claim_id

-- name: would_take_back
select count(*), coalesce(sum(claims.amount_expected), 0)
from canon.claim_settlements as recorded
inner join canon.claims_yango_cabinet_14d as claims on claims.claim_id = recorded.claim_id
where claims.status = 'paid'
    and not exists (
        select 1
        from ops_intermediate.int_collection__settlements as states
        where states.claim_id = recorded.claim_id and states.outcome = 'SETTLES' and {states}
    )
