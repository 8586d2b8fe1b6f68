"""Watching as a step of a night and as commands of its own: judge, tell, mute, write the file for Prometheus."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from runner import alerts, chain, database, migrate, notify, prometheus, queries, runlog, thresholds
from runner.alerts import Alerts
from runner.notify import Told
from runner.settings import Settings

if TYPE_CHECKING:
    from runner.runlog import Run


def step(run: Run, settings: Settings, *, send: bool) -> tuple[Alerts, Told | None]:
    """The night's alerts, told if asked."""
    alerts.prepare(run.session, settings)
    found = alerts.read(run.session)
    return found, notify.tell(run, settings) if send else None


def summary(found: Alerts, told: Told | None) -> str:
    """One line for people."""
    text = f"{len(found.of('FIRING'))} fire, {len(found.of('FIRING', 'CRITICAL'))} of them critical"
    if told is None:
        return text
    failed = [each for each in told.deliveries if each.error]
    return f"{text}, {len(told.events)} told" + (f", {len(failed)} channels failed" if failed else "")


def export(run: Run, settings: Settings, found: Alerts) -> str | None:
    """The file for Prometheus, where one is configured; a sentence when it can't be written. Never fatal."""
    name = settings["prometheus_file"]
    if not name:
        return None
    try:
        prometheus.write(Path(name).expanduser(), run, found)
    except OSError as error:
        return f"The file for Prometheus can't be written: {error.strerror or type(error).__name__}."
    return None


def look(settings: Settings, once: dict[str, float], *, send: bool) -> tuple[Alerts, Told | None]:
    """`alerts`: read only, unless a message is to be sent; then it is a run of its own."""
    if send:
        notify.channels(settings)
    where = database.server(settings)
    migrate.require(where, settings)
    session = database.connect(where, "alerts", settings)
    try:
        alerts.prepare(session, settings, once)
        found = alerts.read(session)
    finally:
        session.close()
    if not send:
        return found, None
    with runlog.open_run(where, settings, "alerts", {"thresholds": once}, found.as_of, exclusive=False) as run:
        alerts.prepare(run.session, settings, once)
        with run.step("notify") as telling:
            told = notify.tell(run, settings)
            telling.counters.update(told.counters())
        run.exit_code = alerts.exit_code(found)
    return found, told


def mute(settings: Settings, rule: str, scope_value: str | None, until: date, why: str) -> None:
    """Keep a rule silent until a date, with the reason; a row of the run log says who. Raises BadConfiguration."""
    name = next(iter(thresholds.parse(f"{rule}=0")))
    where = database.server(settings)
    migrate.require(where, settings)
    values = {"rule": name, "scope_value": scope_value, "until": until, "why": why}
    today = chain.today(settings)
    opened = runlog.open_run(where, settings, "alerts mute", values, today, exclusive=False)
    with opened as run, run.step("mute"), database.transaction(run.session) as cursor:
        cursor.execute(queries.get("alerts", "mute"), values)
