"""The night as every scheduler starts it: one command, its folder, its environment, its log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time
from pathlib import Path

ATTEMPTS = 4  # the night itself and three more
PAUSE_MINUTES = 10
LONGEST_HOURS = 6
KEPT_LOGS = 12


@dataclass(frozen=True)
class Plan:
    """Where everything is; what a scheduler's file is written from."""

    python: Path
    folder: Path
    home: Path
    environment_file: Path | None
    log: Path
    at: time
    zone: str
    user: str
    notify: bool
    config: Path | None
    first_day: date

    def paths(self) -> list[Path]:
        """Every path that a file will hold."""
        found = [self.python, self.folder, self.home, self.environment_file, self.log, self.config]
        return [path for path in found if path]

    @property
    def clock(self) -> str:
        """The time as people write it."""
        return self.at.strftime("%H:%M")

    def command(self) -> list[str]:
        """The interpreter and this program. UTF-8 is said, for a scheduler gives no locale."""
        return [str(self.python), "-X", "utf8", "-m", "runner"]

    def night(self) -> list[str]:
        """The night for a scheduler that has environment, log and retries of its own."""
        return [*self.command(), "nightly", *(["--notify"] if self.notify else [])]

    def guarded(self, *more: str) -> list[str]:
        """The night for a scheduler that has none: at most one a day, and only when its time has come."""
        words = [*self.command(), "--home", str(self.home), "schedule", "run", "--at", self.clock, "--zone", self.zone]
        if self.environment_file:
            words += ["--env-file", str(self.environment_file)]
        return [*words, "--log", str(self.log), *more, *(["--notify"] if self.notify else [])]

    def needs(self) -> list[str]:
        """What must be there before the first night, as sentences."""
        if not self.environment_file:
            return ["No DATABASE_URL was set, so the night works on the embedded server of this home."]
        return [
            f"{self.environment_file} holds DATABASE_URL=postgresql://… (and other secrets), one NAME=value a line.",
            "Make it readable only by the user of the night; it is never printed.",
        ]
