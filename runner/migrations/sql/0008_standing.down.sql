drop function ops.relations_digest();
drop table ops.standing_project;
