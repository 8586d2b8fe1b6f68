"""The command `cabinet14d`: each body parses, calls one function, prints; errors become sentences and exit codes."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from runner import __version__, settings
from runner.errors import COULD_NOT_RUN, CabinetError

EXIT_CODES = """\b
Exit codes: 0 clean, 1 findings, 2 wrong usage,
3 broken hard rule or critical alert, 4 could not run."""


class Day(click.ParamType[date]):
    """A date as YYYY-MM-DD."""

    name = "YYYY-MM-DD"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Parse one value; a wrong one is a usage error."""
        if isinstance(value, date):
            return value
        try:
            return datetime.strptime(value, "%Y-%m-%d").date()
        except ValueError:
            self.fail(f"{value!r} is not a day; write it as YYYY-MM-DD.", param, ctx)


class Monday(Day):
    """A date that is a Monday, as every week_start is."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Parse one value; another weekday would silently find nothing, so it is a usage error."""
        day = super().convert(value, param, ctx)
        if day.weekday() != 0:
            self.fail(f"{day} is not a Monday; weeks start on Mondays.", param, ctx)
        return day


as_of_option = click.option("--as-of", type=Day(), help="Look from this date instead of today.")
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON on stdout.")


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80}, epilog=EXIT_CODES)
@click.version_option(__version__, prog_name="cabinet14d")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
@click.option("--quiet", is_flag=True, help="Say nothing on stderr but errors.")
@click.option("--home", type=click.Path(path_type=Path), help="Folder for the embedded server and dbt's files.")
@click.pass_context
def cli(ctx: click.Context, debug: bool, quiet: bool, home: Path | None) -> None:
    """Find every missing milestone claim of Cabinet leads, and raise it once.

    \b
    Examples:
      cabinet14d demo --if-empty     sample files into an empty database
      cabinet14d nightly             the whole chain, with a report
      cabinet14d reconcile claims --dry-run
    """
    ctx.obj = {"debug": debug, "quiet": quiet, "flags": {"home": home}}


def _settings(ctx: click.Context) -> settings.Settings:
    return settings.load(ctx.find_root().obj["flags"])


def _progress(ctx: click.Context, steps: int) -> Any:
    from runner.progress import Progress

    return Progress(steps, ctx.find_root().obj["quiet"])


@cli.command()
@click.option("--sql", "as_sql", is_flag=True, help="Print the SQL instead of running it.")
@click.option("--down", is_flag=True, help="Take the last revision back.")
@json_option
@click.pass_context
def migrate(ctx: click.Context, as_sql: bool, down: bool, as_json: bool) -> None:
    """Bring the tables to the newest revision.

    Tables that exist are adopted: nothing of them is lost, and rows that break a
    rule are reported.

    \b
    Example:
      cabinet14d migrate
    """
    from runner import database
    from runner import migrate as migrations

    if as_sql:
        click.echo(migrations.sql("head"))
        return
    chosen = _settings(ctx)
    where = database.server(chosen)
    result = migrations.downgrade(where, chosen) if down else migrations.upgrade(where, chosen)
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
                },
                default=str,
            )
        )
        return
    if result.from_revision == result.to_revision:
        click.echo(f"migrations: at {result.to_revision}, nothing to do", err=True)
    else:
        click.echo(f"migrations: from {result.from_revision or 'empty'} to {result.to_revision}", err=True)
    for finding in result.findings:
        click.echo(str(finding))


@cli.command()
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

    results = loading.load(_settings(ctx), kind, list(files), dry_run=dry_run, progress=_progress(ctx, len(files)))
    click.echo(json.dumps([asdict(r) for r in results], default=str) if as_json else loading.table(results))
    ctx.exit(1 if any(r.rejected for r in results) else 0)


@cli.command()
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

    chosen = _settings(ctx)
    outcome = chain.build(
        chosen, as_of or chain.today(chosen), select=select, full_refresh=full_refresh, progress=_progress(ctx, 1)
    )
    published = outcome.figures["published"]
    if as_json:
        click.echo(json.dumps({"run_id": outcome.run.run_id, "published": published, **outcome.builds[0].nodes}))
    elif not published:
        click.echo("Not published: this was a part of the project. Readers still see the run before.", err=True)


@cli.group()
def reconcile() -> None:
    """Write decisions back: claims that are due become rows.

    \b
    Example:
      cabinet14d reconcile claims --dry-run
    """


@reconcile.command("claims")
@click.option("--days-back", type=click.IntRange(min=0), help="Only leads of the last N days; default all.")
@click.option("--limit", type=click.IntRange(min=1), help="At most N claims, oldest lead first; default all.")
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

    chosen = _settings(ctx)
    wanted = ClaimsFilter(days_back, limit, int(only_milestone) if only_milestone else None, week_start)
    day = as_of or chain.today(chosen)
    if dry_run:
        result = chain.preview_claims(chosen, day, wanted)
    else:
        outcome = chain.reconcile_claims(chosen, day, wanted, progress=_progress(ctx, 3))
        assert outcome.claims is not None
        result = outcome.claims
    output.write_files(result, output_json, output_csv)
    click.echo(json.dumps(result.as_dict()) if as_json else output.claims_table(result, dry_run))


