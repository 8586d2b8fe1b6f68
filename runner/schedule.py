"""What a scheduler has to know of this installation, and the cron, systemd and Windows forms of it."""

from __future__ import annotations

import getpass
import os
import sys
from dataclasses import dataclass
from datetime import date, time
from pathlib import Path

from runner import schedule_cron, schedule_systemd, schedule_windows
from runner.errors import BadInput
from runner.schedule_plan import Plan
from runner.settings import Settings

KINDS = {
    "cron": schedule_cron.files,
    "systemd": schedule_systemd.files,
    "windows": schedule_windows.files,
}


@dataclass(frozen=True)
class Wish:
    """What the operator says of the schedule; the rest is read off the process that runs now."""

    at: time
    environment_file: Path | None = None
    log: Path | None = None
    user: str | None = None
    notify: bool = False


def files(settings: Settings, kind: str, wish: Wish) -> dict[str, str]:
    """File name and text of each unit of one kind of scheduler. Raises BadInput when it can't be written safely."""
    plan = plan_of(settings, kind, wish)
    if any(sign in str(path) for path in plan.paths() for sign in "\r\n\0"):
        raise BadInput("A path of this installation holds a line break.", "Move it to a folder without one.")
    return KINDS[kind](plan)


def plan_of(settings: Settings, kind: str, wish: Wish) -> Plan:
    """The interpreter, folder, home and files of this very process: what works now will work at night."""
    home = settings.home
    config = os.environ.get("CABINET14D_CONFIG")
    return Plan(
        python=Path(sys.executable),
        folder=Path.cwd(),
        home=home,
        environment_file=_environment_file(settings, wish),
        log=(wish.log or home / "logs" / "nightly.log").absolute(),
        at=wish.at,
        zone=settings.text("timezone"),
        user=wish.user or _user(kind),
        notify=wish.notify,
        config=Path(config).absolute() if config else None,
        first_day=date(2026, 1, 1),
    )


def _environment_file(settings: Settings, wish: Wish) -> Path | None:
    """Needed whenever a server is chosen: without it the night would quietly work on the embedded one."""
    usual = settings.home / "cabinet14d.env"
    if wish.environment_file:
        return wish.environment_file.absolute()
    chosen = settings["database_url"] or settings["db_host"]
    return usual if chosen or usual.exists() else None


def _user(kind: str) -> str:
    name = getpass.getuser()
    domain = os.environ.get("USERDOMAIN")
    return f"{domain}\\{name}" if kind == "windows" and domain else name


def as_text(parts: dict[str, str]) -> str:
    """All files in one text, each under its name when there are several."""
    return "\n".join(parts.values()) if len(parts) == 1 else "\n".join(
        f"# ---- {name} ----\n{text}" for name, text in parts.items()
    )


def write(parts: dict[str, str], folder: Path) -> list[Path]:
    """Write each file where it is wanted; Windows reads a task only in the encoding that its first line names."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in parts.items():
        encoding = "utf-16" if name.endswith(".xml") else "utf-8"
        (folder / name).write_text(text, encoding=encoding, newline="\r\n" if name.endswith(".xml") else "\n")
    return [folder / name for name in parts]
