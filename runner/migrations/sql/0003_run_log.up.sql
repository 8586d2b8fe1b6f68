-- The run log, the pointer to the live run, and the few functions that begin, fence and publish a run.

create table ops.runs (
    run_id bigint generated always as identity primary key,
    command text not null,
    arguments jsonb not null default '{}',
    as_of_date date,
    status text not null default 'RUNNING',
    exit_code integer,
    error text,
    version text,
    started_by text not null default session_user,
    host text,
    dbt_invocation_id text,
    is_building boolean not null default false,
    is_built boolean not null default false,
    is_live boolean not null default false,
    counters jsonb not null default '{}',
    started_at timestamptz not null default clock_timestamp(),
    finished_at timestamptz,
    published_at timestamptz,
    constraint runs_status_known check (status in ('RUNNING', 'SUCCEEDED', 'FAILED', 'ABANDONED')),
    constraint runs_live_is_published check (not is_live or published_at is not null)
);
comment on table ops.runs is 'One row per command that writes: what it did, how it ended, and which run readers see (is_live).';
comment on column ops.runs.is_live is 'True for the one run whose states every relation in ops shows. Publishing is moving this mark.';
comment on column ops.runs.is_building is 'True for the one run that dbt may write states for.';
comment on column ops.runs.is_built is 'True once every model of the run was built and every blocking test passed.';

-- One pointer, one builder: by construction, not by agreement.
create unique index runs_one_live on ops.runs (is_live) where is_live;
create unique index runs_one_building on ops.runs (is_building) where is_building;
create index runs_running on ops.runs (run_id) where status = 'RUNNING';

create table ops.run_steps (
    run_id bigint not null references ops.runs (run_id),
    step_no integer not null,
    name text not null,
    status text not null default 'RUNNING',
    counters jsonb not null default '{}',
    error text,
    started_at timestamptz not null default clock_timestamp(),
    finished_at timestamptz,
    primary key (run_id, step_no),
    constraint run_steps_status_known check (status in ('RUNNING', 'SUCCEEDED', 'FAILED', 'ABANDONED', 'SKIPPED'))
);
comment on table ops.run_steps is 'One row per step of a run: when it ran, what it counted, how it ended.';

create table ops.versioned_relations (
    schema_name text not null,
    relation_name text not null,
    primary key (schema_name, relation_name)
);
comment on table ops.versioned_relations is 'The state tables (rows with valid_from_run, valid_to_run) that a new run must clear of unpublished rows.';

-- What a model may ask of the run it is built in; between runs, of the live one.
create view ops.current_run as
select r.run_id, r.as_of_date, r.is_building
from ops.runs as r
where r.is_building
union all
select r.run_id, r.as_of_date, r.is_building
from ops.runs as r
where r.is_live and not exists (select 1 from ops.runs as b where b.is_building);

-- Advisory locks, first key 14000: 1 the chain (held by the runner for a whole run), 2 migrations, 3 the build fence, 10 and up loads.
-- First key 14001: second key is the run, held while its command lives.

-- Remove what unpublished runs left, so that the open rows of every state table are exactly the live ones.
create function ops.undo_unpublished() returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    live bigint := coalesce((select r.run_id from ops.runs as r where r.is_live), 0);
    relation record;
begin
    for relation in select v.schema_name, v.relation_name from ops.versioned_relations as v order by 1, 2 loop
        if to_regclass(format('%I.%I', relation.schema_name, relation.relation_name)) is null then
            continue;
        end if;
        execute format('delete from %I.%I where valid_from_run > $1', relation.schema_name, relation.relation_name) using live;
        execute format(
            'update %I.%I set valid_to_run = 9223372036854775807 where valid_to_run > $1 and valid_to_run < 9223372036854775807',
            relation.schema_name, relation.relation_name
        ) using live;
    end loop;
end
$$;

-- Make p_run the one builder. Waits for the model that a superseded build is writing; that build fails at its next model.
create function ops.begin_build(p_run bigint) returns void
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

-- Plain `dbt build`: open a run of its own, unless the runner is at work.
create function ops.open_dbt_run(p_invocation text, p_as_of date) returns bigint
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    run bigint;
begin
    if not pg_try_advisory_xact_lock(14000, 1) then
        raise exception 'another cabinet14d run is at work (%)', coalesce(
            (select format('run %s, %s, since %s', r.run_id, r.command, r.started_at) from ops.runs as r where r.status = 'RUNNING' order by r.run_id desc limit 1),
            'not yet in the run log'
        );
    end if;
    insert into ops.runs (command, as_of_date, dbt_invocation_id) values ('dbt', p_as_of, p_invocation) returning run_id into run;
    perform ops.begin_build(run);
    return run;
end
$$;

-- A dbt invocation started by the runner writes for the runner's run.
create function ops.join_run(p_run bigint, p_invocation text) returns bigint
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    update ops.runs set dbt_invocation_id = p_invocation where run_id = p_run and is_building and status = 'RUNNING';
    if not found then
        raise exception 'run % is not the one that builds', p_run;
    end if;
    return p_run;
end
$$;

-- First statement of every model's transaction: only the current builder may write, and a new builder waits for this transaction.
create function ops.join_build(p_invocation text) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    perform pg_advisory_xact_lock_shared(14000, 3);
    -- The row lock keeps the run the builder until this transaction ends: nobody can close it under the model's hands.
    perform 1 from ops.runs where is_building and dbt_invocation_id = p_invocation for share;
    if not found then
        raise exception 'another build took over: nothing more is written by this one';
    end if;
end
$$;

-- Move the live mark, in one transaction. Readers see all of the old run before it and all of the new one after it.
create function ops.publish_run(p_run bigint) returns void
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
