"""`explain`: one lead end to end, for whoever asks why it stands where it stands."""

from __future__ import annotations

import json
import os
from functools import partial

import click

from runner.commands.common import json_option, settings_of


@click.command()
@click.argument("lead")
@click.option("--language", type=click.Choice(["es", "en"]), help="Language of the answer, instead of the setting's.")
@click.option("--ascii", "ascii_only", is_flag=True, help="Bars and lines of plain signs.")
@json_option
@click.pass_context
def explain(ctx: click.Context, lead: str, language: str | None, ascii_only: bool, as_json: bool) -> None:
    """One LEAD end to end: what was found at each step, and why.

    LEAD is its lead_source_pk; if no lead has that, its lead_id. A key that
    begins with a dash comes after --.

    \b
    Examples:
      cabinet14d explain 1042
      cabinet14d explain --json 9f3a0c5e1d7b4a2f8c6e0b9d3a5f7e1c
    """
    from runner import explain as tracing
    from runner import explain_text

    trace, texts = tracing.explain(settings_of(ctx), lead, language)
    if as_json:
        click.echo(json.dumps(trace, ensure_ascii=False))
        return
    plain_signs = ascii_only or os.environ.get("TERM") == "dumb"
    heading = partial(click.style, bold=True)
    click.echo(explain_text.text(trace, texts, ascii_only=plain_signs, heading=heading))
