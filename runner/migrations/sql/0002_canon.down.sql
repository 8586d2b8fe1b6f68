-- Takes the rules and guards away. The tables stay, with their keys: they hold persons and claims, and a step back loses none.
drop trigger if exists claims_keep_all on canon.claims_yango_cabinet_14d;
drop trigger if exists claims_keep on canon.claims_yango_cabinet_14d;
drop trigger if exists claims_guard_new on canon.claims_yango_cabinet_14d;
drop trigger if exists claims_2_guard on canon.claims_yango_cabinet_14d;
drop trigger if exists claims_1_touch on canon.claims_yango_cabinet_14d;
drop trigger if exists identity_registry_touch on canon.identity_registry;
drop function canon.keep_claims();
drop function canon.guard_claim();
drop function canon.guard_new_claim();
drop function canon.is_named_act(text);
drop function canon.touch_updated_at();

alter table canon.claims_yango_cabinet_14d
drop constraint if exists claims_person_key_required,
drop constraint if exists claims_lead_source_pk_present,
drop constraint if exists claims_milestone_known,
drop constraint if exists claims_amount_positive,
drop constraint if exists claims_status_known,
drop constraint if exists claims_paid_at_when_paid;

drop function canon.adopt();
drop function canon.prove_adoption_rule(canon.adoption_rules);
drop function canon.list_offenders(canon.adoption_rules);
drop function canon.adoption_rule_state(canon.adoption_rules);
drop view canon.adoption_rules;
drop table ops.adoption_findings;
