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
from (
    select
        week_start, lead_date, milestone, gap_reason,
        claim_status = 'CLAIM_NOT_GENERATED' as is_missing,
        %(milestone_value)s::integer is null or milestone = %(milestone_value)s::integer as is_milestone,
        count(*) as claims,
        sum(amount_expected) as amount
    from ops.v_claims_expected_vs_present_14d
    group by 1, 2, 3, 4, 5, 6
) as c
where {chosen}

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
from (
    select
        week_start, milestone, gap_reason,
        claim_status = 'CLAIM_NOT_GENERATED' as is_missing,
        count(*) as claims,
        sum(amount_expected) as amount
    from ops.v_claims_expected_vs_present_14d
    group by 1, 2, 3, 4
) as c
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

-- name: after
and (c.week_start, c.lead_date, {milestone}) <= (%(after_week)s::date, %(after_day)s::date, %(after_milestone)s::integer)
and ((c.lead_date, {milestone}) < (%(after_day)s::date, %(after_milestone)s::integer) or c.lead_id > %(after_id)s::bigint)
