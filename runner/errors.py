"""Every way a command can end badly, as one sentence, a next step and an exit code (ruling D-12).

0 clean · 1 findings · 2 wrong usage (click's own) · 3 broken hard rule or critical alert · 4 could not run.
"""

from __future__ import annotations

CLEAN, FINDINGS, USAGE, CRITICAL, COULD_NOT_RUN = 0, 1, 2, 3, 4


class CabinetError(Exception):
    """A problem told to people: `message` says what happened, `hint` what to do next."""

    exit_code = COULD_NOT_RUN

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.nodes: list[tuple[object, ...]] = []  # of a dbt build that failed: what the run log keeps of each node
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class DatabaseAway(CabinetError):
    """The server can't be reached, refuses us, or went away in the middle."""


class LockHeld(CabinetError):
    """Another run holds the lock; the message says who."""


class BadConfiguration(CabinetError):
    """A setting is missing, unreadable or contradicts another."""


class DbtFailed(CabinetError):
    """dbt could not do what it was asked: a broken model, an empty selection, a project that does not parse."""


class BadFile(CabinetError):
    """A whole file can't be read as what it is said to be (single bad rows are rejects, not errors)."""


class BadInput(CabinetError):
    """An argument names something that does not exist, or asks for what must not be."""

    exit_code = USAGE


class BrokenRule(CabinetError):
    """A blocking test failed: nothing was published, yesterday stays live."""

    exit_code = CRITICAL


def from_database(error: Exception) -> CabinetError:
    """Turn a psycopg2 error into a sentence without its connection string, data or SQL."""
    import psycopg2
    from psycopg2 import errorcodes

    code = getattr(error, "pgcode", None)
    text = str(error)
    if 'database "' in text and "does not exist" in text:
        return BadConfiguration(
            "The database server has no such database.", "Create it, or name another in DATABASE_URL."
        )
    if "invalid value for parameter" in text:
        return BadConfiguration(
            "The database server refuses a setting of ours (a time-out or a time zone).",
            "Look at 'cabinet14d config show'.",
        )
    if str(code).startswith("54"):
        return BadFile("A value is too large for the database.", "Shorten it, then run the same command again.")
    if code == errorcodes.DISK_FULL:
        return DatabaseAway(
            "The database server's disk is full; nothing of this step was kept.",
            "Free space on the server, then run the same command again.",
        )
    if code in (errorcodes.LOCK_NOT_AVAILABLE, errorcodes.DEADLOCK_DETECTED):
        return LockHeld(
            "Another session holds a table that this step needs.",
            "Wait for it to end, then run the same command again.",
        )
    if code in (
        errorcodes.UNDEFINED_TABLE,
        errorcodes.INVALID_SCHEMA_NAME,
        errorcodes.UNDEFINED_FUNCTION,
        errorcodes.UNDEFINED_COLUMN,
    ):
        first = text.splitlines()[0].strip()
        return BadConfiguration(
            f"The database lacks something this command reads: {first}.",
            "Run 'cabinet14d migrate', then 'cabinet14d build'.",
        )
    if code == errorcodes.INSUFFICIENT_PRIVILEGE:
        first = text.splitlines()[0].strip()
        return BadConfiguration(
            f"The database role may not do this: {first}.", "Ask the owner of the database for the grant."
        )
    if code == errorcodes.FEATURE_NOT_SUPPORTED and "fuzzystrmatch" in text:
        return BadConfiguration(
            "The extension fuzzystrmatch, which compares names, can't be created here.",
            "Install PostgreSQL's contrib package, or have the owner run 'create extension fuzzystrmatch'.",
        )
    if "password authentication failed" in text or code == errorcodes.INVALID_PASSWORD:
        return DatabaseAway(
            "The database refused the user or password.", "Check DATABASE_URL (or DB_USER and DB_PASSWORD)."
        )
    if isinstance(error, psycopg2.OperationalError | psycopg2.InterfaceError):
        return DatabaseAway(
            "The database can't be reached or went away.",
            "Check that the server runs and DATABASE_URL names it, then run the same command again.",
        )
    return DatabaseAway(
        f"The database refused a statement ({type(error).__name__}, code {code}).",
        "Run the same command with --debug to see where.",
    )
