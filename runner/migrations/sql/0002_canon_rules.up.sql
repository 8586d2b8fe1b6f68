-- What the rulings ask of canon's rows (D-2, D-4), for new and adopted tables alike. A rule that old rows break is put on
-- the table NOT VALID, so that it holds for every new row; the old rows are kept, listed here, and the rule is proven once
-- they are mended. `migrate` asks again each time.
create table ops.adoption_findings (
    relation text not null,
    rule text not null,
    row_key text not null,
    found_at timestamptz not null default now(),
    still_open boolean not null default true,
    primary key (relation, rule, row_key)
);
comment on table ops.adoption_findings is
'Rows of canon that were there before a rule and break it; row_key is the value of the table''s primary key.';

-- The rules: a check's condition, a foreign key''s column, a unique key's columns.
create view canon.adoption_rules as
select
    rules.relation,
    rules.key_column,
    rules.rule,
    rules.kind,
    rules.body
from (
    values
    ('canon.claims_yango_cabinet_14d', 'claim_id', 'claims_person_key_required', 'check', 'person_key is not null'),
    (
        'canon.claims_yango_cabinet_14d', 'claim_id', 'claims_lead_source_pk_present', 'check',
        'btrim(lead_source_pk, E'' \t\r\n'') <> '''''
    ),
    ('canon.claims_yango_cabinet_14d', 'claim_id', 'claims_milestone_known', 'check', 'milestone in (1, 5, 25)'),
    ('canon.claims_yango_cabinet_14d', 'claim_id', 'claims_amount_positive', 'check', 'amount_expected > 0'),
    (
        'canon.claims_yango_cabinet_14d', 'claim_id', 'claims_status_known', 'check',
        'cast(status as text) in (''expected'', ''generated'', ''paid'', ''rejected'', ''expired'')'
    ),
    (
        'canon.claims_yango_cabinet_14d', 'claim_id', 'claims_paid_at_when_paid', 'check',
        '(status = ''paid'') = (paid_at is not null)'
    ),
    ('canon.claims_yango_cabinet_14d', 'claim_id', 'claims_person_key_registered', 'foreign key', 'person_key'),
    (
        'canon.claims_yango_cabinet_14d', 'claim_id', 'claims_once_per_milestone', 'unique',
        'person_key, lead_date, milestone'
    ),
    ('canon.identity_links', 'id', 'identity_links_person_key_registered', 'foreign key', 'person_key'),
    ('canon.identity_links', 'id', 'identity_links_once_per_source_row', 'unique', 'source_table, source_pk'),
    ('canon.identity_unmatched', 'id', 'identity_unmatched_once_per_source_row', 'unique', 'source_table, source_pk')
) as rules (relation, key_column, rule, kind, body);

-- absent, unproven (put on the table, but old rows were not looked at) or proven. The original's own foreign key or unique
-- index counts, whatever its name.
create function canon.adoption_rule_state(adoption_rule canon.adoption_rules)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    proven boolean;
begin
    if adoption_rule.kind = 'unique' then
        select true into proven
        from pg_index as i
        where
            i.indrelid = to_regclass(adoption_rule.relation)
            and i.indisunique
            and i.indisvalid
            and i.indpred is null
            and i.indexprs is null
            and (
                select array_agg(a.attname::text order by a.attname)
                from pg_attribute as a
                where a.attrelid = i.indrelid and a.attnum = any (i.indkey::int2[])
            ) = (
                select array_agg(name order by name)
                from unnest(string_to_array(adoption_rule.body, ', ')) as name
            )
        limit 1;
    elsif adoption_rule.kind = 'foreign key' then
        select bool_or(c.convalidated) into proven
        from pg_constraint as c
        inner join pg_attribute as a on a.attrelid = c.conrelid and c.conkey = array[a.attnum]
        where
            c.contype = 'f'
            and c.conrelid = to_regclass(adoption_rule.relation)
            and c.confrelid = to_regclass('canon.identity_registry')
            and a.attname = adoption_rule.body
            and (c.convalidated or c.conname = adoption_rule.rule);
    else
        select c.convalidated into proven
        from pg_constraint as c
        where c.conrelid = to_regclass(adoption_rule.relation) and c.conname = adoption_rule.rule;
    end if;

    return case proven when true then 'proven' when false then 'unproven' else 'absent' end;
end
$$;

-- Bring the list of rows that break one rule up to date; says how many there are.
create function canon.list_offenders(adoption_rule canon.adoption_rules)
returns bigint
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    broken text := case adoption_rule.kind
        when 'check' then format('(%s) is false', adoption_rule.body)
        when 'foreign key' then format(
            '%s not in (select person_key from canon.identity_registry)', adoption_rule.body
        )
        else format(
            '(%1$s) in (select %1$s from %2$s group by %1$s having count(*) > 1)',
            adoption_rule.body, adoption_rule.relation
        )
    end;
    offenders bigint;
begin
    execute format(
        $query$
        with broken as (
            select %1$I::text as row_key from %2$s where %3$s
        ),
        opened as (
            insert into ops.adoption_findings as f (relation, rule, row_key)
            select $1, $2, row_key from broken
            on conflict (relation, rule, row_key) do update set still_open = true where not f.still_open
        ),
        closed as (
            update ops.adoption_findings as f set still_open = false
            where
                f.relation = $1 and f.rule = $2 and f.still_open
                and not exists (select 1 from broken where broken.row_key = f.row_key)
        )
        select count(*) from broken
        $query$,
        adoption_rule.key_column, adoption_rule.relation, broken
    ) into offenders using adoption_rule.relation, adoption_rule.rule;
    return offenders;
end
$$;

-- No row breaks the rule: have PostgreSQL say so too, or build the unique index.
create function canon.prove_adoption_rule(adoption_rule canon.adoption_rules)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    execute format(
        case adoption_rule.kind
            when 'unique' then 'create unique index %2$I on %1$s (%3$s)'
            else 'alter table %1$s validate constraint %2$I'
        end,
        adoption_rule.relation, adoption_rule.rule, adoption_rule.body
    );
end
$$;

-- Put every rule in place as far as the rows allow. Safe to repeat; changes no row of canon.
create function canon.adopt()
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    adoption_rule canon.adoption_rules;
    state text;
begin
    for adoption_rule in select * from canon.adoption_rules loop
        state := canon.adoption_rule_state(adoption_rule);
        if state = 'absent' and adoption_rule.kind <> 'unique' then
            execute format(
                case adoption_rule.kind
                    when 'check' then 'alter table %s add constraint %I check (%s) not valid'
                    else 'alter table %s add constraint %I foreign key (%s) '
                        'references canon.identity_registry (person_key) not valid'
                end,
                adoption_rule.relation, adoption_rule.rule, adoption_rule.body
            );
        end if;
        if state = 'proven' then
            update ops.adoption_findings as f set still_open = false
            where f.relation = adoption_rule.relation and f.rule = adoption_rule.rule and f.still_open;
        elsif canon.list_offenders(adoption_rule) = 0 then
            perform canon.prove_adoption_rule(adoption_rule);
        end if;
    end loop;
end
$$;

select canon.adopt();