@cli.command()
@click.option("--dry-run", is_flag=True, help="List what the night would raise; write nothing.")
@click.option(
    "--fail-on",
    type=click.Choice(["warning", "critical"]),
    default="critical",
    show_default=True,
    help="Which findings make the exit code other than 0.",
)
@as_of_option
@json_option
@click.pass_context
def nightly(ctx: click.Context, dry_run: bool, fail_on: str, as_of: date | None, as_json: bool) -> None:
    """The whole chain under one lock, with a report of one screen.

    \b
    Examples:
      cabinet14d nightly
      cabinet14d nightly --fail-on warning --json > report.json
    """
    from runner import chain, output, report
    from runner.reconcile import ClaimsFilter

    chosen = _settings(ctx)
    day = as_of or chain.today(chosen)
    if dry_run:
        result = chain.preview_claims(chosen, day, ClaimsFilter())
        click.echo(json.dumps(result.as_dict()) if as_json else output.claims_table(result, dry_run=True))
        return
    outcome = chain.nightly(chosen, day, fail_on=fail_on, progress=_progress(ctx, 5))
    click.echo(json.dumps(report.as_json(outcome), default=str) if as_json else report.nightly(outcome))
    ctx.exit(outcome.run.exit_code)


@cli.command()
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

    click.echo(loading.demo(_settings(ctx), leads, folder, if_empty=if_empty, progress=_progress(ctx, 5)))


@cli.command()
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

    \b
    Example:
      cabinet14d docs --output datos.html
    """
    from runner import database, warehouse

    chosen = _settings(ctx)
    warehouse.write_docs(database.server(chosen), chosen, output)
    click.echo(str(output))


@cli.group()
def config() -> None:
    """What is configured, and where it came from.

    \b
    Example:
      cabinet14d config show
    """


@config.command("show")
@json_option
@click.pass_context
def config_show(ctx: click.Context, as_json: bool) -> None:
    """Each setting with its value and source; secrets are hidden.

    \b
    Example:
      cabinet14d config show
    """
    rows = settings.shown(_settings(ctx))
    if as_json:
        click.echo(json.dumps({name: {"value": value, "source": source} for name, value, source in rows}))
        return
    for name, value, source in rows:
        click.echo(f"{name:<18} {value or '-':<34} {source}")


@cli.group()
def server() -> None:
    """The embedded PostgreSQL: start, stop, env.

    \b
    Example:
      cabinet14d server stop
    """


@server.command("start")
@click.pass_context
def server_start(ctx: click.Context) -> None:
    """Start the embedded server and leave it running.

    \b
    Example:
      cabinet14d server start
    """
    from runner import embedded

    embedded.ensure_running(_settings(ctx))


@server.command("stop")
@click.pass_context
def server_stop(ctx: click.Context) -> None:
    """Stop the embedded server.

    \b
    Example:
      cabinet14d server stop
    """
    from runner import embedded

    embedded.stop(_settings(ctx))


@server.command("env")
@click.pass_context
def server_env(ctx: click.Context) -> None:
    """Print the variables that profiles.example.yml reads.

    \b
    Example:
      cabinet14d server env
    """
    from runner import database

    for name, value in database.server(_settings(ctx)).environment().items():
        click.echo(f"{name}={value}")


def main() -> None:
    """Run the command line; one place turns an error into a sentence and an exit code (D-12)."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    debug = "--debug" in sys.argv
    color = False if os.environ.get("NO_COLOR") else None
    try:
        code = cli.main(prog_name="cabinet14d", standalone_mode=False, color=color)
        sys.exit(code if isinstance(code, int) else 0)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("Stopped. Nothing half done is visible; run the same command again.", err=True)
        sys.exit(COULD_NOT_RUN)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
    except Exception as error:
        if debug:
            import traceback

            traceback.print_exc()
        _tell(error)


def _tell(error: Exception) -> None:
    known = _as_known(error)
    click.echo(f"Error: {known.message}", err=True)
    if known.hint:
        click.echo(known.hint, err=True)
    sys.exit(known.exit_code)


def _as_known(error: Exception) -> CabinetError:
    if isinstance(error, CabinetError):
        return error
    if isinstance(error, OSError):
        return CabinetError(
            f"The system refused: {error.strerror or type(error).__name__}"
            + (f" ({Path(error.filename).name})." if isinstance(error.filename, str) else "."),
            "Check the file, its folder and free space.",
        )
    if type(error).__module__.startswith("psycopg2"):
        from runner.errors import from_database

        return from_database(error)
    return CabinetError(
        f"An unexpected problem stopped the command ({type(error).__name__}).",
        "Run it again with --debug and report what it prints.",
    )
