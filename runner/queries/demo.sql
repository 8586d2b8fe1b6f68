-- Statements of runner/demo.py: what the earlier system left goes into canon by COPY, not through `load`.

-- name: canon_is_filled
-- The lock keeps a second demo waiting; the setting lets claims be born paid (see canon's guard of claims).
select pg_advisory_xact_lock(14000, 14), set_config('cabinet14d.adopting', 'demo', true);
select
    exists (select 1 from canon.identity_registry)
    or exists (select 1 from canon.identity_links)
    or exists (select 1 from canon.claims_yango_cabinet_14d)

-- name: create
-- Typed like the tables they go to, whose enum types an adopted database may keep in another schema.
create temporary table demo_identity on commit drop as
select
    r.person_key,
    r.created_at as person_created_at,
    r.confidence_level as person_confidence,
    r.primary_phone,
    r.primary_license,
    r.primary_full_name,
    l.source_table,
    l.source_pk,
    l.snapshot_date,
    l.match_rule,
    l.match_score,
    l.confidence_level,
    l.linked_at
from canon.identity_registry as r cross join canon.identity_links as l
with no data;
create temporary table demo_claims on commit drop as
select
    person_key, driver_id, lead_source_pk, lead_date, milestone, amount_expected, status, expected_at, generated_at,
    paid_at, reason, created_at, updated_at
from canon.claims_yango_cabinet_14d
with no data

-- name: copy_identity
copy demo_identity from stdin with (format csv, header true, encoding 'UTF8')

-- name: copy_claims
copy demo_claims from stdin with (format csv, header true, encoding 'UTF8')

-- name: insert_persons
insert into canon.identity_registry
    (person_key, created_at, updated_at, confidence_level, primary_phone, primary_license, primary_full_name)
select distinct on (person_key)
    person_key, person_created_at, person_created_at, person_confidence, primary_phone, primary_license,
    primary_full_name
from demo_identity
order by person_key

-- name: insert_links
insert into canon.identity_links
    (person_key, source_table, source_pk, snapshot_date, match_rule, match_score, confidence_level, linked_at)
select person_key, source_table, source_pk, snapshot_date, match_rule, match_score, confidence_level, linked_at
from demo_identity
order by linked_at, source_table desc, source_pk

-- name: insert_claims
insert into canon.claims_yango_cabinet_14d
    (person_key, driver_id, lead_source_pk, lead_date, milestone, amount_expected, status, expected_at, generated_at,
    paid_at, reason, created_at, updated_at)
select
    person_key, driver_id, lead_source_pk, lead_date, milestone, amount_expected, status, expected_at, generated_at,
    paid_at, reason, created_at, updated_at
from demo_claims
order by created_at, lead_source_pk, milestone
