-- The guard and the history as they were (0002, 0010).

drop trigger claims_guard_new on canon.claims_yango_cabinet_14d;
create trigger claims_guard_new before insert on canon.claims_yango_cabinet_14d
for each row execute function canon.guard_new_claim();

create or replace function canon.record_new_claims() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    told text := nullif(current_setting('cabinet14d.run_id', true), '');
    actor text := canon.act_of_whom();
begin
    insert into canon.claim_events (claim_id, kind, new_status, actor, reason, run_id, row_after)
    select r.claim_id, 'BORN', r.status::text, actor, r.reason, told::bigint, to_jsonb(r)
    from new_rows as r
    order by r.claim_id;
    return null;
end
$$;
