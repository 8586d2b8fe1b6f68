-- Decisions of people about identities: written as rows, read before every rule.

-- name: lead
-- A lead by its source key, with its person; the key is what staging makes of it (D-19).
select leads.lead_id, leads.lead_source_pk, cast(links.person_key as text), links.match_rule, links.match_score
from ops_staging.stg_cabinet__leads as leads
left join canon.identity_links as links
    on links.source_table = 'module_ct_cabinet_leads' and links.source_pk = leads.lead_source_pk
where leads.lead_source_pk = %(lead)s

-- name: has_leads
select to_regclass('ops_staging.stg_cabinet__leads') is not null

-- name: driver
select drivers.driver_id, cast(links.person_key as text)
from public.drivers as drivers
left join canon.identity_links as links on links.source_table = 'drivers' and links.source_pk = drivers.driver_id
where drivers.driver_id = %(driver)s
limit 1

-- name: drivers_of_person
select source_pk from canon.identity_links where source_table = 'drivers' and person_key = %(person)s::uuid order by source_pk

-- name: standing
-- What stands about a lead and driver now, so that a decision given twice is one row.
select verdict, driver_id
from canon.identity_decisions
where lead_source_pk = %(lead)s
    and (
        (driver_id = %(driver)s and verdict <> 'IGNORE')
        or (verdict in ('ACCEPT', 'IGNORE') and %(verdict)s in ('ACCEPT', 'IGNORE'))
    )
order by decision_id desc
limit 1

-- name: decide
insert into canon.identity_decisions (lead_source_pk, driver_id, verdict, decided_by, why, evidence)
values (%(lead)s, %(driver)s, %(verdict)s, %(by)s, %(why)s, %(evidence)s::jsonb)
returning decision_id

-- name: evidence
-- What was known when the decision was taken: levels and points, no name, no phone, no plate.
select jsonb_build_object(
    'phone', pairs.phone_level, 'plate', pairs.plate_level, 'name', pairs.name_level, 'parts_same', pairs.parts_same,
    'parts_near', pairs.parts_near, 'hired_after_days', pairs.hired_after_days, 'score', pairs.score
)
from ops_intermediate.int_identity__pairs as pairs
inner join ops_intermediate.int_identity__leads as leads on leads.lead_id = pairs.lead_id
where leads.lead_source_pk = %(lead)s and pairs.driver_id = %(driver)s

-- name: has_pairs
select to_regclass('ops_intermediate.int_identity__pairs') is not null

-- name: remove_lead_link
delete from canon.identity_links
where source_table = 'module_ct_cabinet_leads' and source_pk = %(lead)s
returning jsonb_build_object('person_key', person_key, 'match_rule', match_rule, 'match_score', match_score, 'linked_at', linked_at)

-- name: remove_driver_link
delete from canon.identity_links
where source_table = 'drivers' and source_pk = %(driver)s and person_key = %(person)s::uuid
returning jsonb_build_object('person_key', person_key, 'match_rule', match_rule, 'match_score', match_score, 'linked_at', linked_at)

-- name: reopen
update canon.identity_unmatched
set status = 'OPEN', resolved_at = null
where source_table = 'module_ct_cabinet_leads' and source_pk = %(lead)s and status <> 'OPEN'

-- name: labels
-- The private labelled set: what people decided, with what was known of the pair.
select
    decisions.lead_source_pk,
    decisions.driver_id,
    decisions.verdict,
    decisions.decided_by,
    decisions.why,
    cast(decisions.decided_at as text) as decided_at,
    decisions.evidence ->> 'phone' as phone,
    decisions.evidence ->> 'plate' as plate,
    decisions.evidence ->> 'name' as name,
    decisions.evidence ->> 'parts_same' as parts_same,
    decisions.evidence ->> 'parts_near' as parts_near,
    decisions.evidence ->> 'hired_after_days' as hired_after_days,
    decisions.evidence ->> 'score' as score
from canon.identity_decisions as decisions
order by decisions.decision_id
