-- Every change of a claim row, by anyone or anything, in a history that can only grow; and which payment settled which claim.

-- One row per change: what the row was and is. The images rebuild the claims table exactly.
create table if not exists canon.claim_events (
    event_id bigint generated always as identity primary key,
    claim_id integer not null,
    kind text not null,
    old_status text,
    new_status text,
    actor text not null,
    reason text,
    run_id bigint,
    happened_at timestamptz not null default clock_timestamp(),
    row_after jsonb,
    constraint claim_events_kind_known check (kind in ('FOUND', 'BORN', 'CHANGED', 'GONE'))
);
create index if not exists claim_events_claim_id_idx on canon.claim_events (claim_id, event_id);
comment on table canon.claim_events is
'One row per change of a claim row by anyone or anything; append only. row_after is the row as the change left it, null when it is gone.';

-- Which payment settles which claim, as the last `reconcile payments` wrote it down; the history is in claim_events.
create table if not exists canon.claim_settlements (
    claim_id integer primary key,
    payment_id integer not null,
    milestone integer not null,
    amount numeric(12, 2) not null,
    pay_date date not null,
    found_by text not null,
    run_id bigint,
    recorded_at timestamptz not null default now(),
    constraint claim_settlements_payment_settles_one unique (payment_id, milestone)
);
comment on table canon.claim_settlements is
'One row per claim that a payment settles, as recorded; written by reconcile payments, which moves the claim with it.';

-- Who is at work: the name of a manual act, the old system's rows coming in, or the program that is connected.
create function canon.act_of_whom()
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select coalesce(
        nullif(btrim(current_setting('cabinet14d.manual_act', true)), ''),
        nullif('adopting ' || nullif(btrim(current_setting('cabinet14d.adopting', true)), ''), 'adopting '),
        nullif(btrim(current_setting('application_name', true)), ''),
        session_user::text
    )
$$;

create function canon.record_claim()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    told text := nullif(current_setting('cabinet14d.run_id', true), '');
begin
    if tg_op = 'INSERT' then
        insert into canon.claim_events (claim_id, kind, new_status, actor, reason, run_id, row_after)
        values (new.claim_id, 'BORN', new.status::text, canon.act_of_whom(), new.reason, told::bigint, to_jsonb(new));
    elsif tg_op = 'DELETE' then
        insert into canon.claim_events (claim_id, kind, old_status, actor, run_id)
        values (old.claim_id, 'GONE', old.status::text, canon.act_of_whom(), told::bigint);
    elsif new *<> old then
        insert into canon.claim_events (claim_id, kind, old_status, new_status, actor, reason, run_id, row_after)
        values (
            new.claim_id, 'CHANGED', old.status::text, new.status::text, canon.act_of_whom(), new.reason, told::bigint, to_jsonb(new)
        );
    end if;
    return null;
end
$$;

-- What the history does not know yet, because nobody kept it: rows that were there before it, or changed while it was taken away.
create function canon.catch_up_claim_events()
returns void
language sql
set search_path = pg_catalog, pg_temp
as $$
    with known as (
        select distinct on (e.claim_id) e.claim_id, e.new_status, e.row_after
        from canon.claim_events as e
        order by e.claim_id, e.event_id desc
    ),
    missed as (
        select
            coalesce(c.claim_id, known.claim_id) as claim_id,
            known.new_status as old_status,
            c.status::text as new_status,
            c.reason,
            case when c.claim_id is not null then to_jsonb(c) end as row_after
        from canon.claims_yango_cabinet_14d as c
        full join known on known.claim_id = c.claim_id
        where to_jsonb(c) is distinct from known.row_after
    )
    insert into canon.claim_events (claim_id, kind, old_status, new_status, actor, reason, row_after)
    select claim_id, case when row_after is null then 'GONE' else 'FOUND' end, old_status, new_status, canon.act_of_whom(), reason, row_after
    from missed
    order by claim_id
$$;

create function canon.record_claims_truncated()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    perform canon.catch_up_claim_events();
    return null;
end
$$;

create function canon.keep_claim_events()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    raise exception 'The history of claims only grows.' using
        errcode = 'check_violation', schema = tg_table_schema, table = tg_table_name,
        constraint = 'claim_events_only_grow', hint = 'A wrong act is answered by another act, never by taking it out.';
end
$$;

create trigger claims_record after insert or update or delete on canon.claims_yango_cabinet_14d
for each row execute function canon.record_claim();
create trigger claims_record_truncate after truncate on canon.claims_yango_cabinet_14d
for each statement execute function canon.record_claims_truncated();
create trigger claim_events_kept before update or delete on canon.claim_events
for each row execute function canon.keep_claim_events();
create trigger claim_events_kept_all before truncate on canon.claim_events
for each statement execute function canon.keep_claim_events();

-- Always: a session that switches triggers off (session_replication_role) is a writer too.
alter table canon.claims_yango_cabinet_14d enable always trigger claims_record;
alter table canon.claims_yango_cabinet_14d enable always trigger claims_record_truncate;

select canon.catch_up_claim_events();
