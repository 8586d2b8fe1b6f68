-- Forgets what was told, muted and checked; metrics stay with the models.
drop view ops.day_runs cascade;
drop view ops.channel_health cascade;
drop view ops.job_health cascade;
drop view ops.job_runs cascade;
drop table ops.source_checks;
drop table ops.run_nodes;
drop table ops.alert_deliveries cascade;
drop table ops.alert_events cascade;
drop table ops.alert_mutes cascade;
