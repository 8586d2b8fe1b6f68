"""Prints how our rules and the original's do on labelled sets, and the most that anybody could do.

    python -m benchmarks.identity.run --seeds 1 2 3 4 5
On the embedded server, or on the one that --database-url names, in a database of its own that is dropped at the end.
Splink: benchmarks.identity.referees. FEBRL with our rules: benchmarks.identity.foreign.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.identity import original, product
from benchmarks.identity.ceiling import ceiling
from benchmarks.identity.generator import LabelledSet, generate
from benchmarks.identity.measure import Likeness, Report, likeness, measure
from benchmarks.identity.scratch import scratch_database
from benchmarks.identity.telling import print_report
from runner.demo_people import TARGET_PARK
from runner.settings import Settings

OURS, OURS_IN_PARK = "our rules", "our rules with a target park"
ORIGINAL, ORIGINAL_AGAIN = "the original, nobody linked before", "the original, all linked before"


def main(arguments: Sequence[str] | None = None) -> None:
    """One block per seed, and the worst of them."""
    chosen = _parser().parse_args(arguments)
    reports: dict[str, dict[int, Report]] = {}
    with scratch_database(chosen.database_url, chosen.home) as settings:
        for seed in chosen.seeds:
            began = time.perf_counter()
            labelled = generate(seed, chosen.leads, chosen.drivers)
            print(f"seed {seed}: {len(labelled.leads)} leads, {len(labelled.drivers)} drivers, "
                  f"made in {time.perf_counter() - began:.0f} s")
            its = _ours(settings, labelled, chosen.target_park) | _original(labelled)
            for name, report in its.items():
                reports.setdefault(name, {})[seed] = report
            if not chosen.without_ceiling:
                _print_ceiling(labelled)
    print("the worst of the seeds")
    for name, by_seed in reports.items():
        _print_worst(name, by_seed)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3, 4, 5])
    parser.add_argument("--leads", type=int, default=20_000)
    parser.add_argument("--drivers", type=int, default=50_000)
    parser.add_argument("--database-url")
    parser.add_argument("--home", type=Path, help="folder of the embedded server and of dbt's files")
    parser.add_argument("--target-park", action="store_true", help="our rules once more, with a target park set")
    parser.add_argument("--without-ceiling", action="store_true")
    return parser


def _ours(settings: Settings, labelled: LabelledSet, in_park: bool) -> dict[str, Report]:
    """Our rules: every park alike, and (if asked for) with the generator's own park as the target."""
    reports = {}
    for name, park in ((OURS, ""), (OURS_IN_PARK, TARGET_PARK))[:1 + in_park]:
        linked = product.link(settings, labelled, park)
        print(f"  {name} ({linked.seconds:.0f} s)")
        reports[name] = measure(labelled, linked.decisions)
        print_report(reports[name])
    return reports


def _original(labelled: LabelledSet) -> dict[str, Report]:
    """Between two bounds: MR3b finds only drivers that earlier leads had linked."""
    reports = {}
    for name, linked in ((ORIGINAL, ()), (ORIGINAL_AGAIN, labelled.person_of_driver)):
        began = time.perf_counter()
        outcomes = original.link(labelled, linked)
        print(f"  {name} ({time.perf_counter() - began:.0f} s)")
        reports[name] = measure(labelled, outcomes)
        print_report(reports[name])
        _print_likeness(likeness(labelled, outcomes))
    return reports


def _print_worst(name: str, by_seed: dict[int, Report]) -> None:
    """Each figure at its worst, and on which seed that was."""
    precision = min(by_seed, key=lambda seed: by_seed[seed].all.precision)
    recall = min(by_seed, key=lambda seed: by_seed[seed].all.recall)
    band = max(by_seed, key=lambda seed: by_seed[seed].review_band)
    shared = max(by_seed, key=lambda seed: len(by_seed[seed].drivers_of_two_persons))
    print(f"  {name}: precision {by_seed[precision].all.precision:.4f} (seed {precision}), "
          f"recall {by_seed[recall].all.recall:.4f} (seed {recall}), "
          f"review band {by_seed[band].review_band:.4f} (seed {band}), "
          f"drivers of two persons {len(by_seed[shared].drivers_of_two_persons)} (seed {shared})")


def _print_likeness(found: Likeness) -> None:
    """Beside the published figures of the real data."""
    print(f"    without identity {found.without_identity:.3f} (published 0.21 to 0.24), by phone "
          f"{found.by_phone:.3f} (0.967), unmatched that show a phone {found.unmatched_with_phone:.3f} (0 of 31)")


def _print_ceiling(labelled: LabelledSet) -> None:
    began = time.perf_counter()
    found = ceiling(labelled)
    print(f"  ceiling ({time.perf_counter() - began:.0f} s): recall {found.recall:.4f}, by phone or plate "
          f"{found.recall_by_key:.4f}; by name alone {found.by_name} leads beside {len(found.decoys)} decoys; "
          f"lost {len(found.lost)}")


if __name__ == "__main__":
    main()
