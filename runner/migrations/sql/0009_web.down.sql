-- Takes the grants back. The role stays: it belongs to the whole server, and another database may need it.
do $$
begin
    if to_regrole('cabinet14d_web') is not null then
        alter default privileges in schema ops revoke select on tables from cabinet14d_web;
        revoke select on all tables in schema ops from cabinet14d_web;
        revoke usage on schema ops from cabinet14d_web;
    end if;
end
$$;
drop function if exists ops.let_web_read();
