-- What may happen to a claim (D-4, R22), kept by the database so that no job, script or hand can step past it.
-- A person's act beyond what jobs may do: `set local cabinet14d.manual_act = '<who and what>'`, and a reason on the row.
-- Rows copied in from another database: `set local cabinet14d.adopting = '<from where>'`.

-- updated_at moves when something else moved, and only then, whoever writes.
create function canon.touch_updated_at()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    new.updated_at := old.updated_at;
    -- Compared byte by byte: `is distinct from` fails on a column type that has no equality (json).
    if new *<> old then
        new.updated_at := now();
    end if;
    return new;
end
$$;

create function canon.is_named_act(reason text)
returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select
        btrim(coalesce(current_setting('cabinet14d.manual_act', true), '')) <> ''
        and btrim(coalesce(reason, ''), E' \t\r\n') <> ''
$$;

create function canon.guard_new_claim()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if new.status::text in ('expected', 'generated')
        or canon.is_named_act(new.reason)
        or btrim(coalesce(current_setting('cabinet14d.adopting', true), '')) <> ''
    then
        return new;
    end if;
    raise exception 'A claim is not born %.', new.status using
        errcode = 'check_violation', schema = tg_table_schema, table = tg_table_name,
        constraint = 'claims_are_born_expected_or_generated',
        hint = 'Insert it as generated; another status takes a named act (cabinet14d.manual_act) and a reason.';
end
$$;

create function canon.guard_claim()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    named_act boolean := canon.is_named_act(new.reason);
    step text := format('%s to %s', old.status, new.status);
begin
    if new *= old then
        return new;
    end if;

    -- The key and the money of a claim stand; only a value that breaks a rule may be mended.
    if new.claim_id <> old.claim_id
        or new.lead_date <> old.lead_date
        or (new.person_key is distinct from old.person_key and (old.person_key is not null or not named_act))
        or (new.milestone <> old.milestone and (old.milestone in (1, 5, 25) or not named_act))
        or (new.amount_expected <> old.amount_expected and (old.amount_expected > 0 or not named_act))
    then
        raise exception 'Person, date, milestone and amount of claim % stand.', old.claim_id using
            errcode = 'check_violation', schema = tg_table_schema, table = tg_table_name,
            constraint = 'claims_key_stands',
            hint = 'A missing or impossible value is mended by a named act (cabinet14d.manual_act) with a reason.';
    end if;

    -- paid, rejected and expired are final for every job, the whole row with them (R22).
    if new.status = old.status then
        if old.status::text in ('expected', 'generated') or named_act then
            return new;
        end if;
    elsif step in ('expected to generated', 'generated to paid') then
        return new;
    elsif named_act and step in (
        'generated to rejected', 'generated to expired',
        'paid to generated', 'rejected to generated', 'expired to generated'
    ) then
        return new;
    end if;
    raise exception 'Claim % may not go from %.', old.claim_id, step using
        errcode = 'check_violation', schema = tg_table_schema, table = tg_table_name,
        constraint = 'claims_lawful_steps',
        hint = 'Jobs go expected to generated to paid. To reject, expire or reopen takes a named act '
            '(cabinet14d.manual_act) and a reason.';
end
$$;

create function canon.keep_claims()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    raise exception 'A claim is never deleted.' using
        errcode = 'check_violation', schema = tg_table_schema, table = tg_table_name,
        constraint = 'claims_are_kept',
        hint = 'Reject or expire it by a named act (cabinet14d.manual_act) with a reason.';
end
$$;

create trigger identity_registry_touch before update on canon.identity_registry
for each row execute function canon.touch_updated_at();

-- Triggers fire in the order of their names: the guard must see updated_at already settled.
create trigger claims_1_touch before update on canon.claims_yango_cabinet_14d
for each row execute function canon.touch_updated_at();
create trigger claims_2_guard before update on canon.claims_yango_cabinet_14d
for each row execute function canon.guard_claim();
create trigger claims_guard_new before insert on canon.claims_yango_cabinet_14d
for each row execute function canon.guard_new_claim();
create trigger claims_keep before delete on canon.claims_yango_cabinet_14d
for each row execute function canon.keep_claims();
create trigger claims_keep_all before truncate on canon.claims_yango_cabinet_14d
for each statement execute function canon.keep_claims();
