-- Takes the watching away; the functions of 0003 come back as they were.
do $$
declare
    found record;
begin
    for found in
        select t.tgname, t.tgrelid::regclass as relation from pg_trigger as t
        inner join pg_proc as p on p.oid = t.tgfoid
        inner join pg_namespace as n on n.oid = p.pronamespace
        where p.proname = 'note_changes' and n.nspname = 'ops'
    loop
        execute format('drop trigger %I on %s', found.tgname, found.relation);
    end loop;
end
$$;

create or replace function ops.begin_build(p_run bigint) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    perform pg_advisory_xact_lock(14000, 3);
    update ops.runs
    set is_building = false, status = 'ABANDONED', finished_at = clock_timestamp(), error = format('superseded by run %s', p_run)
    where is_building and run_id <> p_run;
    perform ops.undo_unpublished();
    update ops.runs set is_building = true, is_built = false where run_id = p_run and status = 'RUNNING';
    if not found then
        raise exception 'run % is not running and can''t build', p_run;
    end if;
end
$$;

create or replace function ops.publish_run(p_run bigint) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    perform 1 from ops.runs where run_id = p_run and is_building and is_built for update;
    if not found then
        raise exception 'run % is not fully built and tested: it can''t be published', p_run;
    end if;
    update ops.runs set is_live = false where is_live;
    update ops.runs set is_live = true, is_building = false, published_at = clock_timestamp() where run_id = p_run;
end
$$;

drop function if exists ops.seeds_digest();
drop function if exists ops.nothing_changed(bigint, text);
drop function if exists ops.may_build_part(text);
drop function if exists ops.watched_digest();
drop function if exists ops.watched_sources();
drop function if exists ops.watch(text);
drop function if exists ops.sources();
drop function if exists ops.note_changes();
drop table if exists ops.run_marks;
drop table if exists canon.source_changes;

drop trigger if exists claims_record_new on canon.claims_yango_cabinet_14d;
drop function if exists canon.record_new_claims();
drop trigger if exists claims_record on canon.claims_yango_cabinet_14d;
create trigger claims_record after insert or update or delete on canon.claims_yango_cabinet_14d
for each row execute function canon.record_claim();
alter table canon.claims_yango_cabinet_14d enable always trigger claims_record;
