-- What people decide about identities, and what matching needs beside the tables of the original.
-- Edit distance comes from fuzzystrmatch, a trusted extension: the database's owner may create it. It may live in any schema.
do $$
declare
    home text;
begin
    begin
        create extension if not exists fuzzystrmatch schema public;
    exception when others then
        raise exception 'the extension fuzzystrmatch can not be created: %', sqlerrm
        using hint = 'Have a superuser run: create extension fuzzystrmatch;', errcode = 'feature_not_supported';
    end;
    select n.nspname into home
    from pg_extension as e
    inner join pg_namespace as n on n.oid = e.extnamespace
    where e.extname = 'fuzzystrmatch';
    execute format(
        'create or replace function canon.edit_distance(a text, b text, most integer) returns integer '
        'language sql immutable strict parallel safe return %I.levenshtein_less_equal(a, b, most)', home
    );
end
$$;
comment on function canon.edit_distance(text, text, integer)
is 'Letters to insert, delete or change to make one text the other; more than `most` is told as more.';

create table if not exists canon.identity_decisions (
    decision_id bigint generated always as identity primary key,
    decided_at timestamptz not null default now(),
    lead_source_pk text not null,
    driver_id text,
    verdict text not null,
    decided_by text not null,
    why text not null,
    evidence jsonb,
    constraint identity_decisions_verdict_known check (verdict in ('ACCEPT', 'REJECT', 'IGNORE', 'UNLINK')),
    constraint identity_decisions_name_a_driver check (verdict not in ('ACCEPT', 'REJECT') or driver_id is not null),
    constraint identity_decisions_say_who check (btrim(decided_by) <> '' and btrim(why) <> '')
);
create index if not exists identity_decisions_lead_idx on canon.identity_decisions (lead_source_pk);
comment on table canon.identity_decisions
is 'One row per decision of a person about a lead; never changed, read before the rules. The latest about a lead and driver stands.';

create function canon.refuse_change() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    raise exception '% of % is not allowed: decisions are kept for ever', tg_op, tg_table_name using errcode = 'integrity_constraint_violation';
end
$$;
create trigger identity_decisions_kept before update or delete on canon.identity_decisions
for each row execute function canon.refuse_change();
