"""How many leads a second are decided and written, all at once and one by one, and how much memory that holds.

    python -m benchmarks.identity.rate --leads 100000 --drivers 200000
All at once is the command itself in a process of its own: `reconcile leads` builds everything (limbo and gap too),
decides, links, and builds what the links changed. It runs twice: the second time nothing has changed.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.identity import one_by_one, scratch
from benchmarks.identity.generator import LabelledSet, generate
from benchmarks.identity.watching import Watched, watched
from runner import database, warehouse
from runner.settings import Settings

SAMPLE = 2_000
# Of the last run: its steps, and the slowest models of each.
STEPS = """
    select steps.name, steps.counters ->> 'seconds',
        string_agg(node.key || ' ' || node.value, ', ' order by cast(node.value as numeric) desc)
    from ops.run_steps as steps
    left join jsonb_each_text(steps.counters -> 'slowest') as node on true
    where steps.run_id = (select max(run_id) from ops.runs)
    group by steps.step_no, steps.name, steps.counters
    order by steps.step_no
"""
WRITTEN = "select count(*) from canon.identity_links where source_table = 'module_ct_cabinet_leads'"


def main(arguments: Sequence[str] | None = None) -> None:
    """Print leads per second and megabytes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=8)
    parser.add_argument("--leads", type=int, default=100_000)
    parser.add_argument("--drivers", type=int, default=200_000)
    parser.add_argument("--sample", type=int, default=SAMPLE, help="leads of the loop that takes one at a time")
    parser.add_argument("--database-url")
    parser.add_argument("--home", type=Path, help="folder of the embedded server and of dbt's files")
    chosen = parser.parse_args(arguments)
    labelled = generate(chosen.seed, chosen.leads, chosen.drivers)
    print(f"{len(labelled.leads)} leads, {len(labelled.drivers)} drivers", flush=True)
    with scratch.scratch_database(chosen.database_url, chosen.home) as settings:
        scratch.fill(settings, labelled.leads, labelled.drivers)
        _one_by_one(settings, labelled, chosen.sample)
        for turn in ("all at once", "again, nothing changed"):
            _at_once(settings, turn, len(labelled.leads))


def _at_once(settings: Settings, title: str, leads: int) -> None:
    """The command as a night runs it."""
    words = ["reconcile", "leads", "--as-of", scratch.AS_OF.isoformat()]
    environment = {**os.environ, **database.server(settings).environment(), "CABINET14D_HOME": str(settings.home),
                   "CABINET14D_TARGET_PARK": ""}
    environment.pop("DATABASE_URL", None)
    began = time.perf_counter()
    running = subprocess.Popen([sys.executable, "-m", "runner", "--quiet", *words], cwd=warehouse.project_folder(),
                               env=environment, stdout=subprocess.DEVNULL)
    with running, watched(settings.text("db_name"), running.pid) as seen:
        code = running.wait()
    seconds = time.perf_counter() - began
    print(f"{title}, `{' '.join(words)}` (exit code {code}): {seconds:.1f} s, {leads / seconds:.0f} leads/s; "
          f"{_told(seen, leads)}", flush=True)
    print(f"  {scratch.read(settings, WRITTEN)[0][0]} leads are linked")
    for name, spent, slowest in scratch.read(settings, STEPS):
        print(f"  {name} {spent} s: {slowest or ''}", flush=True)


def _one_by_one(settings: Settings, labelled: LabelledSet, sample: int) -> None:
    """A sample of the leads, spread over all of them."""
    step = max(1, len(labelled.leads) // sample)
    leads = labelled.leads[::step][:sample]
    indexed = one_by_one.index(settings, labelled.drivers)
    with watched(settings.text("db_name"), os.getpid()) as seen:
        seconds = one_by_one.link(settings, leads)
    print(f"one by one: {len(leads)} leads in {seconds:.1f} s, {len(leads) / seconds:.0f} leads/s decided and written "
          f"(and {indexed:.1f} s for the index of drivers); {_told(seen, len(leads))}", flush=True)


def _told(seen: Watched, leads: int) -> str:
    return (f"CPU {seen.cpu:.1f} s, {leads / max(seen.cpu, 0.01):.0f} leads per CPU second; at most "
            f"{seen.runner:.0f} MB in the command's process and {seen.server:.0f} MB in all server processes")


if __name__ == "__main__":
    main()
