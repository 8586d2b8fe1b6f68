-- The indexes as they were (0002, 0007); those of claims only on a table that 0002 made.

alter table canon.claim_events drop constraint claim_events_pkey;
alter table canon.claim_events add constraint claim_events_pkey primary key (event_id);
create index claim_events_claim_id_idx on canon.claim_events (claim_id, event_id);

drop index canon.claims_expected_idx;

do $$
begin
    if to_regclass('canon.claims_driver_id_milestone_idx') is not null then
        create index claims_status_idx on canon.claims_yango_cabinet_14d (status);
        create index claims_lead_date_idx on canon.claims_yango_cabinet_14d (lead_date);
    end if;
end
$$;
