"""How results are printed and kept: tables of 80 columns, JSON files, and the two-column CSV of old."""

from __future__ import annotations

import csv
import json
from pathlib import Path

from runner.reconcile import ClaimsResult

LISTED = 20


def write_files(result: ClaimsResult, json_path: Path | None, csv_path: Path | None) -> None:
    """Write the result as JSON and as metric,value lines where asked."""
    if json_path:
        json_path.write_text(json.dumps(result.as_dict(), indent=2) + "\n", encoding="utf-8")
    if csv_path:
        with csv_path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["metric", "value"])
            writer.writerows(result.counters.items())


def claims_table(result: ClaimsResult, dry_run: bool) -> str:
    """Gaps and money per milestone, then what would be raised (dry run) or what was."""
    verb = "to raise" if dry_run else "raised"
    lines = [f"{'milestone':<10}{'gaps':>8}{'PEN':>14}{verb:>12}{'PEN':>14}"]
    for milestone, row in result.by_milestone.items():
        count, amount = (row["picked"], row["picked_amount"]) if dry_run else (row["inserted"], row["inserted_amount"])
        lines.append(f"{'M' + str(milestone):<10}{row['gaps']:>8,}{row['gap_amount']:>14}{count:>12,}{amount:>14}")
    counters = result.counters
    count, amount = (
        (counters["picked"], counters["picked_amount"])
        if dry_run
        else (counters["claims_inserted"], counters["inserted_amount"])
    )
    lines.append(f"{'all':<10}{counters['gaps_found']:>8,}{counters['gap_amount']:>14}{count:>12,}{amount:>14}")
    lines += _notes(result, dry_run)
    return "\n".join(lines)


def _notes(result: ClaimsResult, dry_run: bool) -> list[str]:
    notes = []
    if result.counters["left_over"]:
        notes.append(f"{result.counters['left_over']:,} gaps are left over by the flags.")
    if result.counters["claims_conflicting"]:
        notes.append(
            f"{result.counters['claims_conflicting']:,} gaps have a claim of the same lead under another person."
        )
    if result.counters["invalid_conditions"]:
        notes.append(f"{result.counters['invalid_conditions']:,} could not be written: no such person in the registry.")
    if dry_run:
        if result.counters.get("would_advance"):
            notes.append(f"{result.counters['would_advance']:,} rows would go from expected to generated.")
        notes += [
            f"  {row['lead_date']}  M{row['milestone']:<3} {row['amount_expected']:>7}  {row['trips_14d']:>4} trips"
            f"  lead {row['lead_source_pk'][:32]}"
            for row in result.listing[:LISTED]
        ]
        if len(result.listing) > LISTED:
            notes.append(f"  … and {len(result.listing) - LISTED:,} more (--output-json has all).")
        notes.append("Dry run on the live run: nothing was written.")
    return notes
