"""A lead end to end: one snapshot of the relations in ops becomes one dict, which command, API and page all show.

Its parts, in the order of the funnel: lead, lead_id, lead_name, run, raw (row, source_state, text), keys, identity
(state, decision, rules, candidates, verdicts), person (links), window (days, other_drivers), milestones, claims
(events), payments, stage (history), moves. All values are plain JSON: dates as YYYY-MM-DD, money as text with two
decimals (D-11), codes beside their words in `language`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from runner import database, explain_parts, migrate, queries
from runner.errors import BadConfiguration, BadInput
from runner.texts import LANGUAGES, Texts

if TYPE_CHECKING:
    from runner.settings import Settings

Row = dict[str, Any]

KINDS = (
    "rule", "hit", "identity_outcome", "identity_reason", "verdict", "level", "lead_key", "confidence", "source_state",
    "claim_row_status", "claim_tie", "event_kind", "payment_reason", "payment_outcome", "payment_cause", "found_by",
    "mover", "move", "stage", "stage_detail", "reason", "unsupported", "exclusion", "settle", "trace",
)  # fmt: skip
LISTS = ("candidates", "verdicts", "links", "trips", "milestones", "claims", "payments", "history", "moves")
LARGEST = 2**31 - 1


class NoSuchLead(BadInput):
    """The live run knows no lead by that key or number."""


@dataclass(frozen=True)
class Found:
    """What the relations say about one lead, row by row, and the words to say it with."""

    run: Row
    row: Row
    stage: Row | None
    decision: Row | None
    lists: Mapping[str, list[Row]]
    events: list[Row]
    texts: Texts


def explain(settings: Settings, lead: str, language: str | None = None) -> tuple[Row, Texts]:
    """The trace of a lead and the words it is told with, read in one read-only snapshot.

    Raises NoSuchLead, or BadConfiguration when nothing is built.
    """
    where = database.server(settings)
    migrate.require(where, settings)
    session = database.connect(where, "explain", settings)
    try:
        session.set_session(isolation_level="REPEATABLE READ", readonly=True)
        with database.transaction(session) as cursor:
            return trace(cursor, lead, language or settings.text("language"))
    finally:
        session.close()


def trace(cursor: Any, lead: str, language: str = "es") -> tuple[Row, Texts]:
    """The trace of a lead by its source key or number, and its words, on a cursor whose transaction is one snapshot.

    Raises NoSuchLead when the live run has no such lead, BadConfiguration when there is no live run.
    """
    if not _one(cursor, "has_states", {})["is_built"]:
        raise BadConfiguration("Nothing was built yet.", "Run 'cabinet14d build' first.")
    found = read(cursor, find(cursor, lead), language if language in LANGUAGES else LANGUAGES[0])
    return plain(explain_parts.assembled(found) | {"language": language}), found.texts


def find(cursor: Any, lead: str) -> Row:
    """Number and source key of a lead that somebody named. Raises NoSuchLead."""
    rows = [] if "\0" in lead else _rows(cursor, "find", {"lead": lead, "number": _number(lead)})
    if not rows:
        raise NoSuchLead(
            f"There is no lead {shortened(lead)}.",
            "Use the lead_source_pk or lead_id of ops.v_cabinet_leads_limbo; a lead that came in since the last"
            " published run is known after the next.",
        )
    return rows[0]


def shortened(lead: str, most: int = 40) -> str:
    """A key as a sentence may show it: no control signs, not endless."""
    clean = "".join(sign if sign.isprintable() else "\ufffd" for sign in lead)
    return clean if len(clean) <= most else f"{clean[:most]}…"


def _number(lead: str) -> int | None:
    number = re.fullmatch(r"(?:id:)?([0-9]{1,10})", lead.strip())
    return int(number[1]) if number and int(number[1]) <= LARGEST else None


def read(cursor: Any, named: Row, language: str) -> Found:
    """Everything that is known about one lead, by one query a part."""
    lists = {name: _rows(cursor, name, named) for name in LISTS}
    claim_ids = [row["claim_id"] for row in lists["claims"]]
    return Found(
        run=_one(cursor, "run", {}),
        row=_one(cursor, "row", named),
        stage=next(iter(_rows(cursor, "stage", named)), None),
        decision=next(iter(_rows(cursor, "decision", named)), None),
        lists=lists,
        events=_rows(cursor, "events", {"claim_ids": claim_ids}) if claim_ids else [],
        texts=Texts(_rows(cursor, "texts", {"kinds": list(KINDS)}, language)),
    )


def _rows(cursor: Any, name: str, parameters: Row, language: str = "es") -> list[Row]:
    """Rows as dicts, whatever kind of cursor it is."""
    cursor.execute(queries.get("explain", name).replace("{language}", language), parameters)
    names = [column.name for column in cursor.description]
    rows = cursor.fetchall()
    return [dict(row) if isinstance(row, Mapping) else dict(zip(names, row, strict=True)) for row in rows]


def _one(cursor: Any, name: str, parameters: Row) -> Row:
    return _rows(cursor, name, parameters)[0]


def plain(value: Any) -> Any:
    """The same as JSON has it: dates and keys as text, money with two decimals (D-11)."""
    if isinstance(value, Mapping):
        return {name: plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    return str(value) if isinstance(value, date | UUID) else value
