-- D-22: every lead without a person or driver has one decision; one that links names person, driver and rule, one that does not names its reason.
-- Without it, leads fall out of the funnel's largest loss without a word.
-- By what the states say, so that a lead which nobody found due is seen too.
with unsettled as (
    select * from {{ ref('int_identity__unsettled') }}
),

decisions as (
    select * from {{ ref('int_identity__decided') }}
)

select
    unsettled.lead_id,
    decisions.outcome,
    decisions.reason_code
from unsettled
left join decisions on decisions.lead_id = unsettled.lead_id
where decisions.lead_id is null
    or (decisions.outcome in ('LINK_LEAD', 'LINK_DRIVER')) <> (decisions.person_key is not null)
    or (decisions.person_key is not null and (decisions.driver_id is null or decisions.match_rule is null))
    or (decisions.outcome in ('UNMATCHED', 'AMBIGUOUS', 'IDENTITY_CONFLICT')) <> (decisions.reason_code is not null)
