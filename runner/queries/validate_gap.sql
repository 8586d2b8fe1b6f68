-- Checks of the gap, claim first. Each statement returns the rows that break it; its first comment says severity and sentence.

-- name: expected_has_rows
-- WARNING: there are no expectations at all, so nothing was checked
select 'ops.v_cabinet_claims_expected_14d is empty' as detail
where not exists (select 1 from ops.v_cabinet_claims_expected_14d)

-- name: h3_expected_claims_have_an_amount
-- CRITICAL: a claim is due and has no amount (H3)
select lead_source_pk, milestone, amount_expected
from ops.v_cabinet_claims_expected_14d where claim_expected and coalesce(amount_expected, 0) <= 0
union all
select lead_source_pk, milestone_value, expected_amount
from ops.v_cabinet_claims_gap_14d where coalesce(expected_amount, 0) <= 0

-- name: gap_rows_say_what_a_gap_is
-- CRITICAL: a row of the gap is not a missing claim (R15)
select lead_source_pk, milestone_value, claim_status, gap_reason, claim_expected, claim_exists, milestone_achieved
from ops.v_cabinet_claims_gap_14d
where
    (claim_expected, claim_exists, milestone_achieved, claim_status, gap_reason)
    is distinct from (true, false, true, 'CLAIM_NOT_GENERATED', 'CLAIM_NOT_GENERATED')
    or driver_id is null or person_key is null

-- name: gap_claims_do_not_exist
-- CRITICAL: a row of the gap has a claim in the table (R13, D-4)
select g.lead_source_pk, g.milestone_value, c.claim_id
from ops.v_cabinet_claims_gap_14d as g
inner join canon.claims_yango_cabinet_14d as c
    on c.person_key = g.person_key and c.lead_date = g.lead_date and c.milestone = g.milestone_value

-- name: every_missing_claim_is_in_the_gap
-- CRITICAL: a claim is due, is not in the table, and is not in the gap
select e.lead_source_pk, e.milestone, e.amount_expected
from ops.v_cabinet_claims_expected_14d as e
where
    e.claim_expected
    and not exists (
        select 1 from canon.claims_yango_cabinet_14d as c
        where c.person_key = e.person_key and c.lead_date = e.lead_date_canonico and c.milestone = e.milestone
    )
    and not exists (
        select 1 from ops.v_cabinet_claims_gap_14d as g where g.lead_id = e.lead_id and g.milestone_value = e.milestone
    )

-- name: expected_by_the_rule
-- CRITICAL: a claim is due, or is not, against R11
select lead_source_pk, milestone, trips_in_window, claim_expected
from ops.v_cabinet_claims_expected_14d
where claim_expected is distinct from (
    person_key is not null and driver_id is not null and milestone in (1, 5, 25) and trips_in_window >= milestone
    and duplicate_of_lead_source_pk is null
)

-- name: three_rows_per_lead
-- CRITICAL: a lead has not one row for each milestone
select lead_id, count(*) as rows_of_lead, count(distinct milestone) as milestones
from ops.v_cabinet_claims_expected_14d
group by lead_id
having count(*) <> 3 or count(distinct milestone) <> 3

-- name: amounts_are_the_catalogues
-- CRITICAL: an expected amount is not the catalogue's (R8)
select e.lead_source_pk, e.milestone, e.amount_expected
from ops.v_cabinet_claims_expected_14d as e
where not exists (
    select 1 from ops_intermediate.milestones as m where m.milestone = e.milestone and m.amount = e.amount_expected
)

-- name: no_claim_twice
-- CRITICAL: one person, lead date and milestone has two claims
select min(claim_id) as first_claim_id, lead_date, milestone, count(*) as claims
from canon.claims_yango_cabinet_14d
group by coalesce(cast(person_key as text), 'lead ' || lead_source_pk), lead_date, milestone
having count(*) > 1

-- name: claims_are_on_the_catalogue
-- WARNING: a claim has a milestone or an amount that the catalogue does not have
select c.claim_id, c.milestone, c.amount_expected
from canon.claims_yango_cabinet_14d as c
where not exists (
    select 1 from ops_intermediate.milestones as m where m.milestone = c.milestone and m.amount = c.amount_expected
)

-- name: claims_are_supported
-- WARNING: a claim is not expected any more: ops.v_cabinet_claims_unsupported (D-21)
select claim_id, lead_source_pk, milestone, amount_expected, unsupported_cause from ops.v_cabinet_claims_unsupported order by claim_id

-- name: money_adds_up
-- CRITICAL: expected money is not what was raised, rejected, expired or is missing
select sum(amount_expected) as expected, sum(missing_amount) as missing
from ops.v_claims_expected_vs_present_14d
where claim_expected
having
    sum(amount_expected)
    <> sum(case when claim_row_status is not null then amount_expected else 0 end) + sum(missing_amount)
    or sum(missing_amount) <> (select coalesce(sum(g.expected_amount), 0) from ops.v_cabinet_claims_gap_14d as g)
