"""A scheduler that asks every hour: one night a day by the run log, and a log that says why there was none."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, time
from pathlib import Path

import pytest

from runner import runlog, schedule_run
from runner.database import Server
from runner.settings import Settings
from tests import harness

NOW = datetime(2026, 1, 15, 4, 0, tzinfo=UTC)  # in Lima still the 14th, 23:00
DAY, OTHER = "2026-01-14", "2026-01-15"


def note(where: Server, *nights: tuple[str, str, str, int | None]) -> None:
    """What the run log would hold of (command, day, status, exit code)."""
    with closing(harness.connect(where)) as session, session, session.cursor() as cursor:
        for night in nights:
            cursor.execute(
                "insert into ops.runs (command, as_of_date, status, exit_code) values (%s, %s, %s, %s)", night
            )


@pytest.mark.parametrize(("nights", "reason"), [
    ([], None),
    ([("nightly", OTHER, "SUCCEEDED", 0), ("build", DAY, "SUCCEEDED", 0)], None),
    ([("nightly", DAY, "SUCCEEDED", 0)], "the night of 2026-01-14 is done"),
    ([("nightly", DAY, "SUCCEEDED", 1)], "the night of 2026-01-14 is done"),
    ([("nightly", DAY, "FAILED", 3)], "the night of 2026-01-14 is done"),
    ([("nightly", DAY, "FAILED", 4)] * 3, None),
    ([("nightly", DAY, "FAILED", 4)] * 3 + [("nightly", DAY, "ABANDONED", None)],
     "the night of 2026-01-14 failed 4 times"),
    ([("nightly", DAY, "FAILED", 4), ("nightly", DAY, "SUCCEEDED", 0)], "the night of 2026-01-14 is done"),
], ids=["nothing", "another day", "clean", "findings", "critical", "three failed", "four failed", "mended"])
def test_once_a_day_and_again_only_what_could_not_run(
    unbuilt_database: Server, settings_for: Callable[..., Settings], nights: list[tuple[str, str, str, int | None]],
    reason: str | None,
) -> None:
    note(unbuilt_database, *nights)
    ours = settings_for(unbuilt_database)
    assert schedule_run.reason_to_wait(ours, schedule_run.Night(ours.home, "America/Lima", time(2, 30)), NOW) == reason


def test_never_beside_another_run(unbuilt_database: Server, settings_for: Callable[..., Settings]) -> None:
    ours = settings_for(unbuilt_database)
    night = schedule_run.Night(ours.home, "America/Lima", time(2, 30))
    with closing(harness.connect(unbuilt_database)) as session:
        runlog.take_lock(session)
        assert schedule_run.reason_to_wait(ours, night, NOW) == "a run is at work"
    assert schedule_run.reason_to_wait(ours, night, NOW) is None


def start(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """The command with nothing in its environment but a way to find programs."""
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(Path(__file__).parents[2])}
    command = [sys.executable, "-m", "runner", "--home", folder / "home", "schedule", "run", "--at", "00:00", *words]
    return subprocess.run(command, env=environment, cwd=folder, text=True, capture_output=True)


def test_the_environment_file_chooses_the_server_and_the_log_says_what_stopped_the_night(
    fresh_database: Server, tmp_path: Path
) -> None:
    """An empty database, then none at all, then no file: each a sentence in the log or on stderr, and exit code 4."""
    log, file = tmp_path / "logs" / "nightly.log", tmp_path / "cabinet14d.env"
    words = ("--env-file", str(file), "--log", str(log))
    assert start(tmp_path, *words).returncode == 4
    assert not log.exists()  # not even where to log was looked at: the file is missing
    given = {name: value for name, value in fresh_database.environment().items() if value}
    file.write_text("\n".join(f"{name}={value}" for name, value in given.items()), encoding="utf-8")
    assert start(tmp_path, *words).returncode == 4
    assert "migrate" in log.read_text(encoding="utf-8")
    file.write_text(f"DATABASE_URL=postgresql://postgres:s3creto@/nada?host={tmp_path}", encoding="utf-8")
    away = start(tmp_path, *words)
    assert away.returncode == 4 and "can't be reached" in away.stderr
    text = log.read_text(encoding="utf-8")
    assert len(text.splitlines()) == 2 and "s3creto" not in text + away.stderr
