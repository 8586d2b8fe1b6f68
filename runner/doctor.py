"""Looks at everything a night needs, and says for each thing how it is and what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from runner import database
from runner.doctor_parts import BAD, OK, WARN, Finding
from runner.errors import CLEAN, COULD_NOT_RUN, FINDINGS, CabinetError
from runner.settings import Settings

MARKS = {OK: "ok", WARN: "warn", BAD: "bad"}


@dataclass
class Report:
    """All findings, in the order in which they were looked for; `ran` is False when the database could not be asked."""

    findings: list[Finding]
    ran: bool = True

    @property
    def exit_code(self) -> int:
        """0 clean, 1 findings, 4 could not run (D-12)."""
        if not self.ran:
            return COULD_NOT_RUN
        return FINDINGS if any(finding.state in (WARN, BAD) for finding in self.findings) else CLEAN

    def as_dict(self) -> dict[str, Any]:
        """For --json."""
        return {"exit_code": self.exit_code, "checks": [asdict(finding) for finding in self.findings]}

    def text(self) -> str:
        """One line per thing: how it is, and what to do if it is not well."""
        return "\n".join(
            f"{MARKS.get(finding.state, finding.state):<5} {finding.check:<12} "
            + " ".join(part for part in (finding.says, finding.do) if part)
            for finding in self.findings
        )


def examine(settings: Settings) -> Report:
    """Look at machine and database. What can't be looked at is a finding, never an error."""
    from runner import doctor_machine

    report = Report(list(doctor_machine.findings(settings)))
    try:
        where = database.server(settings)
        session = database.connect(where, "doctor", settings)
    except CabinetError as error:
        report.findings.append(Finding("database", BAD, error.message, error.hint))
        report.ran = False
        return report
    try:
        report.findings += _of_database(session, settings)
    finally:
        session.close()
    return report


def _of_database(session: Any, settings: Settings) -> Iterator[Finding]:
    from runner import doctor_database, doctor_drift, doctor_runs

    looks: list[tuple[str, Callable[[Any, Settings], Iterator[Finding]]]] = [
        ("database", doctor_database.server),
        ("settings", doctor_database.server_settings),
        ("rights", doctor_database.rights),
        ("web role", doctor_database.web),
        ("extensions", doctor_database.extensions),
        ("migrations", doctor_database.migrations),
        ("drift", doctor_drift.drift),
        ("last night", doctor_runs.nights),
        ("docs", doctor_runs.docs),
    ]
    for name, look in looks:
        try:
            yield from look(session, settings)
        except CabinetError as error:
            yield Finding(name, BAD, error.message, error.hint)
