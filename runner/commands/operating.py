"""Commands for those who keep it running: schedule, doctor, roles, backup, restore."""

from __future__ import annotations

import json
import os
from datetime import time
from pathlib import Path
from typing import Any

import click

from runner.commands.common import json_option, settings_of


class Clock(click.ParamType[time]):
    """A time of day as HH:MM."""

    name = "HH:MM"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> time:
        """Parse one value; a wrong one is a usage error."""
        if isinstance(value, time):
            return value
        hours, _, minutes = value.partition(":")
        if hours.isdecimal() and minutes.isdecimal() and len(minutes) == 2 and int(hours) < 24 and int(minutes) < 60:
            return time(int(hours), int(minutes))
        self.fail(f"{value!r} is not a time of day; write it as HH:MM, for example 02:30.", param, ctx)


@click.group()
def schedule() -> None:
    """Print what runs the night, for cron, systemd or Windows.

    It is always one chain under one lock (nightly), in the environment that
    runs now. Secrets come from an environment file and are never printed.

    \b
    Examples:
      cabinet14d schedule cron
      cabinet14d schedule systemd --time 03:00 --to units
      cabinet14d schedule windows --to tarea
    """


def _unit_options(command: Any) -> Any:
    for option in (
        click.option("--time", "at", type=Clock(), default="02:30", show_default=True,
                     help="When, in the business time zone."),
        click.option("--env-file", type=click.Path(path_type=Path, dir_okay=False),
                     help="File with DATABASE_URL; by default cabinet14d.env in home."),
        click.option("--log", type=click.Path(path_type=Path, dir_okay=False), help="Where the night writes."),
        click.option("--user", help="Who runs the night; by default who asks now."),
        click.option("--notify", is_flag=True, help="The night sends alerts to their channels."),
        click.option("--to", "folder", type=click.Path(path_type=Path, file_okay=False),
                     help="Write the files into this folder instead of printing."),
        click.pass_context,
    )[::-1]:
        command = option(command)
    return command


def _units(ctx: click.Context, kind: str, folder: Path | None, **wish: Any) -> None:
    from runner import schedule as schedules

    parts = schedules.files(settings_of(ctx), kind, schedules.Wish(**wish))
    if folder:
        for path in schedules.write(parts, folder):
            click.echo(str(path))
    else:
        click.echo(schedules.as_text(parts), nl=False)


@schedule.command()
@_unit_options
def cron(
    ctx: click.Context, at: time, env_file: Path | None, log: Path | None, user: str | None, notify: bool,
    folder: Path | None,
) -> None:
    """Print crontab lines and a logrotate snippet.

    \b
    Example:
      cabinet14d schedule cron --time 02:30
    """
    _units(ctx, "cron", folder, at=at, environment_file=env_file, log=log, user=user, notify=notify)


@schedule.command()
@_unit_options
def systemd(
    ctx: click.Context, at: time, env_file: Path | None, log: Path | None, user: str | None, notify: bool,
    folder: Path | None,
) -> None:
    """Print a systemd service and its timer.

    \b
    Example:
      cabinet14d schedule systemd --to /etc/systemd/system
    """
    _units(ctx, "systemd", folder, at=at, environment_file=env_file, log=log, user=user, notify=notify)


@schedule.command()
@_unit_options
def windows(
    ctx: click.Context, at: time, env_file: Path | None, log: Path | None, user: str | None, notify: bool,
    folder: Path | None,
) -> None:
    """Print a task for the Windows Task Scheduler.

    \b
    Example:
      cabinet14d schedule windows --to tarea
    """
    _units(ctx, "windows", folder, at=at, environment_file=env_file, log=log, user=user, notify=notify)


@schedule.command("run")
@click.option("--at", type=Clock(), help="Only after this time, and once a day by the run log.")
@click.option("--zone", help="The time zone of --at; by default the business time zone.")
@click.option("--env-file", type=click.Path(path_type=Path, dir_okay=False), help="File with NAME=value lines.")
@click.option("--log", type=click.Path(path_type=Path, dir_okay=False), help="File that the night is added to.")
@click.option("--keep", type=click.IntRange(0, 99), default=0, help="Rotate a log that grew large; keep N old ones.")
@click.option("--notify", is_flag=True, help="The night sends alerts to their channels.")
@click.pass_context
def schedule_run(
    ctx: click.Context, at: time | None, zone: str | None, env_file: Path | None, log: Path | None, keep: int,
    notify: bool,
) -> None:
    """Run the night as cron and Windows do: this is what they start.

    \b
    Example:
      cabinet14d schedule run --at 02:30 --log nightly.log
    """
    from runner import schedule_run as nights
    from runner.errors import CabinetError

    os.environ.update(nights.read_environment(env_file) if env_file else {})
    if zone:
        os.environ["CABINET14D_TIMEZONE"] = zone
    chosen = settings_of(ctx)
    night = nights.Night(chosen.home, chosen.text("timezone"), at, log, keep, notify)
    try:
        if nights.reason_to_wait(chosen, night):
            return
    except CabinetError as error:
        nights.note_failure(night, str(error))
        raise
    code = nights.run(night)
    if code > 1:
        click.echo(f"The night ended with exit code {code}; read {log or 'what it printed'}.", err=True)
    ctx.exit(code)


@click.command()
@json_option
@click.pass_context
def doctor(ctx: click.Context, as_json: bool) -> None:
    """Look at everything a night needs; say what to do.

    One line per thing: ok, note, warn or bad. Exit code 1 when there is a warn
    or bad, 4 when the database can't be asked.

    \b
    Example:
      cabinet14d doctor
    """
    from runner import doctor as doctors

    report = doctors.examine(settings_of(ctx))
    click.echo(json.dumps(report.as_dict()) if as_json else report.text())
    ctx.exit(report.exit_code)


@click.command()
@click.option("--sql", "as_sql", is_flag=True, required=True, help="Print the SQL; nothing is run.")
@click.option("--login", "logins", multiple=True, metavar="NAME=ROLE",
              help="Also make a login that acts as owner, runner, reader or web.")
def roles(as_sql: bool, logins: tuple[str, ...]) -> None:
    """Print roles with least privilege, as SQL.

    \b
    Example:
      cabinet14d roles --sql --login noche=runner > roles.sql
    """
    from runner import roles as printed

    click.echo(printed.sql(printed.parse(logins)), nl=False)


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--raw/--no-raw", default=None, help="With the raw tables; by default when files were loaded here.")
@click.option("--force", is_flag=True, help="Replace FILE when it is there.")
@json_option
@click.pass_context
def backup(ctx: click.Context, file: Path, raw: bool | None, force: bool, as_json: bool) -> None:
    """Keep what can't be rebuilt in one FILE.

    That is canon, the run log, the history of states and metrics, load rejects,
    and the raw tables when they were loaded here. It holds personal data.

    \b
    Example:
      cabinet14d backup cobranza.c14d
    """
    from runner import backup as backups

    manifest = backups.backup(settings_of(ctx), file, raw=raw, force=force)
    click.echo(json.dumps(vars(manifest)) if as_json else f"backup: {manifest.summary}.")


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@json_option
@click.pass_context
def restore(ctx: click.Context, file: Path, as_json: bool) -> None:
    """Fill a new database from a backup FILE.

    Then run build: it makes the rest anew.

    \b
    Example:
      cabinet14d restore cobranza.c14d
    """
    from runner import backup as backups

    manifest = backups.restore(settings_of(ctx), file)
    click.echo(json.dumps(vars(manifest)) if as_json else f"restored: {manifest.summary}.")
    click.echo("Run 'cabinet14d build': it makes the rest anew.", err=True)
