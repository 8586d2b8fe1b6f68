"""What the run log and the pages tell `doctor`: the last night, what readers see, dead runs, the docs' age."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from runner import warehouse
from runner.doctor_parts import BAD, BUILD, NOTE, OK, WARN, Finding, ask, exists
from runner.settings import Settings

A_NIGHT_LATE = 26 * 3600
SCHEDULE = "Look at its log; 'cabinet14d schedule cron|systemd|windows' prints what runs it."
ENDED = {0: "clean", 1: "with findings", 3: "with a broken rule or a critical alert", 4: "could not run"}


def nights(session: Any, settings: Settings) -> Iterator[Finding]:
    """When the night was run last and how it ended, what is live, and what died."""
    if not exists(session, "ops.runs"):
        return
    yield _last_night(ask(session, "last_night"))
    live = ask(session, "live")
    if live:
        yield Finding("live run", OK, f"Readers see run {live[0][0]}, as of {live[0][1]}.")
    else:
        yield Finding("live run", WARN, "Nothing was published yet: readers see nothing.", BUILD)
    dead = ask(session, "dead")[0][0]
    if dead:
        yield Finding("runs", WARN, f"Run {', '.join(map(str, dead))} ended without saying how.",
                      "The next run closes it; nothing of it is visible.")


def _last_night(rows: list[tuple[Any, ...]]) -> Finding:
    if not rows:
        return Finding("last night", WARN, "No night was ever run here.", "Run 'cabinet14d nightly', then schedule it.")
    as_of, status, code, error, age = rows[0]
    told = f"The last night (as of {as_of}) began {_ago(age)} ago"
    if status == "RUNNING":
        return Finding("last night", OK, f"{told} and is at work.")
    how = ENDED.get(code, "died") if code is not None else "died"
    if age > A_NIGHT_LATE:
        return Finding("last night", WARN, f"{told} and {_ended(how)}: the schedule did not run since.", SCHEDULE)
    if code in (0, 1):
        return Finding("last night", OK, f"{told} and {_ended(how)}.")
    return Finding("last night", BAD, f"{told} and {_ended(how)}{': ' + error if error else '.'}",
                   "'cabinet14d runs show' tells the steps.")


def _ended(how: str) -> str:
    return how if how in ("died", "could not run") else f"ended {how}"


def _ago(seconds: int) -> str:
    hours = seconds // 3600
    if hours < 48:
        return f"{hours} h" if hours else f"{seconds // 60} min"
    return f"{hours // 24} days"


def docs(session: Any, settings: Settings) -> Iterator[Finding]:
    """The page of all relations and columns, against the project that stands in the database."""
    page = warehouse.docs_page(settings)
    if not page.exists():
        yield Finding("docs", NOTE, "The page of relations and columns was not made yet.", "Run 'cabinet14d docs'.")
        return
    made = datetime.fromtimestamp(page.stat().st_mtime, UTC)
    stood = ask(session, "stood")[0][0] if exists(session, "ops.standing_project") else None
    if stood and stood > made:
        yield Finding("docs", WARN, f"The docs are of {made:%Y-%m-%d}, the models of {stood:%Y-%m-%d}.",
                      "Run 'cabinet14d docs'.")
    else:
        yield Finding("docs", OK, f"The docs are of {made:%Y-%m-%d}.")
