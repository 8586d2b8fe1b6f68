"""Commands about money: reconcile payments, acts on claims, and the dispute pack."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import click

from runner.commands.building import reconcile
from runner.commands.common import Monday, as_of_option, json_option, progress_of, settings_of


@reconcile.command("payments")
@click.option("--dry-run", is_flag=True, help="List what would be paid; write nothing.")
@click.option("--output-json", type=click.Path(path_type=Path, dir_okay=False), help="Write the result as JSON.")
@as_of_option
@json_option
@click.pass_context
def reconcile_payments(
    ctx: click.Context, dry_run: bool, output_json: Path | None, as_of: date | None, as_json: bool
) -> None:
    """Record which payment settles which claim, and publish the result.

    Settled claims become paid; a claim whose payment was reversed becomes generated again, with the reason.

    \b
    Examples:
      cabinet14d reconcile payments --dry-run
      cabinet14d reconcile payments --json
    """
    from runner import chain, output

    chosen = settings_of(ctx)
    if dry_run:
        result = chain.preview_payments(chosen)
    else:
        outcome = chain.reconcile_payments_chain(chosen, as_of or chain.today(chosen), progress=progress_of(ctx, 4))
        assert outcome.payments is not None
        result = outcome.payments
    output.write_files(result, output_json, None)
    output.show(result, _payments_table(result, dry_run), as_json)


def _payments_table(result: Any, dry_run: bool) -> str:
    counters = result.counters
    lines = [f"{'payments':<44}{'count':>10}{'PEN':>16}"]
    for outcome in ("settles", "unapplied", "reversed"):
        lines.append(f"{outcome:<44}{counters[f'payments_{outcome}']:>10,}{counters[f'{outcome}_amount']:>16}")
    lines += [f"  {cause:<42}{row['payments']:>10,}{row['amount']:>16}" for cause, row in result.causes.items()]
    if dry_run:
        lines.append(f"{'claims that would be paid':<44}{counters['would_pay']:>10,}{counters['would_pay_amount']:>16}")
        back = counters["would_take_back"], counters["would_take_back_amount"]
        lines.append(f"{'claims that would be taken back':<44}{back[0]:>10,}{back[1]:>16}")
        lines.append("Dry run on the live run: nothing was written.")
    else:
        lines.append(f"{'claims paid':<44}{counters['claims_paid']:>10,}{counters['paid_amount']:>16}")
        back = counters["claims_taken_back"], counters["taken_back_amount"]
        lines.append(f"{'claims taken back':<44}{back[0]:>10,}{back[1]:>16}")
    return "\n".join(lines)


@click.group()
def claims() -> None:
    """Acts on claims by a named person.

    \b
    Example:
      cabinet14d claims reject 17 18 --by "Ana R." --why "Refused by the platform"
    """


def _act(name: str, text: str) -> None:
    """One command per act; they differ in name and text only."""

    @click.argument("claim_ids", nargs=-1, metavar="CLAIM…")
    @click.option("--by", required=True, help="Who does it.")
    @click.option("--why", required=True, help="Why; it stays on the claim and in its history.")
    @click.option(
        "--file", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="Claim numbers, one a line."
    )
    @click.option("--dry-run", is_flag=True, help="Say what would be done; write nothing.")
    @json_option
    @click.pass_context
    def command(
        ctx: click.Context,
        claim_ids: tuple[str, ...],
        by: str,
        why: str,
        file: Path | None,
        dry_run: bool,
        as_json: bool,
    ) -> None:
        from runner import chain, claim_acts

        for option, value in (("--by", by), ("--why", why)):
            if not value.strip():
                raise click.BadParameter("it may not be blank.", param_hint=option)
        chosen = settings_of(ctx)
        act, numbers = claim_acts.ACTS[name], claim_acts.read_ids(claim_ids, file)
        result = claim_acts.perform(
            chosen, act, numbers, by.strip(), why.strip(), chain.today(chosen), dry_run=dry_run
        )
        if as_json:
            click.echo(json.dumps(result.as_dict()))
            return
        verb = "would become" if dry_run else "became"
        already = f"; {result.already} already were" if result.already else ""
        click.echo(f"{result.moved} claims {verb} {act.status}, S/ {result.amount:.2f}{already}.")
        if not dry_run and result.moved:
            click.echo("Readers see it after the next build: cabinet14d build", err=True)

    examples = f'{text}\n\n\b\nExample:\n  cabinet14d claims {name} 17 18 --by "Ana R." --why "As agreed by mail"'
    claims.command(name, help=examples)(command)


_act("reject", "The platform refused these claims: generated to rejected.")
_act("expire", "The time for these claims is over: generated to expired.")
_act("reopen", "Take rejected, expired or wrongly paid claims up again: back to generated.")


@click.group()
def export() -> None:
    """Files for others.

    \b
    Example:
      cabinet14d export claims --overdue 15 --format xlsx
    """


def _one_of(ctx: click.Context, week: date | None, unpaid: bool, overdue: int | None) -> None:
    if sum((week is not None, unpaid, overdue is not None)) > 1:
        raise click.UsageError("Choose one of --week, --unpaid and --overdue.", ctx)


@export.command("claims")
@click.option("--week", type=Monday(), help="Claims of leads of one week (its Monday).")
@click.option("--unpaid", is_flag=True, help="Claims with money due; the default.")
@click.option("--overdue", type=click.IntRange(0, 36500), help="Claims with money due for at least N days.")
@click.option(
    "--format", "kind", type=click.Choice(["xlsx", "csv"]), default="xlsx", show_default=True, help="Workbook or CSV."
)
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="Where to write; default by content.")
@json_option
@click.pass_context
def export_claims(
    ctx: click.Context,
    week: date | None,
    unpaid: bool,
    overdue: int | None,
    kind: str,
    output: Path | None,
    as_json: bool,
) -> None:
    """Write the dispute pack: what to send to the platform, with the trips that prove it.

    \b
    Examples:
      cabinet14d export claims --overdue 15
      cabinet14d export claims --week 2026-01-05 --format csv --output week.csv
    """
    from runner import export as packs

    _one_of(ctx, week, unpaid, overdue)
    chosen = settings_of(ctx)
    pack = packs.write_claims(chosen, packs.Choice(week, unpaid, overdue), kind, output)
    if as_json:
        click.echo(json.dumps(pack.as_dict()))
    else:
        click.echo(f"{pack.path}: {pack.claims:,} claims, S/ {pack.amount_due} due of S/ {pack.amount_expected}")
