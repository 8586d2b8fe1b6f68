"""What a check of `doctor` says, and how it asks the database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from runner import database, queries

# note: nothing is wrong, but whoever wonders should know.
OK, NOTE, WARN, BAD = "ok", "note", "warn", "bad"

BUILD = "Run 'cabinet14d build'."
MIGRATE = "Run 'cabinet14d migrate'."


@dataclass(frozen=True)
class Finding:
    """One thing looked at: its state (ok, note, warn, bad), a sentence, and what to do."""

    check: str
    state: str
    says: str
    do: str = ""


def ask(session: Any, name: str, **parameters: str) -> list[tuple[Any, ...]]:
    """Rows of a statement of queries/doctor.sql, in a transaction of its own."""
    with database.transaction(session) as cursor:
        cursor.execute(queries.get("doctor", name), parameters or None)
        return list(cursor.fetchall())


def exists(session: Any, relation: str) -> bool:
    """Whether the database has this relation."""
    return bool(ask(session, "exists", relation=relation)[0][0])


def few(names: list[str], limit: int = 3) -> str:
    """The first names, and how many more there are."""
    shown = ", ".join(names[:limit])
    return f"{shown} and {len(names) - limit} more" if len(names) > limit else shown
