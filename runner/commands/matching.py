"""The command `reconcile leads`: links by what the models decided."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import click

from runner.commands.common import as_of_option, json_option, progress_of, settings_of


@click.command("leads")
@click.option("--days-back", type=click.IntRange(0, 36500), help="Link only leads of the last N days; default all.")
@click.option("--limit", type=click.IntRange(1, 1_000_000_000), help="Link at most N, oldest lead first; default all.")
@click.option("--only-limbo", is_flag=True, help="Only NO_IDENTITY and NO_DRIVER, which is all that is ever matched.")
@click.option("--dry-run", is_flag=True, help="Show what would be linked, by rule; write nothing.")
@click.option("--output-json", type=click.Path(path_type=Path, dir_okay=False), help="Write the result as JSON.")
@click.option("--output-csv", type=click.Path(path_type=Path, dir_okay=False), help="Write metric,value lines.")
@as_of_option
@json_option
@click.pass_context
def reconcile_leads(
    ctx: click.Context,
    days_back: int | None,
    limit: int | None,
    only_limbo: bool,
    dry_run: bool,
    output_json: Path | None,
    output_csv: Path | None,
    as_of: date | None,
    as_json: bool,
) -> None:
    """Link leads with their persons and drivers, and publish the result.

    Every lead without a person or driver is looked at; who stays unlinked has its
    reason in ops.v_identity_decisions.

    \b
    Examples:
      cabinet14d reconcile leads --dry-run
      cabinet14d reconcile leads --days-back 30 --limit 500
    """
    from runner import chain, output
    from runner.reconcile_leads import LeadsFilter

    chosen = settings_of(ctx)
    wanted = LeadsFilter(days_back, limit)
    day = as_of or chain.today(chosen)
    if dry_run:
        result = chain.preview_leads(chosen, day, wanted)
    else:
        outcome = chain.reconcile_leads_now(chosen, day, wanted, progress=progress_of(ctx, 4))
        assert outcome.leads is not None
        result = outcome.leads
    output.write_files(result, output_json, output_csv)
    click.echo(json.dumps(result.as_dict()) if as_json else output.leads_table(result, dry_run))
