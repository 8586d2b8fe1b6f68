"""Commands about the machine: config, server."""

from __future__ import annotations

import json
import shlex

import click

from runner import settings
from runner.commands.common import json_option, settings_of


@click.group()
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
    rows = settings.shown(settings_of(ctx))
    if as_json:
        click.echo(json.dumps({name: {"value": value, "source": source} for name, value, source in rows}))
        return
    for name, value, source in rows:
        click.echo(f"{name:<22} {value or '-':<34} {source}")


@click.group()
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

    embedded.ensure_running(settings_of(ctx))


@server.command("stop")
@click.pass_context
def server_stop(ctx: click.Context) -> None:
    """Stop the embedded server.

    \b
    Example:
      cabinet14d server stop
    """
    from runner import embedded

    embedded.stop(settings_of(ctx))


@server.command("env")
@click.pass_context
def server_env(ctx: click.Context) -> None:
    """Print the variables that profiles.example.yml reads.

    \b
    Example:
      cabinet14d server env
    """
    from runner import database

    for name, value in database.server(settings_of(ctx)).environment().items():
        click.echo(f"{name}={shlex.quote(value)}")
