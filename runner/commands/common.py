"""What the commands share: options, day types, and how a command gets its settings and its voice."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import click

from runner import settings
from runner.progress import Progress


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


def settings_of(ctx: click.Context) -> settings.Settings:
    """The settings that the command line, the environment and the file give."""
    return settings.check(settings.load(ctx.find_root().obj["flags"]))


def progress_of(ctx: click.Context, steps: int) -> Progress:
    """The voice on stderr, silent under --quiet."""
    return Progress(steps, ctx.find_root().obj["quiet"])
