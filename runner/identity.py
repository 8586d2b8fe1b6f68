"""Decisions of people about identities: accept, reject, ignore, unlink; one or a file of them, kept for ever."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runner import database, migrate, queries, runlog
from runner.errors import BadConfiguration, BadFile, BadInput

if TYPE_CHECKING:
    from psycopg2.extensions import connection as Connection

    from runner.settings import Settings

VERDICTS = ("ACCEPT", "REJECT", "IGNORE", "UNLINK")
COLUMNS = ("lead", "driver", "verdict", "by", "why")
LABELS = (
    "lead_source_pk", "driver_id", "verdict", "decided_by", "why", "decided_at", "phone", "plate", "name",
    "parts_same", "parts_near", "hired_after_days", "score",
)  # fmt: skip


@dataclass(frozen=True)
class Verdict:
    """What somebody decided about a lead, and a driver where the verdict needs one."""

    lead: str
    driver: str | None
    verdict: str
    by: str
    why: str


def decide_as_run(settings: Settings, as_of: date, verdicts: Iterable[Verdict]) -> list[str]:
    """As `decide`, with a row in the run log; it may run while a night is at work."""
    where = database.server(settings)
    migrate.require(where, settings)
    with runlog.open_run(where, settings, "identity", {}, as_of, exclusive=False) as run, run.step("decide") as step:
        told = decide(run.session, verdicts)
        step.counters["decisions"] = len(told)
    return told


def decide(session: Connection, verdicts: Iterable[Verdict]) -> list[str]:
    """Write the decisions in one transaction; one sentence each.

    Raises BadInput when a lead or driver is not known, or a link must be taken back first.
    """
    told = []
    with database.transaction(session) as cursor:
        if not _one(cursor, "has_leads")[0]:
            raise BadConfiguration("Nothing was built yet.", "Run 'cabinet14d build' first.")
        for verdict in verdicts:
            told.append(_decide(cursor, verdict))
    return told


def _decide(cursor: Any, its: Verdict) -> str:
    lead = _one(cursor, "lead", lead=its.lead)
    if lead is None:
        raise BadInput(f"There is no lead {its.lead}.", "Use the lead_source_pk as ops.v_cabinet_leads_limbo shows it.")
    person = lead[2]
    driver = _one(cursor, "driver", driver=its.driver) if its.driver else None
    if its.driver and driver is None and its.verdict != "UNLINK":
        raise BadInput(f"There is no driver {its.driver}.", "Use the driver_id of the fleet master.")
    if its.verdict == "UNLINK":
        return _unlink(cursor, its, person)
    if its.verdict == "ACCEPT":
        _refuse_contradiction(cursor, its, person, driver[1] if driver else None)
    standing = _one(cursor, "standing", lead=its.lead, driver=its.driver, verdict=its.verdict)
    if standing is not None and standing == (its.verdict, its.driver):
        return f"{its.lead}: {its.verdict} stands already."
    _write(cursor, its, _evidence(cursor, its))
    effect = {"ACCEPT": "linked", "REJECT": "not offered any more", "IGNORE": "left alone"}[its.verdict]
    return f"{its.lead}: {its.verdict} kept; {effect} by the next 'reconcile leads' or 'nightly'."


def _refuse_contradiction(cursor: Any, its: Verdict, person: str | None, person_of_driver: str | None) -> None:
    """A person with other drivers, or a driver of another person: the old link must be taken back first."""
    if person is None or person == person_of_driver:
        return
    if person_of_driver is not None or _drivers_of(cursor, person):
        raise BadInput(
            f"Lead {its.lead} is linked with another person or driver.",
            f"First take the lead's link back: cabinet14d identity unlink {its.lead} --by … --why …",
        )


def _drivers_of(cursor: Any, person: str) -> list[str | None]:
    cursor.execute(queries.get("identity", "drivers_of_person"), {"person": person})
    return [row[0] for row in cursor.fetchall()]


def _unlink(cursor: Any, its: Verdict, person: str | None) -> str:
    """Take the lead's link (or with a driver, that driver's link to the lead's person) back; the pairs stay apart."""
    if person is None:
        raise BadInput(f"Lead {its.lead} has no link.", "There is nothing to take back.")
    if its.driver:
        removed = _one(cursor, "remove_driver_link", driver=its.driver, person=person)
        if removed is None:
            raise BadInput(f"Driver {its.driver} is not linked with the person of lead {its.lead}.", "")
        _write(cursor, its, removed[0])
        return f"{its.lead}: driver {its.driver} taken from its person; never linked again by the job."
    drivers = _drivers_of(cursor, person)
    removed = _one(cursor, "remove_lead_link", lead=its.lead)
    for driver in drivers or [None]:
        _write(cursor, Verdict(its.lead, driver, its.verdict, its.by, its.why), removed[0] if removed else None)
    cursor.execute(queries.get("identity", "reopen"), {"lead": its.lead})
    return f"{its.lead}: link taken back; never linked with that person's drivers again by the job."


def _write(cursor: Any, its: Verdict, evidence: Any) -> None:
    cursor.execute(
        queries.get("identity", "decide"),
        {
            "lead": its.lead,
            "driver": its.driver,
            "verdict": its.verdict,
            "by": its.by.strip(),
            "why": its.why.strip(),
            "evidence": json.dumps(evidence) if evidence is not None else None,
        },
    )


def _evidence(cursor: Any, its: Verdict) -> Any:
    if not its.driver or not _one(cursor, "has_pairs")[0]:
        return None
    found = _one(cursor, "evidence", lead=its.lead, driver=its.driver)
    return found[0] if found else None


def _one(cursor: Any, name: str, **parameters: Any) -> Any:
    cursor.execute(queries.get("identity", name), parameters)
    return cursor.fetchone()


def read_file(path: Path) -> Iterator[Verdict]:
    """Verdicts of a CSV file with the columns lead, driver, verdict, by, why. Raises BadFile with row and column."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
            if missing:
                raise BadFile(f"{path.name} has no column {', '.join(missing)}.", f"It needs {', '.join(COLUMNS)}.")
            for number, row in enumerate(reader, 2):
                yield _verdict(path.name, number, {name: (row[name] or "").strip() for name in COLUMNS})
    except UnicodeDecodeError as error:
        raise BadFile(f"{path.name} is not UTF-8.", "Save it as CSV UTF-8.") from error


def _verdict(name: str, number: int, row: dict[str, str]) -> Verdict:
    verdict = row["verdict"].upper()
    if verdict not in VERDICTS:
        raise BadFile(
            f"{name}, row {number}, column verdict: {row['verdict']!r} is not one of {', '.join(VERDICTS)}.", ""
        )
    for column in ("lead", "by", "why", *(("driver",) if verdict in ("ACCEPT", "REJECT") else ())):
        if not row[column]:
            raise BadFile(f"{name}, row {number}, column {column}: it is empty.", f"{verdict} needs a {column}.")
    return Verdict(row["lead"], row["driver"] or None, verdict, row["by"], row["why"])


def export_labels(session: Connection, path: Path) -> int:
    """Write every decision as one CSV row; how many."""
    with database.transaction(session) as cursor:
        cursor.execute("set transaction read only")
        cursor.execute(queries.get("identity", "labels"))
        rows = cursor.fetchall()
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(LABELS)
        writer.writerows([[_safe(value) for value in row] for row in rows])
    return len(rows)


def _safe(value: Any) -> Any:
    """A text that a spreadsheet would run as a formula gets an apostrophe before it."""
    return f"'{value}" if isinstance(value, str) and value[:1] in tuple("=+-@\t\r") else value
