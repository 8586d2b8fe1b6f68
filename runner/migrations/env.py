"""Alembic's hook: runs revisions on the connection that runner.migrate hands over, or prints them as SQL."""

from alembic import context

from runner.migrations import VERSION_SCHEMA, VERSION_TABLE

context.configure(
    connection=context.config.attributes.get("connection"),
    dialect_name="postgresql",
    version_table=VERSION_TABLE,
    version_table_schema=VERSION_SCHEMA,
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
