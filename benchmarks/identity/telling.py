"""Prints a report of the measure: in all, by rule, and where the false and the missed links come from."""

from __future__ import annotations

from benchmarks.identity.measure import Report

CASES = 8  # named per list


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
