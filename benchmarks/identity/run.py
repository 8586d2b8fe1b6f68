"""Prints what the labelled sets are like, how the original does on them, and the most that anybody could do.

    python -m benchmarks.identity.run --seeds 1 2 3 4 5
Splink and FEBRL: benchmarks.identity.referees.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence

from benchmarks.identity import original
from benchmarks.identity.ceiling import ceiling
from benchmarks.identity.generator import LabelledSet, generate
from benchmarks.identity.measure import Likeness, Report, likeness, measure

CASES = 8  # named per list


def main(arguments: Sequence[str] | None = None) -> None:
    """One block per seed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3, 4, 5])
    parser.add_argument("--leads", type=int, default=20_000)
    parser.add_argument("--drivers", type=int, default=50_000)
    parser.add_argument("--without-ceiling", action="store_true")
    chosen = parser.parse_args(arguments)
    for seed in chosen.seeds:
        began = time.perf_counter()
        labelled = generate(seed, chosen.leads, chosen.drivers)
        print(f"seed {seed}: {len(labelled.leads)} leads, {len(labelled.drivers)} drivers, "
              f"made in {time.perf_counter() - began:.0f} s")
        _print_original(labelled)
        if not chosen.without_ceiling:
            _print_ceiling(labelled)


def _print_original(labelled: LabelledSet) -> None:
    """Between two bounds: MR3b finds only drivers that earlier leads had linked."""
    for says, linked in (("nobody linked before", ()), ("all linked before", labelled.person_of_driver)):
        began = time.perf_counter()
        outcomes = original.link(labelled, linked)
        print(f"  the original, {says} ({time.perf_counter() - began:.0f} s)")
        print_report(measure(labelled, outcomes))
        print_likeness(likeness(labelled, outcomes))


def print_report(report: Report) -> None:
    """Figures in all and by rule, and where the false and the missed ones come from."""
    for rule, found in report.figures.items():
        print(f"    {rule:<28} links {found.links:>6}  false {found.false:>4}  precision {found.precision:.4f}  "
              f"recall {found.recall:.4f}  F1 {found.f1:.4f}")
    print(f"    review band {report.review_band:.4f}, drivers of two persons {len(report.drivers_of_two_persons)}")
    print(f"    false:  {_most(report.false_by_case)}")
    print(f"    missed: {_most(report.missed_by_case)}")


def _most(by_case: dict[str, int]) -> str:
    return ", ".join(f"{case} {count}" for case, count in list(by_case.items())[:CASES]) or "none"


def print_likeness(found: Likeness) -> None:
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
