-- What raising claims is compared with.

-- name: empty_claims
-- Only ever in a copy of the database that is dropped afterwards: the guards are put aside and come back as they were.
do $$
declare
    kept record;
begin
    create temporary table guards on commit drop as
    select tgrelid::regclass::text as relation, tgname as guard, case tgenabled when 'A' then 'enable always' else 'enable' end as again
    from pg_trigger
    where tgrelid in (
        'canon.claims_yango_cabinet_14d'::regclass, 'canon.claim_events'::regclass, 'canon.claim_settlements'::regclass
    ) and not tgisinternal and tgenabled <> 'D';
    for kept in select * from guards loop
        execute format('alter table %s disable trigger %I', kept.relation, kept.guard);
    end loop;
    truncate canon.claims_yango_cabinet_14d, canon.claim_events, canon.claim_settlements;
    for kept in select * from guards loop
        execute format('alter table %s %s trigger %I', kept.relation, kept.again, kept.guard);
    end loop;
end
$$

-- name: bare_table
-- Same columns, defaults, check constraints, indexes and foreign key; no triggers, so no history and no guards.
drop schema if exists scale_claims cascade;
create schema scale_claims;
create table scale_claims.claims (like canon.claims_yango_cabinet_14d including all);
alter table scale_claims.claims add foreign key (person_key) references canon.identity_registry (person_key);
create table scale_claims.gap as
select person_key, driver_id, lead_source_pk, lead_date, milestone_value as milestone, expected_amount as amount_expected
from ops.v_cabinet_claims_gap_14d
where conflicting_claim_id is null
order by lead_date, lead_id, milestone_value;
analyze scale_claims.gap

-- name: insert_select
insert into {table} (person_key, driver_id, lead_source_pk, lead_date, milestone, amount_expected, status, expected_at, generated_at)
select person_key, driver_id, lead_source_pk, lead_date, milestone, amount_expected, 'generated', now(), now()
from scale_claims.gap

-- name: is_there
select 1 from scale_claims.claims where person_key = %s and lead_date = %s and milestone = %s

-- name: insert_one
insert into scale_claims.claims (
    person_key, driver_id, lead_source_pk, lead_date, milestone, amount_expected, status, expected_at, generated_at
)
values (%s, %s, %s, %s, %s, %s, 'generated', now(), now())
