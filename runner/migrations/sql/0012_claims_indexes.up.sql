-- Every claim that is raised pays for each index. Nothing of the product looks for claims by status or by date alone (the states do, and have
-- their own), so the two that 0002 made for that go; those of an adopted table are its owner's, bear other names and stay. The history needs
-- one key, not two: it is read claim by claim, in the order of events. The few claims that wait as `expected` are looked for every night.

drop index if exists canon.claims_status_idx;
drop index if exists canon.claims_lead_date_idx;
create index claims_expected_idx on canon.claims_yango_cabinet_14d (claim_id) where status = 'expected';

alter table canon.claim_events drop constraint claim_events_pkey;
drop index canon.claim_events_claim_id_idx;
alter table canon.claim_events add constraint claim_events_pkey primary key (claim_id, event_id);
