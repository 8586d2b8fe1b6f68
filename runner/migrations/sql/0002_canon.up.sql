-- Write-back tables (domain, section 3). A table of the original is left as it is, with its own enum types, indexes and
-- foreign key to its own run log. What old rows may break is not written here but in 0002_canon_rules, for both alike.
do $$
begin
    if to_regclass('canon.identity_registry') is null or to_regclass('canon.identity_links') is null then
        if to_regtype('canon.confidencelevel') is null then
            create type canon.confidencelevel as enum ('HIGH', 'MEDIUM', 'LOW');
        end if;
    end if;

    if to_regclass('canon.identity_registry') is null then
        create table canon.identity_registry (
            person_key uuid primary key,
            created_at timestamptz not null default now(),
            updated_at timestamptz not null default now(),
            confidence_level canon.confidencelevel not null,
            primary_phone varchar,
            primary_document varchar,
            primary_license varchar,
            primary_full_name varchar,
            flags jsonb
        );
    end if;

    if to_regclass('canon.identity_links') is null then
        create table canon.identity_links (
            id serial primary key,
            person_key uuid not null,
            source_table varchar not null,
            source_pk varchar not null,
            snapshot_date timestamptz not null,
            match_rule varchar not null,
            match_score integer not null,
            confidence_level canon.confidencelevel not null,
            evidence jsonb,
            linked_at timestamptz not null default now(),
            run_id integer
        );
        create index identity_links_run_id_idx on canon.identity_links (run_id);
        create index identity_links_person_key_idx on canon.identity_links (person_key);
    end if;

    if to_regclass('canon.identity_unmatched') is null then
        if to_regtype('canon.unmatchedstatus') is null then
            create type canon.unmatchedstatus as enum ('OPEN', 'RESOLVED', 'IGNORED');
        end if;
        create table canon.identity_unmatched (
            id serial primary key,
            source_table varchar not null,
            source_pk varchar not null,
            snapshot_date timestamptz not null,
            reason_code varchar not null,
            details jsonb,
            candidates_preview jsonb,
            status canon.unmatchedstatus not null default 'OPEN',
            created_at timestamptz not null,
            resolved_at timestamptz,
            run_id integer
        );
    end if;

    if to_regclass('canon.claims_yango_cabinet_14d') is null then
        if to_regtype('canon.claimstatus') is null then
            create type canon.claimstatus as enum ('expected', 'generated', 'paid', 'rejected', 'expired');
        end if;
        create table canon.claims_yango_cabinet_14d (
            claim_id serial primary key,
            person_key uuid,
            driver_id varchar,
            lead_source_pk varchar not null,
            lead_date date not null,
            milestone integer not null,
            amount_expected numeric(12, 2) not null,
            status canon.claimstatus not null default 'expected',
            expected_at timestamptz,
            generated_at timestamptz,
            paid_at timestamptz,
            reason varchar,
            created_at timestamptz not null default now(),
            updated_at timestamptz not null default now()
        );
        create index claims_driver_id_milestone_idx on canon.claims_yango_cabinet_14d (driver_id, milestone);
        create index claims_lead_source_pk_milestone_idx
        on canon.claims_yango_cabinet_14d (lead_source_pk, milestone);
        create index claims_status_idx on canon.claims_yango_cabinet_14d (status);
        create index claims_lead_date_idx on canon.claims_yango_cabinet_14d (lead_date);
    end if;
end
$$;
