"""Fills the empty database that DATABASE_URL names with a large world, then measures: python -m benchmarks.web.run"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import psycopg2

from benchmarks.web import measure
from runner import chain, database, migrate, settings
from runner.progress import Progress

HERE = Path(__file__).parent
AS_OF = date(2026, 1, 14)
LETTERS = "upper(translate(substr(md5('{of} ' || n), {begin}, {length}), '0123456789', 'ghijklmnop'))"
DIGITS = "translate(substr(md5('{of} ' || n), 1, {length}), 'abcdef', '012345')"
PARTS = {
    "{first}": LETTERS.format(of="name", begin=1, length=7),
    "{last}": LETTERS.format(of="name", begin=9, length=7),
    "{phone}": "'9' || " + DIGITS.format(of="phone", length=8),
    "{plate}": LETTERS.format(of="plate", begin=1, length=4) + " || " + DIGITS.format(of="plate", length=4),
}


def main() -> None:
    """Make what is missing, measure, print JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--leads", type=int, default=200_000)
    parser.add_argument("--port", type=int, default=8791)
    parser.add_argument("--requests", type=int, default=200)
    chosen = parser.parse_args()
    if not os.environ.get("DATABASE_URL"):
        sys.exit("Name an empty database in DATABASE_URL.")
    with tempfile.TemporaryDirectory() as home:
        ours = settings.load({"home": home})
        told: dict[str, Any] = {"leads": chosen.leads, "world": make(ours, chosen.leads)}
        with measure.serving({"CABINET14D_HOME": home}, chosen.port) as pid:
            told["answers"] = answers(chosen.port, chosen.requests)
            told["files"] = files(chosen.port, pid, chosen.leads)
    print(json.dumps(told, indent=2))


def make(ours: settings.Settings, leads: int) -> dict[str, Any]:
    """Migrations, rows, a build, claims, a second build that changes much, and a third that changes nothing."""
    where = database.server(ours)
    migrate.upgrade(where, ours)
    with closing(psycopg2.connect(**where.conninfo())) as session, session, session.cursor() as cursor:
        cursor.execute("select count(*) from public.module_ct_cabinet_leads")
        found = cursor.fetchone()
        if found and found[0]:
            return {"made": "before"}
        world = (HERE / "world.sql").read_text(encoding="utf-8").replace("{leads}", str(leads))
        for part, text in PARTS.items():
            world = world.replace(part, text)
        cursor.execute(world)
    seconds = [build(ours)]
    with closing(psycopg2.connect(**where.conninfo())) as session, session, session.cursor() as cursor:
        cursor.execute((HERE / "claims.sql").read_text(encoding="utf-8"))
    return {"build_seconds": [*seconds, build(ours), build(ours)]}


def build(ours: settings.Settings) -> float:
    """Seconds of a published build."""
    began = time.perf_counter()
    chain.build(ours, AS_OF, progress=Progress(2, quiet=True))
    return round(time.perf_counter() - began, 1)


def answers(port: int, count: int) -> dict[str, Any]:
    """p50 and p95 in milliseconds, for one client and for eight at once."""
    told = {}
    for name, address in measure.kinds(port).items():
        measure.times(port, address, 20)
        alone = measure.quantiles(measure.times(port, address, count))
        together = measure.quantiles(measure.times(port, address, 2 * count, measure.CLIENTS))
        told[name] = {"p50": alone[0], "p95": alone[1], "p50_of_8": together[0], "p95_of_8": together[1]}
    return told


def files(port: int, pid: int, leads: int) -> dict[str, Any]:
    """A small file first, so that what is compared is only the rows."""
    measure.download(port, f"{measure.BASE}/limbo/export?limit=1000")
    before = measure.memory(pid)
    lines, size, seconds = measure.download(port, f"{measure.BASE}/limbo/export?limit={leads}")
    after = measure.memory(pid)
    return {
        "lines": lines,
        "megabytes": round(size / 1e6, 1),
        "seconds": seconds,
        "memory_before": before[0],
        "memory_peak_before": before[1],
        "memory_peak": after[1],
    }


if __name__ == "__main__":
    main()
