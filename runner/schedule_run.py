"""The night as cron and the Task Scheduler start it: environment from a file, a log, and one night a day."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path
from typing import IO
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from runner import database, queries
from runner.errors import COULD_NOT_RUN, BadConfiguration
from runner.schedule_plan import ATTEMPTS
from runner.settings import Settings

TOO_LARGE = 5_000_000


@dataclass(frozen=True)
class Night:
    """One start of the scheduler: where to write, and whether the night may have been run already."""

    home: Path
    zone: str
    at: time | None = None
    log: Path | None = None
    keep: int = 0
    notify: bool = False


def read_environment(path: Path) -> dict[str, str]:
    """NAME=value lines of a file; `#` begins a comment, quotes around a value fall away. Raises BadConfiguration."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadConfiguration(f"The environment file {path} can't be read.",
                               "Make it, readable for the user of the night: NAME=value lines in UTF-8.") from error
    values = {}
    for number, line in enumerate(lines, 1):
        text = line.strip().removeprefix("export ")
        if not text or text.startswith("#"):
            continue
        name, sign, value = text.partition("=")
        if not sign or not name.strip().isidentifier():
            # Not the line itself: it may hold a password.
            raise BadConfiguration(f"Line {number} of {path} is not NAME=value.", "Mend or remove it.")
        values[name.strip()] = _unquoted(value.strip())
    return values


def _unquoted(value: str) -> str:
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"" else value


def reason_to_wait(settings: Settings, night: Night, now: datetime | None = None) -> str | None:
    """Why nothing is to be done at this hour, None when the night is due. Raises DatabaseAway when nobody knows."""
    if night.at is None:
        return None
    there = now.astimezone(_zone(night.zone)) if now else datetime.now(_zone(night.zone))
    if there.time() < night.at:
        return f"it is not yet {night.at:%H:%M} in {night.zone}"
    where = database.server(settings)
    with closing(database.connect(where, "schedule", settings)) as session, database.transaction(session) as cursor:
        cursor.execute(queries.get("schedule", "nights_of"), {"day": there.date()})
        done, failed, is_at_work = cursor.fetchone()
    if done:
        return f"the night of {there.date()} is done"
    if is_at_work:
        return "a run is at work"
    return f"the night of {there.date()} failed {failed} times" if failed >= ATTEMPTS else None


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise BadConfiguration(f"{name} is not a time zone.", "Name one, for example America/Lima.") from error


def run(night: Night) -> int:
    """One night in a process of its own, told to the log; its exit code, 4 when it was killed."""
    words = [sys.executable, "-X", "utf8", "-m", "runner", "--home", str(night.home), "nightly"]
    with _log(night) as log:
        _note(log, night, "the night begins")
        process = subprocess.Popen([*words, *(["--notify"] if night.notify else [])], stdin=subprocess.DEVNULL,
                                   stdout=log, stderr=log)
        code = _wait(process)
        code = code if 0 <= code <= COULD_NOT_RUN else COULD_NOT_RUN
        _note(log, night, f"the night ended with exit code {code}")
    return code


def _wait(process: subprocess.Popen[bytes]) -> int:
    """Whoever stops us stops the night."""
    try:
        return process.wait()
    except KeyboardInterrupt:
        process.send_signal(signal.SIGTERM)
        process.wait()
        return COULD_NOT_RUN


@contextmanager
def _log(night: Night) -> Iterator[IO[bytes] | None]:
    """The log, opened to be added to; None means the streams that we have."""
    if night.log is None:
        yield None
        return
    night.log.parent.mkdir(parents=True, exist_ok=True)
    rotate(night.log, night.keep)
    with night.log.open("ab") as file:
        yield file


def note_failure(night: Night, sentence: str) -> None:
    """What stopped us before the night began, told to the log as well."""
    with _log(night) as log:
        _note(log, night, sentence)


def _note(log: IO[bytes] | None, night: Night, sentence: str) -> None:
    if log:
        now = datetime.now(_zone(night.zone)).isoformat(timespec="seconds")
        log.write(f"{now} {sentence}\n".encode())
        log.flush()


def rotate(log: Path, keep: int, limit: int = TOO_LARGE) -> None:
    """Where nobody else does it: a log that grew too large becomes log.1, that one log.2, and the oldest goes."""
    if not keep or not log.exists() or log.stat().st_size < limit:
        return
    for number in range(keep, 0, -1):
        older = log.with_name(f"{log.name}.{number}")
        newer = log.with_name(f"{log.name}.{number - 1}") if number > 1 else log
        if newer.exists():
            newer.replace(older)


