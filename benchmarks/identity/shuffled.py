"""Whether the order of the rows says anything: the same labelled set inserted in many orders, each decided anew.

    python -m benchmarks.identity.shuffled --runs 10
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from benchmarks.identity import product
from benchmarks.identity.generator import LabelledSet, generate
from benchmarks.identity.scratch import scratch_database
from runner.settings import Settings


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the fingerprint of each order; 1 if they differ."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--leads", type=int, default=20_000)
    parser.add_argument("--drivers", type=int, default=50_000)
    parser.add_argument("--database-url")
    parser.add_argument("--home", type=Path, help="folder of the embedded server and of dbt's files")
    chosen = parser.parse_args(arguments)
    labelled = generate(chosen.seed, chosen.leads, chosen.drivers)
    seen = set()
    with scratch_database(chosen.database_url, chosen.home) as settings:
        for run, linked in enumerate(in_many_orders(settings, labelled, chosen.runs), 1):
            seen.add(linked.fingerprint)
            print(f"run {run}: {len(linked.decisions)} decisions, {linked.fingerprint}, {linked.seconds:.0f} s")
    print("the same byte for byte" if len(seen) == 1 else f"{len(seen)} different outcomes")
    return int(len(seen) > 1)


def in_many_orders(settings: Settings, labelled: LabelledSet, runs: int) -> Iterator[product.Linked]:
    """What is decided when the rows stand in their own order, then in others; ids stay with their rows."""
    for run in range(runs):
        yield product.link(settings, labelled if run == 0 else shuffled(labelled, run))


def shuffled(labelled: LabelledSet, seed: int) -> LabelledSet:
    """The same rows in another order."""
    dice = random.Random(seed)
    return replace(labelled, leads=dice.sample(labelled.leads, len(labelled.leads)),
                   drivers=dice.sample(labelled.drivers, len(labelled.drivers)))


if __name__ == "__main__":
    raise SystemExit(main())
