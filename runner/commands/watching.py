"""Commands that watch: alerts, validate, runs."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import click

from runner.commands.common import Day, as_of_option, json_option, settings_of

STAGES = ["NO_IDENTITY", "NO_DRIVER", "NO_TRIPS_14D", "TRIPS_NO_CLAIM", "OK"]
REASONS = [
    "CLAIM_NOT_GENERATED",
    "OK",
    "NO_IDENTITY",
    "NO_DRIVER",
    "INSUFFICIENT_TRIPS",
    "DUPLICATE_LEAD",
    "CLAIM_REJECTED",
    "CLAIM_EXPIRED",
]


@click.group(invoke_without_command=True)
@click.option("--threshold", "thresholds", multiple=True, metavar="NAME=VALUE", help="For this run only, as A1=150.")
@click.option("--notify", is_flag=True, help="Send what they have to say to the configured channels.")
@click.option("--all", "everything", is_flag=True, help="Show the rules that do not fire, too.")
@click.option("--output-json", type=click.Path(path_type=Path, dir_okay=False), help="Write the result as JSON.")
@json_option
@click.pass_context
def alerts(
    ctx: click.Context,
    thresholds: tuple[str, ...],
    notify: bool,
    everything: bool,
    output_json: Path | None,
    as_json: bool,
) -> None:
    """What fires at the live run, worst first.

    Exit code 3 when a critical alert fires, 1 when a warning does.

    \b
    Examples:
      cabinet14d alerts
      cabinet14d alerts --threshold A1=150 --threshold A3.DAYS=2
      cabinet14d alerts mute A1 --until 2026-02-01 --why "backlog is known"
    """
    if ctx.invoked_subcommand:
        return
    from runner import alerts as rules
    from runner import thresholds as numbers
    from runner import watch
    from runner.errors import BadConfiguration

    try:
        once = numbers.parse(thresholds)
    except BadConfiguration as error:
        raise click.UsageError(str(error)) from error
    found, told = watch.look(settings_of(ctx), once, send=notify)
    _print(rules.as_dict(found), rules.table(found, everything=everything), output_json, as_json)
    if told is not None:
        click.echo(watch.summary(found, told), err=True)
    ctx.exit(rules.exit_code(found))


@alerts.command("mute")
@click.argument("rule")
@click.option("--until", type=Day(), required=True, help="Last as-of date of the silence.")
@click.option("--why", required=True, help="The reason; it is kept.")
@click.option("--scope", "scope_value", help="One scope of the rule, as a job; default all.")
@click.pass_context
def alerts_mute(ctx: click.Context, rule: str, until: date, why: str, scope_value: str | None) -> None:
    """Keep RULE silent until a date.

    It is shown as MUTED, and does not count for exit codes.

    \b
    Example:
      cabinet14d alerts mute A1 --until 2026-02-01 --why "backlog is known"
    """
    from runner import watch

    if not why.strip():
        raise click.UsageError("--why says nothing; the reason is kept for whoever reads it next.")
    watch.mute(settings_of(ctx), rule, scope_value, until, why.strip())
    click.echo(f"{rule.upper()} is silent until {until}.", err=True)


@click.group()
def validate() -> None:
    """Check what readers see, and fail when it can't be checked.

    \b
    Example:
      cabinet14d validate limbo
    """


_output_option = click.option(
    "--output-json", type=click.Path(path_type=Path, dir_okay=False), help="Write every row of every check as JSON."
)


@validate.command("limbo")
@click.option("--stage", type=click.Choice(STAGES), help="Statistics of one stage; the checks are of all.")
@click.option("--check-rules-only", is_flag=True, help="No statistics.")
@_output_option
@json_option
@click.pass_context
def validate_limbo(
    ctx: click.Context, stage: str | None, check_rules_only: bool, output_json: Path | None, as_json: bool
) -> None:
    """Hard rules H1, H2 and H4, stages, weeks, and limbo against the gap.

    \b
    Example:
      cabinet14d validate limbo --check-rules-only
    """
    from runner import validate_parts as parts

    part = parts.on_database(settings_of(ctx), lambda s: parts.limbo(s, stage=stage, rules_only=check_rules_only))
    _finish(ctx, part, output_json, as_json)


@validate.command("claims-gap")
@click.option("--gap-reason", type=click.Choice(REASONS), metavar="REASON", help="Statistics of one reason only.")
@_output_option
@json_option
@click.pass_context
def validate_gap(ctx: click.Context, gap_reason: str | None, output_json: Path | None, as_json: bool) -> None:
    """Hard rule H3, the gap against expectations and claims, money.

    \b
    Example:
      cabinet14d validate claims-gap --output-json gap.json
    """
    from runner import validate_parts as parts

    part = parts.on_database(settings_of(ctx), lambda s: parts.claims_gap(s, reason=gap_reason))
    _finish(ctx, part, output_json, as_json)


@validate.command("sources")
@click.option("--docs", type=click.Path(path_type=Path, file_okay=False), help="Write Data Docs to this folder.")
@as_of_option
@_output_option
@json_option
@click.pass_context
def validate_sources(
    ctx: click.Context, docs: Path | None, as_of: date | None, output_json: Path | None, as_json: bool
) -> None:
    """The raw tables before a build, by Great Expectations (extra 'quality').

    \b
    Example:
      cabinet14d validate sources --docs data-docs
    """
    from runner import chain, sources

    chosen = settings_of(ctx)
    part = sources.validate(chosen, as_of or chain.today(chosen), docs)
    _finish(ctx, part, output_json, as_json)


@validate.command("system")
@click.option("--skip-ui", is_flag=True, help="Leave out endpoints and page.")
@click.option("--base-url", default="http://localhost:8000", show_default=True, help="Where `serve` listens.")
@_output_option
@json_option
@click.pass_context
def validate_system(ctx: click.Context, skip_ui: bool, base_url: str, output_json: Path | None, as_json: bool) -> None:
    """Relations, rules, endpoints against the database, page, jobs, schedule.

    \b
    Examples:
      cabinet14d validate system --base-url http://127.0.0.1:8000
      cabinet14d validate system --skip-ui
    """
    from runner import validate_parts as parts
    from runner import validate_system as outside

    chosen = settings_of(ctx)
    part = parts.on_database(chosen, lambda s: outside.system(s, chosen, base_url=base_url, skip_ui=skip_ui))
    _finish(ctx, part, output_json, as_json)


def _finish(ctx: click.Context, part: Any, output_json: Path | None, as_json: bool) -> None:
    from runner.validate_parts import table

    result = json.loads(json.dumps(part.as_dict(), default=str))
    _print(result, table(part), output_json, as_json)
    ctx.exit(part.exit_code)


@click.group(invoke_without_command=True)
@click.option("--command", help="Only runs of one command, as nightly.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=20, show_default=True, help="How many.")
@json_option
@click.pass_context
def runs(ctx: click.Context, command: str | None, limit: int, as_json: bool) -> None:
    """What ran, newest first.

    \b
    Examples:
      cabinet14d runs
      cabinet14d runs show 12
    """
    if ctx.invoked_subcommand:
        return
    from runner import runs as log

    rows = log.listed(settings_of(ctx), command, limit)
    click.echo(json.dumps(rows, default=str) if as_json else log.table(rows))


@runs.command("show")
@click.argument("run_id", type=click.IntRange(1))
@json_option
@click.pass_context
def runs_show(ctx: click.Context, run_id: int, as_json: bool) -> None:
    """One run: its steps, what they counted, what failed, what was slow.

    \b
    Example:
      cabinet14d runs show 12
    """
    from runner import runs as log

    run = log.one(settings_of(ctx), run_id)
    click.echo(json.dumps(run, default=str) if as_json else log.explained(run))


def _print(result: dict[str, Any], text: str, output_json: Path | None, as_json: bool) -> None:
    if output_json:
        output_json.write_text(json.dumps(result, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    click.echo(json.dumps(result, ensure_ascii=False) if as_json else text)
