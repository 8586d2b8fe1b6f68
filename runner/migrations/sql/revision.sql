-- The revision that the database is at.
select version_num from ops.cabinet14d_alembic_version
