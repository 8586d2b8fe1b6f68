-- Raising claims from the decisions that the models left as rows. {states} is the condition of the run to read: the one being built, or the live one.

-- name: candidate
states.valid_to_run = 9223372036854775807

-- name: live
states.valid_from_run <= (select r.run_id from ops.runs as r where r.is_live)
and states.valid_to_run > (select r.run_id from ops.runs as r where r.is_live)

-- name: has_states
select to_regclass('ops_intermediate.int_states__lead_claims') is not null and exists (select 1 from ops.runs where is_live)

-- name: missing
-- Every missing claim; `is_picked` marks those that the flags ask for, oldest lead first (D-6).
with gaps as not materialized (
    select
        states.lead_id,
        states.lead_source_pk,
        states.person_key,
        states.driver_id,
        states.milestone,
        states.amount_expected,
        states.lead_date,
        (%(since)s::date is null or states.lead_date >= %(since)s::date)
        and (%(milestone)s::integer is null or states.milestone = %(milestone)s::integer)
        and (%(week_start)s::date is null or states.week_start = %(week_start)s::date)
        and states.conflicting_claim_id is null as is_asked,
        states.conflicting_claim_id is not null as is_conflicting
    from ops_intermediate.int_states__lead_claims as states
    where states.claim_status = 'CLAIM_NOT_GENERATED' and {states}
),
-- The last one within the limit; without a limit nothing is sorted, and the gaps are read once.
last_picked as (
    select gaps.lead_date, gaps.lead_id, gaps.milestone
    from gaps
    where gaps.is_asked
    order by gaps.lead_date, gaps.lead_id, gaps.milestone
    limit 1 offset greatest(%(limit)s::bigint - 1, 0)
)
select
    gaps.*,
    gaps.is_asked
    and (%(limit)s::bigint is null or %(limit)s::bigint > 0)
    and (
        %(limit)s::bigint is null
        or not exists (select 1 from last_picked)
        or (gaps.lead_date, gaps.lead_id, gaps.milestone)
        <= (select last_picked.lead_date, last_picked.lead_id, last_picked.milestone from last_picked)
    ) as is_picked
from gaps

-- name: find_missing
-- A table that the planner knows the size of: a night's handful is looked up, a million is compared as a whole.
create temporary table missing on commit drop as
{missing};
analyze missing

-- name: gaps
select
    milestone,
    count(*) as gaps,
    sum(amount_expected) as amount,
    count(*) filter (where is_picked) as picked,
    coalesce(sum(amount_expected) filter (where is_picked), 0) as picked_amount,
    count(*) filter (where is_conflicting) as conflicting
from {missing} as missing
group by milestone
order by milestone

-- name: listing
select
    states.lead_source_pk,
    states.driver_id,
    cast(states.lead_date as text) as lead_date,
    states.milestone,
    states.trips_14d,
    states.amount_expected
from ops_intermediate.int_states__lead_claims as states
where states.claim_status = 'CLAIM_NOT_GENERATED'
    and states.conflicting_claim_id is null
    and {states}
    and (%(since)s::date is null or states.lead_date >= %(since)s::date)
    and (%(milestone)s::integer is null or states.milestone = %(milestone)s::integer)
    and (%(week_start)s::date is null or states.week_start = %(week_start)s::date)
order by states.lead_date, states.lead_id, states.milestone
limit %(limit)s

-- name: expected_rows
-- Claim rows that wait as `expected` and that the models support (D-21: an unsupported one is never changed by a job).
select count(*), coalesce(sum(states.present_amount), 0)
from ops_intermediate.int_states__lead_claims as states
where states.claim_row_status = 'expected'
    and states.claim_status = 'OK'
    and {states}
    and (%(since)s::date is null or states.lead_date >= %(since)s::date)
    and (%(milestone)s::integer is null or states.milestone = %(milestone)s::integer)
    and (%(week_start)s::date is null or states.week_start = %(week_start)s::date)

-- name: raise_missing
-- One statement for all. A row that appeared meanwhile is left as it is, whatever its status.
with inserted as (
    insert into canon.claims_yango_cabinet_14d (
        person_key, driver_id, lead_source_pk, lead_date, milestone, amount_expected, status, expected_at, generated_at
    )
    select
        missing.person_key,
        missing.driver_id,
        missing.lead_source_pk,
        missing.lead_date,
        missing.milestone,
        missing.amount_expected,
        'generated',
        now(),
        now()
    from missing
    -- A link may name a person that the registry lacks (an adopted table): that one lead waits, not all.
    inner join canon.identity_registry as persons on persons.person_key = missing.person_key
    where missing.is_picked
        and not exists (
            select 1
            from canon.claims_yango_cabinet_14d as claims
            where claims.person_key = missing.person_key
                and claims.lead_date = missing.lead_date
                and claims.milestone = missing.milestone
        )
    -- Sorted, so that all are found before the first is written: where the planner takes the table for empty (a killed night left it so), each
    -- row would go through those written before it. Keys that come in their order are written faster, too.
    order by missing.lead_date, missing.lead_id, missing.milestone
    on conflict do nothing
    returning milestone, amount_expected
)
select milestone, count(*), sum(amount_expected) from inserted group by milestone order by milestone

-- name: advance_expected
with advanced as (
    update canon.claims_yango_cabinet_14d as claims
    set status = 'generated', generated_at = now()
    from ops_intermediate.int_states__lead_claims as states
    where states.claim_id = claims.claim_id
        and states.claim_status = 'OK'
        and claims.status = 'expected'
        -- An adopted row that breaks a constraint would fail the statement for all (it is reported by migrate).
        and claims.paid_at is null
        and btrim(claims.lead_source_pk, E' \t\r\n') <> ''
        and {states}
        and (%(since)s::date is null or states.lead_date >= %(since)s::date)
        and (%(milestone)s::integer is null or states.milestone = %(milestone)s::integer)
        and (%(week_start)s::date is null or states.week_start = %(week_start)s::date)
    returning claims.milestone, claims.amount_expected
)
select count(*), coalesce(sum(amount_expected), 0) from advanced
