"""Peak memory of builds, nights and what only reads, of the server's processes too, and what is on the disk (Linux)."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.scale.figures import Part
from benchmarks.scale.ground import Ground

EVERY = 0.2  # seconds
# Besides build and nightly. Each ends by itself; `serve` is measured by the lists.
COMMANDS: tuple[tuple[str, ...], ...] = (
    ("doctor",),
    ("validate", "limbo"),
    ("validate", "claims-gap"),
    ("reconcile", "claims", "--dry-run", "--output-json", "{folder}/claims.json"),
    ("reconcile", "leads", "--dry-run"),
    ("reconcile", "payments", "--dry-run"),
    ("export", "claims", "--format", "csv", "--output", "{folder}/claims.csv"),
    ("export", "claims", "--overdue", "1", "--output", "{folder}/claims.xlsx"),
    ("explain", "1"),
    ("runs",),
    ("docs", "--output", "{folder}/docs.html"),
    ("backup", "{folder}/backup.c14d", "--no-raw"),
)
SIZES = """
select c.oid::regclass::text, pg_total_relation_size(c.oid) / 1e6, pg_relation_size(c.oid) / 1e6
from pg_class as c
where c.relkind = 'r' and c.relnamespace::regnamespace::text not in ('pg_catalog', 'information_schema')
order by 2 desc limit 12
"""


def measure(where: Ground) -> Part:
    """Runs of their own, since adding up pages is work too: their seconds are not compared with anything."""
    part = Part()
    as_of = str(where.as_of())
    for name, words in (("build --full-refresh", ("build", "--full-refresh")), ("nightly, nothing new", ("nightly",))):
        with watching(where) as peak:
            ran = where.run(*words, "--as-of", as_of)
        megabytes = {"runner": round(ran.megabytes), "server (Pss)": peak[0], "of it private": peak[1]}
        part.facts[f"{name}, peak MB"] = megabytes
    part.facts["server"] = {name: where.ask(f"show {name}")[0][0] for name in ("shared_buffers", "work_mem")}
    return part


def commands(where: Ground) -> Part:
    """Seconds and the runner's own peak of the commands that only read; files go to a folder that is dropped."""
    part = Part()
    with TemporaryDirectory() as folder:
        for words in COMMANDS:
            name = " ".join(word for word in words if "{" not in word)
            ran = where.run(*(word.format(folder=folder) for word in words))
            part.add(name, ran.seconds)
            part.facts[f"{name}, peak MB"] = round(ran.megabytes)
    return part


def disk(where: Ground) -> Part:
    """Sizes as they are now: whole database, largest tables with their indexes."""
    size = where.ask("select pg_database_size(current_database()) / 1e6")[0][0]
    part = Part(facts={"database MB": round(float(size))})
    for name, total, heap in where.ask(SIZES):
        part.facts[name] = {"MB": round(float(total), 1), "without indexes": round(float(heap), 1)}
    return part


@contextmanager
def watching(where: Ground) -> Iterator[list[int]]:
    """Most megabytes of all the server's processes at once while the block runs, and of those that none shares."""
    peak, stop = [0, 0], threading.Event()

    def watch() -> None:
        while not stop.wait(EVERY):
            now = [_read(pid) for pid in server_processes(where.home)]
            for place in range(2):
                peak[place] = max(peak[place], sum(found[place] for found in now) // 1024)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield peak
    finally:
        stop.set()
        thread.join()


def server_processes(home: Path) -> list[int]:
    """The postmaster of the home and its children."""
    master = (home / "postgres" / "postmaster.pid").read_text(encoding="utf-8").split()[0]
    found = [int(master)]
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            if stat.read_text(encoding="utf-8").rpartition(")")[2].split()[1] == master:
                found.append(int(stat.parent.name))
        except OSError:
            continue
    return found


def _read(pid: int) -> tuple[int, int]:
    """Kilobytes: the share of each page, and private pages."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    except OSError:
        return 0, 0
    share, *private = (int(value) for value in re.findall(r"^(?:Pss|Private_\w+):\s+(\d+)", text, re.MULTILINE))
    return share, sum(private)
