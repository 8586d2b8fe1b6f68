"""How results are printed and kept: tables of 80 columns, JSON files, and the two-column CSV of old."""

from __future__ import annotations

import csv
from pathlib import Path

import click

from runner.kept_rows import write_json
from runner.reconcile import ClaimsResult
from runner.reconcile_leads import REASONS, LeadsResult
from runner.reconcile_payments import PaymentsResult

LISTED = 20


def show(result: ClaimsResult | PaymentsResult, table: str, as_json: bool) -> None:
    """On stdout: JSON, or the table that people read."""
    if as_json:
        write_json(result.as_dict(), click.get_text_stream("stdout"))
    else:
        click.echo(table)


def write_files(
    result: ClaimsResult | LeadsResult | PaymentsResult, json_path: Path | None, csv_path: Path | None
) -> None:
    """Write the result as JSON and as metric,value lines where asked."""
    if json_path:
        with json_path.open("w", encoding="utf-8") as file:
            write_json(result.as_dict(), file, indent=2)
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
            for row in result.listing.first(LISTED)
        ]
        if len(result.listing) > LISTED:
            notes.append(f"  … and {len(result.listing) - LISTED:,} more (--output-json has all).")
        notes.append("Dry run on the live run: nothing was written.")
    return notes


def leads_table(result: LeadsResult, dry_run: bool) -> str:
    """Links by rule, then what stays unlinked by reason; on a dry run with examples."""
    counters = result.counters
    lines = [f"{'would link by' if dry_run else 'linked by':<34}{'leads':>10}"]
    lines += [f"  {rule:<32}{count:>10,}" for rule, count in sorted(result.by_rule.items())]
    lines.append(f"{'all':<34}{sum(result.by_rule.values()):>10,}")
    if not dry_run:
        lines.append(f"{'given a driver':<34}{counters['newly_driver_mapped']:>10,}")
    lines.append("not linked")
    lines += [f"  {reason:<32}{counters[name]:>10,}" for name, reason in REASONS.items() if counters[name]]
    lines += [f"  {'IGNORED':<32}{counters['ignored']:>10,}"] if counters["ignored"] else []
    if counters["suggestions"]:
        lines.append(f"{counters['suggestions']:,} of them have a suggestion: ops.v_identity_suggestions.")
    if counters["left_over"]:
        lines.append(f"{counters['left_over']:,} could be linked and are left over by the flags.")
    if dry_run:
        lines += [
            f"  {link['lead_date']}  {link['match_rule'][:28]:<28} {link['score'] or ''!s:>4}"
            f"  lead {masked(link['lead_source_pk'])}  driver {masked(link['driver_id'])}"
            for link in result.examples
        ]
        lines.append("Dry run on the live run: nothing was written.")
    return "\n".join(lines)


def masked(key: str) -> str:
    """The first signs of a key: enough to find it again, too little to pass on."""
    return f"{key[:8]}…" if len(key) > 8 else key
