-- Takes the run log away, and with it the tables of models: what they remember is told in run numbers, which begin again at 1 after a new
-- upgrade. All of it but the history of states is built again from the raw tables.
do $$
declare
    found record;
begin
    for found in
        select schemaname, tablename from pg_tables where schemaname = 'ops_intermediate' and tablename like 'int\_%'
    loop
        execute format('drop table %I.%I cascade', found.schemaname, found.tablename);
    end loop;
end
$$;
drop function ops.publish_run(bigint);
drop function ops.join_build(text);
drop function ops.join_run(bigint, text);
drop function ops.open_dbt_run(text, date);
drop function ops.begin_build(bigint);
drop function ops.undo_unpublished();
drop view ops.current_run cascade;
drop table ops.versioned_relations;
drop table ops.run_steps;
drop table ops.runs cascade;
