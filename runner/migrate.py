"""Migrations: brings a database to the newest revision, adopts the original's, tells what does not fit."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from runner import database
from runner.errors import BadConfiguration, LockHeld, from_database
from runner.migrations import read
from runner.settings import Settings

if TYPE_CHECKING:
    from alembic.config import Config
    from psycopg2.extensions import connection as Connection

# The newest revision, written down so that `pending` need not import alembic. A test holds it to the scripts.
HEAD = "0012_claims_indexes"
LOCK = (14000, 2)

# What a broken rule means until its rows are mended, by kind of rule (canon.adoption_rules).
MEANWHILE = {
    "check": "New rows must keep it, and PostgreSQL refuses an update of such a row that does not mend it.",
    "foreign key": "New rows must keep it.",
    "unique": "Its index can't be built: until then nothing in the database stops another repeat.",
}


@dataclass(frozen=True)
class Finding:
    """Rows that were there before a rule and break it: kept as they are. Examples are primary keys."""

    relation: str
    rule: str
    kind: str
    count: int
    examples: tuple[str, ...]

    def __str__(self) -> str:
        keys = ", ".join(self.examples) + (", …" if self.count > len(self.examples) else "")
        rows = "1 row breaks" if self.count == 1 else f"{self.count} rows break"
        return f"{self.relation}: {rows} {self.rule} (key {keys}). Kept as they are. {MEANWHILE[self.kind]}"


@dataclass(frozen=True)
class MigrationResult:
    """Where the database was, where it is now, and the rows that break a rule."""

    from_revision: str | None
    to_revision: str | None
    findings: tuple[Finding, ...] = ()
    web: str | None = None  # why the web's role can't read ops, if it can't


def upgrade(where: database.Server, settings: Settings, target: str = "head") -> MigrationResult:
    """Bring the database to `target` and check the adopted rows again; safe to repeat.

    Raises BadConfiguration, before anything changed, when an existing table lacks a column that we need.
    """
    with _locked(where, settings) as connection:
        _refuse_missing_columns(connection)
        with database.transaction(connection) as cursor:
            cursor.execute(read("schemas"))
        before = _revision(connection)
        _alembic(connection, "upgrade", target)
        return MigrationResult(before, _revision(connection), _findings(connection), _web(connection))


def watch(where: database.Server, settings: Settings) -> None:
    """Let every source tell its changes, raw tables of others too; safe to repeat. Raises CabinetError."""
    with _locked(where, settings) as connection, database.transaction(connection) as cursor:
        cursor.execute(read("watch"))


def downgrade(where: database.Server, settings: Settings, steps: int = 1) -> MigrationResult:
    """Undo the last `steps` revisions. Raw and write-back tables stay, whatever they hold."""
    with _locked(where, settings) as connection:
        before = _revision(connection)
        if before is None:
            raise BadConfiguration("This database has no revision to undo.", "Run 'cabinet14d migrate'.")
        _alembic(connection, "downgrade", f"-{steps}")
        return MigrationResult(before, _revision(connection))


def pending(where: database.Server, settings: Settings) -> list[str]:
    """Revisions that the database lacks, oldest first: one query, and nothing more when it lacks none."""
    with closing(database.connect(where, "migrate", settings)) as connection:
        current = _revision(connection)
    if current == HEAD:
        return []
    from alembic.script import ScriptDirectory

    with _alembic_errors():
        after = ScriptDirectory.from_config(_config()).iterate_revisions("head", current or "base")
        return [script.revision for script in after][::-1]


def require(where: database.Server, settings: Settings) -> None:
    """Raises BadConfiguration when a revision is pending."""
    missing = pending(where, settings)
    if missing:
        raise BadConfiguration(
            f"The database is not migrated: {len(missing)} steps are pending.", "Run 'cabinet14d migrate'."
        )


def sql(target: str = "head") -> str:
    """The statements that bring an empty database to `target`, or one at revision a to b (`a:b`)."""
    from alembic import command

    config = _config()
    config.output_buffer = io.StringIO()
    with _alembic_errors():
        command.upgrade(config, target, sql=True)
    return f"{read('schemas')}\n{config.output_buffer.getvalue()}"


@contextmanager
def _locked(where: database.Server, settings: Settings) -> Iterator[Connection]:
    """One connection for the whole migration, holding the lock: if it dies, the lock goes with it."""
    with closing(database.connect(where, "migrate", settings)) as connection:
        try:
            with database.transaction(connection) as cursor:
                cursor.execute("select pg_advisory_lock(%s, %s)", LOCK)
        except LockHeld as error:
            raise LockHeld(f"Another migration is at work on this database{_holder(connection)}.",
                           "Wait for it to end, then run the same command again.") from error
        yield connection


def _holder(connection: Connection) -> str:
    with database.transaction(connection) as cursor:
        cursor.execute(read("lock_holder"))
        found = cursor.fetchone()
    return f" (process {found[0]}, {found[1]}, since {found[2]:%Y-%m-%d %H:%M} UTC)" if found else ""


def _refuse_missing_columns(connection: Connection) -> None:
    with database.transaction(connection) as cursor:
        cursor.execute(read("missing_columns"))
        missing = "; ".join(f"{relation} has no {columns}" for relation, columns in cursor.fetchall())
    if missing:
        raise BadConfiguration(f"Existing tables lack columns that we need: {missing}. Nothing was changed.",
                               "Add the columns (they may be empty), then run 'cabinet14d migrate' again.")


def _revision(connection: Connection) -> str | None:
    from psycopg2.errors import UndefinedTable

    with database.transaction(connection) as cursor:
        try:
            cursor.execute(read("revision"))
        except UndefinedTable:
            connection.rollback()
            return None
        found = cursor.fetchone()
    return found[0] if found else None


def _web(connection: Connection) -> str | None:
    """Let the web's role read ops; asked each time, since a role may come or go outside of us."""
    with database.transaction(connection) as cursor:
        cursor.execute("select to_regprocedure('ops.let_web_read()') is not null")
        if not cursor.fetchone()[0]:
            return None
        cursor.execute("select ops.let_web_read()")
        return cursor.fetchone()[0]  # type: ignore[no-any-return]


def _findings(connection: Connection) -> tuple[Finding, ...]:
    with database.transaction(connection) as cursor:
        cursor.execute("select to_regprocedure('canon.adopt()') is not null")
        if not cursor.fetchone()[0]:
            return ()
        cursor.execute(read("findings"))
        return tuple(Finding(relation, rule, kind, count, tuple(examples))
                     for relation, rule, kind, count, examples in cursor.fetchall())


def _alembic(connection: Connection, verb: str, target: str) -> None:
    """Run alembic on our own connection: the work and the lock share one session."""
    from alembic import command
    from sqlalchemy import create_engine
    from sqlalchemy.pool import StaticPool

    engine = create_engine("postgresql+psycopg2://", creator=lambda: connection, poolclass=StaticPool)
    config = _config()
    with _alembic_errors(), engine.connect() as shared:
        config.attributes["connection"] = shared
        getattr(command, verb)(config, target)


@contextmanager
def _alembic_errors() -> Iterator[None]:
    from alembic.script.revision import RevisionError
    from alembic.util import CommandError
    from sqlalchemy.exc import DBAPIError

    try:
        yield
    except (CommandError, RevisionError) as error:
        raise BadConfiguration(f"The migrations don't know that revision: {error}.",
                               "If the database is newer than this cabinet14d, install that one.") from error
    except DBAPIError as error:
        raise from_database(error.orig or error) from error


def _config() -> Config:
    from alembic.config import Config

    config = Config(stdout=io.StringIO())
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    return config
