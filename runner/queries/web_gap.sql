-- Claims by what they lack, as the API and the page list them. Every condition is optional; a null parameter asks for all.

-- name: chosen
(%(week_start)s::date is null or c.week_start = %(week_start)s::date)
and (%(lead_date_from)s::date is null or c.lead_date >= %(lead_date_from)s::date)
and (%(lead_date_to)s::date is null or c.lead_date <= %(lead_date_to)s::date)

-- name: cards
-- A card ignores the filter that it is itself (F38): reasons ignore the reason, milestones ignore the milestone.
select
    coalesce(sum(c.claims) filter (where c.is_missing and c.is_milestone), 0)::bigint as total_gaps,
    coalesce(sum(c.claims) filter (where c.is_missing and c.is_milestone), 0)::bigint as gaps_milestone_achieved_no_claim,
    coalesce(sum(c.claims) filter (where c.gap_reason = 'OK' and c.is_milestone), 0)::bigint as gaps_claim_exists,
    coalesce(sum(c.claims) filter (where c.gap_reason = 'INSUFFICIENT_TRIPS' and c.is_milestone), 0)::bigint as gaps_milestone_not_achieved,
    coalesce(sum(c.claims) filter (where c.is_missing and c.milestone = 1), 0)::bigint as gaps_m1,
    coalesce(sum(c.claims) filter (where c.is_missing and c.milestone = 5), 0)::bigint as gaps_m5,
    coalesce(sum(c.claims) filter (where c.is_missing and c.milestone = 25), 0)::bigint as gaps_m25,
    coalesce(sum(c.amount) filter (where c.is_missing and c.is_milestone), 0)::numeric(18, 2) as total_expected_amount,
    coalesce(sum(c.claims) filter (where c.is_milestone and c.gap_reason = coalesce(%(gap_reason)s::text, 'CLAIM_NOT_GENERATED')), 0)::bigint as total
from {counted} as c
where {chosen}

-- name: counted
(
    select
        d.*,
        d.claim_status = 'CLAIM_NOT_GENERATED' as is_missing,
        %(milestone_value)s::integer is null or d.milestone = %(milestone_value)s::integer as is_milestone
    from ops.v_cabinet_claims_daily as d
)

-- name: place
-- The day and milestone at which a page begins, and how many of their rows come before it.
select
    days.week_start as after_week_start, days.lead_date as after_lead_date, days.milestone as after_milestone_value,
    (%(offset)s - days.claims_before)::bigint as offset
from (
    select
        c.week_start,
        c.lead_date,
        c.milestone,
        sum(c.claims) as claims,
        sum(sum(c.claims)) over (order by c.lead_date desc, c.milestone desc) - sum(c.claims) as claims_before
    from {counted} as c
    where c.is_milestone and c.gap_reason = coalesce(%(gap_reason)s::text, 'CLAIM_NOT_GENERATED') and {chosen}
    group by c.week_start, c.lead_date, c.milestone
) as days
where %(offset)s >= days.claims_before and %(offset)s < days.claims_before + days.claims

-- name: summary
select
    coalesce(sum(c.claims) filter (where c.is_missing), 0)::bigint as total_gaps,
    coalesce(sum(c.claims) filter (where c.is_missing), 0)::bigint as gaps_claim_not_generated,
    coalesce(sum(c.claims) filter (where c.gap_reason = 'OK'), 0)::bigint as gaps_ok,
    coalesce(sum(c.claims) filter (where c.gap_reason = 'NO_IDENTITY'), 0)::bigint as gaps_no_identity,
    coalesce(sum(c.claims) filter (where c.gap_reason = 'NO_DRIVER'), 0)::bigint as gaps_no_driver,
    coalesce(sum(c.claims) filter (where c.gap_reason = 'INSUFFICIENT_TRIPS'), 0)::bigint as gaps_insufficient_trips,
    coalesce(sum(c.claims) filter (where c.gap_reason = 'DUPLICATE_LEAD'), 0)::bigint as gaps_duplicate_lead,
    coalesce(sum(c.claims) filter (where c.gap_reason = 'CLAIM_REJECTED'), 0)::bigint as gaps_claim_rejected,
    coalesce(sum(c.claims) filter (where c.gap_reason = 'CLAIM_EXPIRED'), 0)::bigint as gaps_claim_expired,
    coalesce(sum(c.claims) filter (where c.is_missing and c.milestone = 1), 0)::bigint as gaps_m1,
    coalesce(sum(c.claims) filter (where c.is_missing and c.milestone = 5), 0)::bigint as gaps_m5,
    coalesce(sum(c.claims) filter (where c.is_missing and c.milestone = 25), 0)::bigint as gaps_m25,
    coalesce(sum(c.amount) filter (where c.is_missing), 0)::numeric(18, 2) as monto_total_expected_missing,
    coalesce(sum(c.amount) filter (where c.gap_reason = 'OK'), 0)::numeric(18, 2) as monto_total_expected_ok
from {counted} as c
where %(week_start)s::date is null or c.week_start = %(week_start)s::date

-- name: rows
select {columns}
from {relation} as c
where {chosen} and (%(milestone_value)s::integer is null or {milestone} = %(milestone_value)s::integer) {reason}
{after}
order by {order}
limit %(limit)s offset %(offset)s

-- name: missing_columns
c.lead_id, c.lead_source_pk, c.driver_id, c.person_key, c.lead_date, c.week_start, c.milestone_value, c.trips_14d,
c.milestone_achieved, c.expected_amount, c.claim_expected, c.claim_exists, c.claim_status, c.gap_reason

-- name: any_columns
c.lead_id, c.lead_source_pk, c.driver_id, c.person_key, c.lead_date, c.week_start, c.milestone as milestone_value, c.trips_14d,
c.milestone_achieved, c.amount_expected as expected_amount, c.claim_expected, c.claim_present as claim_exists, c.claim_status, c.gap_reason

-- name: reason
and c.gap_reason = %(gap_reason)s

-- name: from_day
and (c.week_start, c.lead_date, {milestone}) <= (%(after_week_start)s::date, %(after_lead_date)s::date, %(after_milestone_value)s::integer)

-- name: after
{from_day}
and ((c.lead_date, {milestone}) < (%(after_lead_date)s::date, %(after_milestone_value)s::integer) or c.lead_id > %(after_lead_id)s::bigint)
