"""The home folder that is measured on: its server, its databases, its commands with what they cost."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg2

from benchmarks.scale.world import LAST_DAY, World
from runner import database, migrate, settings
from runner.database import Server

REPOSITORY = Path(__file__).parents[2]
FINE = (0, 1, 3)  # clean, findings, critical alert: the command did its work
STATE = """
select
    (select coalesce(max(id), 0) from public.module_ct_cabinet_leads),
    (select max(created_at)::date - 1 from public.summary_daily)
"""


@dataclass(frozen=True)
class Ran:
    """What one command took: wall seconds, its own CPU seconds, its own peak of resident memory."""

    seconds: float
    cpu: float
    megabytes: float


@dataclass(frozen=True)
class Ground:
    """A home, its server, and the size that was asked for."""

    home: Path
    where: Server
    leads: int
    weeks: int

    @contextmanager
    def cursor(self, autocommit: bool = False) -> Iterator[Any]:
        """One session with one cursor; commits at the end."""
        with closing(psycopg2.connect(**self.where.conninfo(), options="-c jit=off -c timezone=UTC")) as session:
            session.autocommit = autocommit
            with session.cursor() as cursor:
                yield cursor
            if not autocommit:
                session.commit()

    def ask(self, statement: str) -> list[tuple[Any, ...]]:
        """The rows of one statement."""
        with self.cursor(autocommit=True) as cursor:
            cursor.execute(statement)
            return list(cursor.fetchall())

    def do(self, *statements: str) -> None:
        """Statements that give no rows, each committed by itself."""
        with self.cursor(autocommit=True) as cursor:
            for statement in statements:
                cursor.execute(statement)

    def environment(self) -> dict[str, str]:
        """What makes a command use this very database."""
        socket, user = quote(self.where.host, safe=""), self.where.user
        url = f"postgresql://{user}@/{self.where.dbname}?host={socket}&port={self.where.port}"
        return {**os.environ, "DATABASE_URL": url, "CABINET14D_HOME": str(self.home), "PYTHONPATH": str(REPOSITORY)}

    def run(self, *words: str) -> Ran:
        """One command of the product in a process of its own. Raises RuntimeError if it could not run."""
        began = time.perf_counter()
        command = [sys.executable, "-m", "runner", "--quiet", *words]
        process = subprocess.Popen(command, env=self.environment(), cwd=REPOSITORY, stdout=subprocess.DEVNULL)
        with _peak(process.pid) as peak:
            _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in FINE:
            raise RuntimeError(f"{' '.join(words)} ended with {process.returncode}")
        cpu = usage.ru_utime + usage.ru_stime
        return Ran(time.perf_counter() - began, cpu, peak[0] / 1024)

    def world(self) -> World:
        """The world as it stands, read from the rows."""
        last_lead, last_day = self.ask(STATE)[0]
        return World(self.leads, self.weeks, last_day or LAST_DAY, last_lead)

    def as_of(self) -> date:
        """The day that readers see, or the day after the last one with rows."""
        live = self.ask("select max(as_of_date) from ops.runs where is_live")[0][0]
        return max(live or date.min, self.world().last_day + timedelta(days=1))

    def has_states(self) -> bool:
        """Whether a build was published."""
        return bool(self.ask("select exists (select from ops.runs where is_live)")[0][0])

    @contextmanager
    def copy(self, name: str) -> Iterator[Ground]:
        """The same database once more, file by file, dropped afterwards."""
        other = replace(self, where=replace(self.where, dbname=name))
        system = replace(self, where=replace(self.where, dbname="postgres"))
        drop = f"drop database if exists {name} with (force)"
        try:
            system.do(drop, f"create database {name} template {self.where.dbname} strategy file_copy")
            yield other
        finally:
            system.do(drop)


@contextmanager
def _peak(pid: int) -> Iterator[list[int]]:
    """Most resident kilobytes of a process (ru_maxrss would begin with those of the process that started it)."""
    peak, stop = [0], threading.Event()

    def watch() -> None:
        while not stop.wait(0.05):
            found = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{pid}/status").read_text(encoding="utf-8"))
            peak[0] = max(peak[0], int(found[1])) if found else peak[0]

    def patiently() -> None:
        with suppress(OSError):  # it has ended
            watch()

    thread = threading.Thread(target=patiently)
    thread.start()
    try:
        yield peak
    finally:
        stop.set()
        thread.join()


def ground(home: Path, leads: int, weeks: int) -> Ground:
    """Starts the home's server and migrates its database."""
    ours = settings.load({"home": home})
    where = database.server(ours)
    migrate.upgrade(where, ours)
    return Ground(home, where, leads, weeks)


def step_seconds(where: Ground) -> dict[str, float]:
    """Seconds of each step of the last run, by name."""
    rows = where.ask("""
        select name, extract(epoch from finished_at - started_at)
        from ops.run_steps where run_id = (select max(run_id) from ops.runs) order by step_no
    """)
    return {name: float(seconds) for name, seconds in rows}


def slowest(where: Ground, count: int = 10) -> dict[str, float]:
    """The last run's slowest nodes, seconds of all its steps together."""
    rows = where.ask(f"""
        select node, sum(seconds)
        from ops.run_nodes where run_id = (select max(run_id) from ops.runs)
        group by node order by 2 desc limit {count}
    """)
    return {node: round(float(seconds), 2) for node, seconds in rows}
