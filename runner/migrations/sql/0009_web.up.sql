-- The role under which API and page read: it sees the schema ops, and nothing of what is behind it.

-- Roles belong to the whole server, so it may be there already, or may have to be made by somebody else: `migrate` asks each time.
-- Says in a sentence what could not be done; null when all is well.
create function ops.let_web_read() returns text
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if to_regrole('cabinet14d_web') is null then
        begin
            create role cabinet14d_web nologin;
        exception
            when duplicate_object or unique_violation then null; -- another database of this server was quicker
            when insufficient_privilege then
                return 'The role cabinet14d_web does not exist and this user may not create it.';
        end;
    end if;
    if not (select rolsuper from pg_roles where rolname = current_user) then
        begin
            execute format('grant cabinet14d_web to %I', current_user);
        exception when insufficient_privilege then
            if not pg_has_role(current_user, 'cabinet14d_web', 'member') then
                return 'This user may not become the role cabinet14d_web.';
            end if;
        end;
    end if;
    begin
        grant usage on schema ops to cabinet14d_web;
        grant select on all tables in schema ops to cabinet14d_web;
        -- Relations that a build makes later are readable from the moment they exist.
        alter default privileges in schema ops grant select on tables to cabinet14d_web;
    exception when insufficient_privilege then
        return 'This user may not let the role cabinet14d_web read the schema ops.';
    end;
    return null;
end
$$;

select ops.let_web_read();
