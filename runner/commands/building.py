"""Commands that build, publish and write back: build, reconcile, nightly, docs."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import click

from runner.commands.common import Monday, as_of_option, json_option, progress_of, settings_of


@click.command()
@click.option("--select", help="A dbt selection; what is selected is built, but not published.")
@click.option("--full-refresh", is_flag=True, help="Read the whole history again.")
@as_of_option
@json_option
@click.pass_context
def build(ctx: click.Context, select: str | None, full_refresh: bool, as_of: date | None, as_json: bool) -> None:
    """Run dbt: build, test, publish.

    Readers see the result when every model was built and every blocking test passed.

    \b
    Examples:
      cabinet14d build
      cabinet14d build --as-of 2026-01-10
    """
    from runner import chain

    chosen = settings_of(ctx)
    outcome = chain.build(
        chosen, as_of or chain.today(chosen), select=select, full_refresh=full_refresh, progress=progress_of(ctx, 2)
    )
    published = outcome.figures["published"]
    if as_json:
        click.echo(json.dumps({"run_id": outcome.run.run_id, "published": published, **outcome.builds[0].nodes}))


@click.group()
def reconcile() -> None:
    """Write decisions back: claims that are due become rows.

    \b
    Example:
      cabinet14d reconcile claims --dry-run
    """


@reconcile.command("claims")
@click.option("--days-back", type=click.IntRange(0, 36500), help="Only leads of the last N days; default all.")
@click.option(
    "--limit", type=click.IntRange(1, 1_000_000_000), help="At most N claims, oldest lead first; default all."
)
@click.option("--only-gaps", is_flag=True, help="Accepted for old scripts: gaps are all that is ever raised.")
@click.option("--only-milestone", type=click.Choice(["1", "5", "25"]), help="One milestone.")
@click.option("--week-start", type=Monday(), help="Leads of one week (its Monday).")
@click.option("--dry-run", is_flag=True, help="List what would be raised; write nothing.")
@click.option("--output-json", type=click.Path(path_type=Path, dir_okay=False), help="Write the result as JSON.")
@click.option("--output-csv", type=click.Path(path_type=Path, dir_okay=False), help="Write metric,value lines.")
@as_of_option
@json_option
@click.pass_context
def reconcile_claims(
    ctx: click.Context,
    days_back: int | None,
    limit: int | None,
    only_gaps: bool,
    only_milestone: str | None,
    week_start: date | None,
    dry_run: bool,
    output_json: Path | None,
    output_csv: Path | None,
    as_of: date | None,
    as_json: bool,
) -> None:
    """Raise the missing claims, once each, and publish the result.

    \b
    Examples:
      cabinet14d reconcile claims --dry-run
      cabinet14d reconcile claims --week-start 2026-01-05 --only-milestone 25
    """
    from runner import chain, output
    from runner.reconcile import ClaimsFilter

    chosen = settings_of(ctx)
    wanted = ClaimsFilter(days_back, limit, int(only_milestone) if only_milestone else None, week_start)
    day = as_of or chain.today(chosen)
    if dry_run:
        result = chain.preview_claims(chosen, day, wanted)
    else:
        outcome = chain.reconcile_claims(chosen, day, wanted, progress=progress_of(ctx, 4))
        assert outcome.claims is not None
        result = outcome.claims
    output.write_files(result, output_json, output_csv)
    output.show(result, output.claims_table(result, dry_run), as_json)


@click.command()
@click.option("--dry-run", is_flag=True, help="List what the night would raise; write nothing.")
@click.option(
    "--fail-on",
    type=click.Choice(["warning", "critical"]),
    default="critical",
    show_default=True,
    help="Which findings make the exit code other than 0.",
)
@click.option("--notify", is_flag=True, help="Send what the alerts have to say.")
@as_of_option
@json_option
@click.pass_context
def nightly(ctx: click.Context, dry_run: bool, fail_on: str, notify: bool, as_of: date | None, as_json: bool) -> None:
    """The whole chain under one lock, with a report of one screen.

    \b
    Examples:
      cabinet14d nightly
      cabinet14d nightly --fail-on warning --json > report.json
    """
    from runner import chain, output, report
    from runner.notify import channels
    from runner.reconcile import ClaimsFilter

    chosen = settings_of(ctx)
    day = as_of or chain.today(chosen)
    if dry_run:
        result = chain.preview_claims(chosen, day, ClaimsFilter())
        output.show(result, output.claims_table(result, dry_run=True), as_json)
        return
    if notify:
        channels(chosen)
    outcome = chain.nightly(chosen, day, fail_on=fail_on, notify=notify, progress=progress_of(ctx, 11))
    click.echo(json.dumps(report.as_json(outcome), default=str) if as_json else report.nightly(outcome))
    ctx.exit(outcome.run.exit_code)


@click.command()
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("cabinet14d-docs.html"),
    show_default=True,
    help="Where to write the page.",
)
@click.pass_context
def docs(ctx: click.Context, output: Path) -> None:
    """Write the models' documentation as one page.

    The same page is then served at /docs/datos by `cabinet14d serve`.

    \b
    Example:
      cabinet14d docs --output datos.html
    """
    from runner import database, warehouse

    chosen = settings_of(ctx)
    warehouse.write_docs(database.server(chosen), chosen, output)
    click.echo(str(output))
