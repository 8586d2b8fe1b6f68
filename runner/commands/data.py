"""Commands that bring data and tables in: migrate, load, demo."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from runner.commands.common import json_option, progress_of, settings_of


@click.command()
@click.option("--sql", "as_sql", is_flag=True, help="Print the SQL instead of running it.")
@click.option("--down", is_flag=True, help="Take the last revision back.")
@click.option("--watch", is_flag=True, help="Let raw tables of others tell what changes in them.")
@json_option
@click.pass_context
def migrate(ctx: click.Context, as_sql: bool, down: bool, watch: bool, as_json: bool) -> None:
    """Bring the tables to the newest revision.

    Tables that exist are adopted: nothing of them is lost, and rows that break a
    rule are reported. With --watch, raw tables that were there before get
    triggers that note changed keys: nights then read what changed, not the
    history.

    \b
    Examples:
      cabinet14d migrate
      cabinet14d migrate --watch
    """
    from runner import database
    from runner import migrate as migrations

    if as_sql:
        click.echo(migrations.sql("head"))
        return
    chosen = settings_of(ctx)
    where = database.server(chosen)
    result = migrations.downgrade(where, chosen) if down else migrations.upgrade(where, chosen)
    if watch and not down:
        migrations.watch(where, chosen)
    _print_migration(result, as_json)
    ctx.exit(1 if result.findings else 0)


def _print_migration(result: Any, as_json: bool) -> None:
    if as_json:
        click.echo(
            json.dumps(
                {
                    "from": result.from_revision,
                    "to": result.to_revision,
                    "findings": [vars(f) for f in result.findings],
                    "web": result.web,
                },
                default=str,
            )
        )
        return
    if result.from_revision == result.to_revision:
        click.echo(f"migrations: at {result.to_revision}, nothing to do", err=True)
    else:
        click.echo(f"migrations: from {result.from_revision or 'empty'} to {result.to_revision}", err=True)
    if result.web:
        click.echo(f"web: {result.web} Until an administrator makes it so, the web reads with this user's rights, "
                   "in read-only transactions. Then run 'cabinet14d migrate' again.", err=True)
    for finding in result.findings:
        click.echo(str(finding))


@click.command()
@click.argument("kind", type=click.Choice(["leads", "trips", "drivers", "payments"]))
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Check and count, keep nothing.")
@json_option
@click.pass_context
def load(ctx: click.Context, kind: str, files: tuple[Path, ...], dry_run: bool, as_json: bool) -> None:
    """Load CSV FILES of one KIND; twice gives the same as once.

    Rows that can't be loaded are kept in ops.load_rejects with file, row, column, value and rule.

    \b
    Example:
      cabinet14d load trips viajes_2026-01-10.csv
    """
    from runner import loading

    results = loading.load(settings_of(ctx), kind, list(files), dry_run=dry_run, progress=progress_of(ctx, len(files)))
    click.echo(json.dumps([asdict(r) for r in results], default=str) if as_json else loading.table(results))
    ctx.exit(1 if any(r.rejected for r in results) else 0)


@click.command()
@click.option("--leads", type=click.IntRange(min=1), default=849, show_default=True, help="How many leads to invent.")
@click.option("--folder", type=click.Path(path_type=Path, file_okay=False), help="Where to keep the files.")
@click.option("--if-empty", is_flag=True, help="Do nothing when the database has leads.")
@click.pass_context
def demo(ctx: click.Context, leads: int, folder: Path | None, if_empty: bool) -> None:
    """Write sample files of invented people and load them.

    \b
    Example:
      cabinet14d demo --leads 849
    """
    from runner import loading

    click.echo(loading.demo(settings_of(ctx), leads, folder, if_empty=if_empty, progress=progress_of(ctx, 5)))
