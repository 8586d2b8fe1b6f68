"""The revisions' SQL files: read one, or run one inside a revision (design: SQL in files)."""

from __future__ import annotations

from importlib import resources

# Ours alone: the original keeps its own public.alembic_version, which is never read nor written.
VERSION_SCHEMA, VERSION_TABLE = "ops", "cabinet14d_alembic_version"


def read(name: str) -> str:
    """The text of sql/<name>.sql."""
    return resources.files(__package__).joinpath("sql", f"{name}.sql").read_text(encoding="utf-8")


def run(*names: str) -> None:
    """Execute SQL files in the running revision, or print them; a file of comments is skipped."""
    from alembic import op

    context = op.get_context()
    for name in names:
        text = read(name).strip()
        if context.as_sql:
            context.impl.static_output(text)
        elif _has_statement(text) and context.connection is not None:
            # The driver gets the file as it stands: a colon or a percent sign in it is no parameter.
            context.connection.exec_driver_sql(text, execution_options={"no_parameters": True})


def _has_statement(text: str) -> bool:
    return any(line.strip() and not line.lstrip().startswith("--") for line in text.splitlines())
