"""Commands of the web: serve, tokens."""

from __future__ import annotations

import click

from runner.commands.common import settings_of


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen at.")
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True, help="Port to listen at.")
@click.pass_context
def serve(ctx: click.Context, host: str, port: int) -> None:
    """The page and the API, until it is stopped.

    \b
    Example:
      cabinet14d serve --port 8080
    """
    from runner.web import server

    server.serve(settings_of(ctx), host, port)
