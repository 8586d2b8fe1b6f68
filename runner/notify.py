"""Telling people: one grouped message per run, to every channel at once; results are kept, addresses never."""

from __future__ import annotations

import hashlib
import logging
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from runner import alerts, database, queries
from runner.errors import BadConfiguration
from runner.settings import Settings

if TYPE_CHECKING:
    from psycopg2.extensions import connection as Connection

    from runner.runlog import Run

Row = dict[str, Any]


@dataclass(frozen=True)
class Channel:
    """Where to send. The label is a scheme and a mark of the address, which can't be read back from it."""

    label: str
    url: str


@dataclass(frozen=True)
class Delivery:
    """How one channel took the message."""

    channel: str
    error: str | None
    seconds: float


@dataclass
class Told:
    """What was told, and how each channel took it."""

    events: list[Row]
    deliveries: list[Delivery]

    def counters(self) -> dict[str, Any]:
        """For the run log."""
        return {
            "told": len(self.events) if any(each.error is None for each in self.deliveries) else 0,
            "to_tell": len(self.events),
            "channels": {each.channel: each.error or "delivered" for each in self.deliveries},
        }


def channels(settings: Settings) -> list[Channel]:
    """The configured channels. Raises BadConfiguration when there are none, or apprise does not know one."""
    urls = (settings["notify_urls"] or "").split()
    if not urls:
        raise BadConfiguration("No channel is configured.", "Set notify_urls in cabinet14d.toml.")
    apprise = _apprise()
    found = []
    for number, url in enumerate(urls, 1):
        if not apprise.Apprise.instantiate(url, suppress_exceptions=True):
            raise BadConfiguration(f"Channel {number} of notify_urls is no address that apprise knows.", "Mend it.")
        mark = hashlib.sha256(url.encode()).hexdigest()[:6]
        found.append(Channel(f"{url.partition(':')[0].lower()}-{mark}", url))
    return found


def _apprise() -> Any:
    try:
        import apprise
    except ImportError as error:
        raise BadConfiguration(
            "Sending needs the extra 'notify', which is not installed.", "Run: pip install 'cabinet14d[notify]'"
        ) from error
    # Its log lines hold addresses, and an address may hold a password.
    logger = logging.getLogger("apprise")
    logger.handlers[:], logger.propagate = [logging.NullHandler()], False
    return apprise


def tell(run: Run, settings: Settings) -> Told:
    """Send what is due to every channel and remember it. What reached nobody is due again next time."""
    with database.transaction(run.session) as cursor:
        cursor.execute(queries.get("alerts", "try_lock"))
        if not cursor.fetchone()[0]:
            return Told([], [])
    wanted = channels(settings)
    due, title = _due(run.session, settings.text("language"))
    if not due:
        return Told([], [])
    title = title.replace("{as_of}", str(run.as_of)).replace("{alerts}", str(len(due)))
    deliveries = send(wanted, title, "\n".join(line(row) for row in due), float(settings.text("notify_timeout")))
    _keep(run, due, deliveries)
    return Told(due, deliveries)


def _due(session: Connection, language: str) -> tuple[list[Row], str]:
    with database.transaction(session) as cursor:
        cursor.execute(queries.get("alerts", "to_tell"), {"language": language})
        names = [column.name for column in cursor.description]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        cursor.execute(queries.get("alerts", "title"), {"language": language})
        return rows, cursor.fetchone()[0]


def line(row: Row) -> str:
    """One alert as one line. Figures, rules and jobs only: nothing in it is about a person."""
    values = {
        "event": row["event_label"],
        "severity": row["severity_label"],
        "rule": row["rule"],
        "scope": row["scope_value"],
        "title": row["title"] or row["rule"],
        "value": alerts.number(row["value"], row["unit"] or ""),
        "comparison": row["comparison"],
        "threshold": alerts.number(row["threshold"], row["unit"] or ""),
        "days": row["days_running"],
        "next_step": row["next_step"],
    }
    text = str(row["line"])
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", "" if value is None else str(value))
    return text.replace(" :", ":")


def send(wanted: list[Channel], title: str, body: str, seconds: float) -> list[Delivery]:
    """The message to all channels at the same time; who has not answered by then has failed."""
    answers: dict[str, Delivery] = {}
    started = time.monotonic()
    threads = [
        threading.Thread(target=_send_one, args=(channel, title, body, answers), daemon=True) for channel in wanted
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, started + seconds - time.monotonic()))
    late = f"it did not answer within {seconds:g} seconds"
    taken = dict(answers)  # a thread that is still at work must not change the answer that was kept
    return [taken.get(channel.label) or Delivery(channel.label, late, seconds) for channel in wanted]


def _send_one(channel: Channel, title: str, body: str, answers: dict[str, Delivery]) -> None:
    started = time.monotonic()
    try:
        apprise = _apprise()
        sender = apprise.Apprise()
        sender.add(channel.url)
        error = None if sender.notify(body=body, title=title, body_format="text") else "it refused the message"
    except Exception as problem:
        error = f"it could not be sent ({type(problem).__name__})"
    answers[channel.label] = Delivery(channel.label, error, time.monotonic() - started)


def _keep(run: Run, due: list[Row], deliveries: list[Delivery]) -> None:
    known = {"run_id": run.run_id, "as_of": run.as_of}
    with database.transaction(run.session) as cursor:
        for each in deliveries:
            cursor.execute(
                queries.get("alerts", "keep_delivery"),
                {
                    **known,
                    "channel": each.channel,
                    "status": "FAILED" if each.error else "DELIVERED",
                    "error": each.error,
                    "alerts": len(due),
                    "seconds": round(each.seconds, 3),
                },
            )
        if any(each.error is None for each in deliveries):
            for row in due:
                cursor.execute(queries.get("alerts", "keep_event"), {**row, **known})
