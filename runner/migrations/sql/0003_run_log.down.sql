-- Takes the run log away. States without it have no meaning, so the dbt schemas' state tables must be rebuilt after a new upgrade.
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
