"""Commands for people who decide who a lead is: identity accept, reject, ignore, unlink, apply, export-labels."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from runner.commands.common import settings_of


@click.group()
def identity() -> None:
    """Decide who a lead is, where the rules can't. Decisions are kept for ever and go before every rule.

    \b
    Examples:
      cabinet14d identity accept LEAD DRIVER --by ana --why "called him"
      cabinet14d identity apply decisions.csv
    """


def _said(command: Callable[..., Any]) -> Callable[..., Any]:
    command = click.option("--why", required=True, help="The reason, for those who come after.")(command)
    return click.option("--by", required=True, help="Who decides.")(command)


def _decide(ctx: click.Context, lead: str, driver: str | None, verdict: str, by: str, why: str) -> None:
    from runner.identity import Verdict

    for name, value in (("--by", by), ("--why", why)):
        if not value.strip():
            raise click.UsageError(f"{name} is empty.")
    _apply(ctx, [Verdict(lead, driver, verdict, by, why)])


def _apply(ctx: click.Context, verdicts: Any) -> None:
    from runner import chain
    from runner.identity import decide_as_run

    chosen = settings_of(ctx)
    for sentence in decide_as_run(chosen, chain.today(chosen), verdicts):
        click.echo(sentence)


@identity.command()
@click.argument("lead")
@click.argument("driver")
@_said
@click.pass_context
def accept(ctx: click.Context, lead: str, driver: str, by: str, why: str) -> None:
    """LEAD is DRIVER, whatever the rules say.

    \b
    Example:
      cabinet14d identity accept LEAD DRIVER --by ana --why "he called"
    """
    _decide(ctx, lead, driver, "ACCEPT", by, why)


@identity.command()
@click.argument("lead")
@click.argument("driver")
@_said
@click.pass_context
def reject(ctx: click.Context, lead: str, driver: str, by: str, why: str) -> None:
    """LEAD is not DRIVER: never link or suggest the two.

    \b
    Example:
      cabinet14d identity reject LEAD DRIVER --by ana --why "his brother"
    """
    _decide(ctx, lead, driver, "REJECT", by, why)


@identity.command()
@click.argument("lead")
@_said
@click.pass_context
def ignore(ctx: click.Context, lead: str, by: str, why: str) -> None:
    """Leave LEAD alone until somebody accepts a driver for it.

    \b
    Example:
      cabinet14d identity ignore LEAD --by ana --why "a test"
    """
    _decide(ctx, lead, None, "IGNORE", by, why)


@identity.command()
@click.argument("lead")
@click.argument("driver", required=False)
@_said
@click.pass_context
def unlink(ctx: click.Context, lead: str, driver: str | None, by: str, why: str) -> None:
    """Take the link of LEAD back.

    With DRIVER, only that driver's link to the lead's person is taken back.

    \b
    Example:
      cabinet14d identity unlink LEAD --by ana --why "wrong person"
    """
    _decide(ctx, lead, driver, "UNLINK", by, why)


@identity.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.pass_context
def apply(ctx: click.Context, file: Path) -> None:
    """Take a CSV FILE of decisions, all or none.

    Its columns are lead, driver, verdict, by, why.

    \b
    Example:
      cabinet14d identity apply decisions.csv
    """
    from runner.identity import read_file

    _apply(ctx, read_file(file))


@identity.command("export-labels")
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("identity-labels.csv"),
    show_default=True,
    help="Where to write the CSV.",
)
@click.pass_context
def export_labels(ctx: click.Context, output: Path) -> None:
    """Write every decision as CSV: a labelled set to measure by.

    With what was known of each pair; no names, phones or plates.

    \b
    Example:
      cabinet14d identity export-labels --output labels.csv
    """
    from runner import database
    from runner.identity import export_labels as export

    chosen = settings_of(ctx)
    session = database.connect(database.server(chosen), "export labels", chosen)
    try:
        count = export(session, output)
    finally:
        session.close()
    click.echo(f"{output}: {count:,} decisions")
