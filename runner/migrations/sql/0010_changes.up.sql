-- What changed at the sources since the live run: told by the tables themselves, statement by statement, in the transaction of the change.
-- A night then reads what changed and not the history. Whoever can't be watched (a table of others, a view, a replica) is compared whole.

create table canon.source_changes (
    source text not null,
    key_1 text,
    key_2 text,
    key_3 text,
    changed_by xid8 not null default pg_current_xact_id()
);
comment on table canon.source_changes is
'One row per changed key of a source that no published run has read yet. A row without keys: everything may have changed.';
comment on column canon.source_changes.source is 'Which source: leads, trips, drivers, payments, links, claims, decisions or unmatched.';
comment on column canon.source_changes.key_1 is 'leads: id. trips, drivers: driver_id. links, unmatched: source_table. Others: the row''s id.';
comment on column canon.source_changes.key_2 is 'leads: external_id. trips: date_file. links, unmatched: source_pk. claims, decisions: lead_source_pk.';
comment on column canon.source_changes.key_3 is 'links, claims: person_key. decisions: driver_id.';
comment on column canon.source_changes.changed_by is 'The transaction that changed it: whether a run could see it is asked of the run''s snapshot.';

-- What a run saw when it began, what it wrote itself and built again afterwards, by which project, and who was watched then.
create table ops.run_marks (
    run_id bigint primary key references ops.runs (run_id) on delete cascade,
    seen_snapshot pg_snapshot not null,
    own_changes xid8[] not null default '{}',
    project text,
    watched text not null
);
comment on table ops.run_marks is 'One row per run that builds: what the next build must know to go on from it.';
comment on column ops.run_marks.run_id is 'The run.';
comment on column ops.run_marks.seen_snapshot is
'What was committed when the build began: changes that it could see are done with once it is published.';
comment on column ops.run_marks.own_changes is 'Transactions of the run''s own write-backs, whose changes it has built already.';
comment on column ops.run_marks.project is 'Hash of the project that built it; null for plain dbt. Only the same project may go on from it.';
comment on column ops.run_marks.watched is 'Which sources were watched, and that nobody touched their triggers, when the build began.';

-- Above this many changed rows of one statement the keys are not kept: reading everything is cheaper.
create function ops.note_changes() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    changed text := case tg_op
        when 'INSERT' then 'select * from new_rows'
        when 'DELETE' then 'select * from old_rows'
        else 'select * from new_rows union all select * from old_rows'
    end;
    rows_changed bigint := 1000001;
begin
    if tg_op <> 'TRUNCATE' then
        execute format('select count(*) from (%s) as r', changed) into rows_changed;
    end if;
    if rows_changed > 1000000 then
        insert into canon.source_changes (source) values (tg_argv[0]);
    elsif rows_changed > 0 then
        execute format(
            'insert into canon.source_changes (source, key_1, key_2, key_3) select distinct %L, %s from (%s) as r',
            tg_argv[0], tg_argv[1], changed
        );
    end if;
    return null;
end
$$;

-- The sources, their tables, and what a change of a row tells.
create function ops.sources() returns table (source text, relation text, keys text)
language sql immutable
set search_path = pg_catalog
as $$
    values
        ('leads', 'public.module_ct_cabinet_leads', 'r.id::text, r.external_id::text, null'),
        ('trips', 'public.summary_daily', 'r.driver_id::text, r.date_file::text, null'),
        ('drivers', 'public.drivers', 'r.driver_id::text, null, null'),
        ('payments', 'public.module_ct_cabinet_payments', 'r.id::text, null, null'),
        ('links', 'canon.identity_links', 'r.source_table::text, r.source_pk::text, r.person_key::text'),
        ('claims', 'canon.claims_yango_cabinet_14d', 'r.claim_id::text, r.lead_source_pk::text, r.person_key::text'),
        ('decisions', 'canon.identity_decisions', 'r.decision_id::text, r.lead_source_pk::text, r.driver_id::text'),
        ('unmatched', 'canon.identity_unmatched', 'r.source_table::text, r.source_pk::text, null')
$$;

-- Begin to watch a source. Also for a session that switches triggers off: it is a writer too.
create function ops.watch(p_source text) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    asked record;
    kind record;
begin
    select s.relation::regclass as relation, s.source, s.keys into strict asked from ops.sources() as s where s.source = p_source;
    for kind in
        select * from (values
            ('insert', 'referencing new table as new_rows'), ('update', 'referencing old table as old_rows new table as new_rows'),
            ('delete', 'referencing old table as old_rows'), ('truncate', '')
        ) as kinds (verb, tables)
    loop
        execute format('drop trigger if exists cabinet14d_changes_%s on %s', kind.verb, asked.relation);
        execute format(
            'create trigger cabinet14d_changes_%s after %s on %s %s for each statement execute function ops.note_changes(%L, %L)',
            kind.verb, kind.verb, asked.relation, kind.tables, asked.source, asked.keys
        );
        execute format('alter table %s enable always trigger cabinet14d_changes_%s', asked.relation, kind.verb);
    end loop;
end
$$;

-- Sources that are watched: all four triggers stand and always fire, on a plain table that nothing else writes into from the side (statement
-- triggers see neither the rows that a subscription applies nor those that go straight into a part of it).
create function ops.watched_sources() returns table (source text, marks text)
language sql stable
set search_path = pg_catalog
as $$
    select s.source, string_agg(format('%s %s %s', t.oid, t.xmin, p.xmin), ',' order by t.tgname)
    from ops.sources() as s
    inner join pg_class as c on c.oid = to_regclass(s.relation)
    inner join pg_trigger as t on t.tgrelid = c.oid
    inner join pg_proc as p on p.oid = t.tgfoid
    where c.relkind = 'r' and t.tgname like 'cabinet14d\_changes\_%' and t.tgenabled = 'A' and p.proname = 'note_changes'
        and not exists (select 1 from pg_inherits as i where c.oid in (i.inhrelid, i.inhparent))
        and not exists (select 1 from pg_subscription_rel as r where r.srrelid = c.oid)
    group by s.source
    having count(*) = 4
