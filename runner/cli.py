"""The command `cabinet14d`: the root of the command line, and the one place where errors become sentences."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any

import click

from runner import __version__
from runner.commands import (
    building,
    collecting,
    data,
    explaining,
    identity,
    machine,
    matching,
    operating,
    serving,
    watching,
)
from runner.errors import COULD_NOT_RUN, CabinetError

EXIT_CODES = """\b
Exit codes: 0 clean, 1 findings, 2 wrong usage,
3 broken hard rule or critical alert, 4 could not run."""


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


for command in (
    watching.alerts,
    operating.backup,
    building.build,
    collecting.claims,
    machine.config,
    data.demo,
    operating.doctor,
    building.docs,
    explaining.explain,
    collecting.export,
    identity.identity,
    data.load,
    data.migrate,
    building.nightly,
    building.reconcile,
    operating.restore,
    operating.roles,
    watching.runs,
    operating.schedule,
    serving.tokens,
    serving.serve,
    machine.server,
    watching.validate,
):
    cli.add_command(command)
building.reconcile.add_command(matching.reconcile_leads)


def main() -> None:
    """Run the command line; one place turns an error into a sentence and an exit code (D-12)."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    debug = "--debug" in sys.argv
    color = False if os.environ.get("NO_COLOR") else None
    try:
        # Being asked to stop is told and logged as Ctrl-C is.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        code = _run(color)
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


def _run(color: bool | None) -> Any:
    try:
        return cli.main(prog_name="cabinet14d", standalone_mode=False, color=color)
    except SystemExit as stop:
        # Click ends so when nobody reads its output any more; that is no finding.
        if stop.code == 1:
            return 0
        raise


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
