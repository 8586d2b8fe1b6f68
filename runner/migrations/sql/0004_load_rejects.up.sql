-- What `load` left out and which files it has seen, so that a file loaded twice is known and no row is lost in silence.
create table ops.load_rejects (
    reject_id bigint generated always as identity primary key,
    run_id bigint,
    loaded_at timestamptz not null default now(),
    source text not null,
    file_name text not null,
    row_number bigint,
    column_name text,
    value text,
    reason text not null,
    rule text,
    constraint load_rejects_source_known check (source in ('leads', 'trips', 'drivers', 'payments'))
);
create index load_rejects_source_file_name_idx on ops.load_rejects (source, file_name);
comment on table ops.load_rejects is 'One row per row of a file that could not be loaded: where it was, what it held, why.';

create table ops.loaded_files (
    file_id bigint generated always as identity primary key,
    source text not null,
    file_name text not null,
    sha256 text not null,
    rows_total bigint not null default 0,
    rows_new bigint not null default 0,
    rows_changed bigint not null default 0,
    rows_unchanged bigint not null default 0,
    rows_rejected bigint not null default 0,
    run_id bigint,
    loaded_at timestamptz not null default now(),
    constraint loaded_files_source_known check (source in ('leads', 'trips', 'drivers', 'payments')),
    constraint loaded_files_once unique (source, sha256)
);
comment on table ops.loaded_files is 'One row per file and source that was loaded, known by its content.';