$$;

create function ops.watched_digest() returns text
language sql stable
set search_path = pg_catalog
as $$
    select md5(coalesce(string_agg(w.source || ' ' || w.marks, ';' order by w.source), '')) from ops.watched_sources() as w
$$;

-- Changes with any row of a seed: a build that leaves seeds alone must know that nobody changed a price by hand.
create function ops.seeds_digest() returns text
language plpgsql stable
set search_path = pg_catalog
as $$
declare
    seed text;
    part text;
    digest text := '';
begin
    foreach seed in array array['alert_rules', 'catalogue', 'identity_name_weights', 'identity_nicknames', 'identity_points', 'milestones'] loop
        if to_regclass('ops_intermediate.' || seed) is not null then
            execute format('select md5(coalesce(string_agg(t::text, chr(10) order by t::text), %L)) from ops_intermediate.%I as t', '', seed)
            into part;
            digest := md5(digest || seed || part);
        end if;
    end loop;
    return digest;
end
$$;

-- Whether a build may look at what changed only: it goes on from a run that this very project built, nobody stopped watching since, no later
-- build may have made tables anew and died, links and claims and what people decided are watched, and no source but the trips says that
-- everything may have changed.
create function ops.may_build_part(p_project text) returns boolean
language sql stable
set search_path = pg_catalog
as $$
    select
        exists (
            select 1 from ops.runs as live
            inner join ops.run_marks as marks on marks.run_id = live.run_id
            where live.is_live and marks.project = p_project and marks.watched = ops.watched_digest()
                and not exists (
                    select 1 from ops.runs as later
                    inner join ops.run_marks as begun on begun.run_id = later.run_id
                    where later.run_id > live.run_id
                        and (
                            later.command = 'dbt' or later.version is distinct from live.version
                            or coalesce((later.arguments ->> 'full_refresh')::boolean, false)
                        )
                )
        )
        and (select count(*) from ops.watched_sources() as w where w.source in ('links', 'claims', 'decisions', 'unmatched')) = 4
        and not exists (select 1 from canon.source_changes as c where c.key_1 is null and c.key_2 is null and c.source <> 'trips')
$$;

-- Whether a build would find nothing to do: it may be partial, all sources are watched and told nothing, no file came in, no as-of date moved.
create function ops.nothing_changed(p_run bigint, p_project text) returns boolean
language sql stable
set search_path = pg_catalog
as $$
    select
        ops.may_build_part(p_project)
        and not exists (select 1 from canon.source_changes)
        and not exists (select 1 from ops.sources() as s where s.source not in (select w.source from ops.watched_sources() as w))
        and exists (
            select 1 from ops.runs as live
            inner join ops.runs as this on this.run_id = p_run and this.as_of_date = live.as_of_date
            where live.is_live and not exists (
                select 1 from ops.runs as other
                where other.command like 'load%' and coalesce(other.finished_at, clock_timestamp()) > live.started_at
            )
        )
$$;

-- As before (0003), and: what could be seen at the beginning is written down.
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
    insert into ops.run_marks (run_id, seen_snapshot, watched) values (p_run, pg_current_snapshot(), ops.watched_digest())
    on conflict (run_id) do update set seen_snapshot = excluded.seen_snapshot, watched = excluded.watched, own_changes = '{}', project = null;
    analyze canon.source_changes;
end
$$;

-- As before (0003), and: changes that the run has read are done with. What came in while it was at work is the next one's.
create or replace function ops.publish_run(p_run bigint) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    marks ops.run_marks;
begin
    perform 1 from ops.runs where run_id = p_run and is_building and is_built for update;
    if not found then
        raise exception 'run % is not fully built and tested: it can''t be published', p_run;
    end if;
    update ops.runs set is_live = false where is_live;
    update ops.runs set is_live = true, is_building = false, published_at = clock_timestamp() where run_id = p_run;
    select * into marks from ops.run_marks where run_id = p_run;
    delete from canon.source_changes
    where pg_visible_in_snapshot(changed_by, marks.seen_snapshot) or changed_by = any(marks.own_changes);
end
$$;

-- Our own tables are watched, raw ones too where 0001 made them. Those of others are left exactly as they are, until their owner says
-- `cabinet14d migrate --watch`.
do $$
declare
    asked record;
begin
    for asked in
        select s.source from ops.sources() as s
        inner join pg_class as c on c.oid = to_regclass(s.relation)
        where c.relkind = 'r' and pg_has_role(c.relowner, 'member')
            and (s.relation like 'canon.%' or obj_description(c.oid, 'pg_class') like 'Made by cabinet14d%')
    loop
        perform ops.watch(asked.source);
    end loop;
end
$$;

-- The history of claims writes the births of a statement in one go: a row at a time it cost more than the claims themselves.
create function canon.record_new_claims() returns trigger
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

drop trigger claims_record on canon.claims_yango_cabinet_14d;
create trigger claims_record after update or delete on canon.claims_yango_cabinet_14d
for each row execute function canon.record_claim();
create trigger claims_record_new after insert on canon.claims_yango_cabinet_14d
referencing new table as new_rows for each statement execute function canon.record_new_claims();
alter table canon.claims_yango_cabinet_14d enable always trigger claims_record;
alter table canon.claims_yango_cabinet_14d enable always trigger claims_record_new;
