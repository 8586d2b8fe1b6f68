"""Commands of the web: serve, tokens."""

from __future__ import annotations

import json

import click

from runner.commands.common import json_option, settings_of


@click.command()
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="Address to listen at; others than this machine's own need tokens.",
)
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True, help="Port to listen at.")
@click.pass_context
def serve(ctx: click.Context, host: str, port: int) -> None:
    """The page and the API, until it is stopped.

    On this machine alone it is open while there are no tokens. As soon as there
    is one, everybody needs one; revoke them all to open it again.

    \b
    Examples:
      cabinet14d serve
      cabinet14d serve --host 0.0.0.0 --port 8080
    """
    chosen = settings_of(ctx)
    from runner.web import server

    server.serve(chosen, host, port, quiet=ctx.find_root().obj["quiet"])


@click.group()
def tokens() -> None:
    """Who may use the web: add, list, revoke.

    \b
    Example:
      cabinet14d tokens add ana --role operator
    """


@tokens.command("add")
@click.argument("name")
@click.option(
    "--role",
    type=click.Choice(["viewer", "operator"]),
    required=True,
    help="viewer: personal data masked, no files; operator: everything.",
)
@click.pass_context
def tokens_add(ctx: click.Context, name: str, role: str) -> None:
    """Make a token for NAME; it is printed once and kept nowhere.

    \b
    Example:
      cabinet14d tokens add ana --role operator
    """
    from runner.web.tokens import TokenFile

    secret = TokenFile(settings_of(ctx)).add(name, role)
    click.echo(f"The token of {name} ({role}); it can't be shown again:", err=True)
    click.echo(secret)


@tokens.command("list")
@json_option
@click.pass_context
def tokens_list(ctx: click.Context, as_json: bool) -> None:
    """Names and roles.

    \b
    Example:
      cabinet14d tokens list
    """
    from runner.web.tokens import TokenFile

    known = TokenFile(settings_of(ctx)).all()
    if as_json:
        click.echo(json.dumps([{"name": t.name, "role": t.role, "created_at": t.created_at} for t in known]))
        return
    for token in known:
        click.echo(f"{token.name:<40} {token.role:<9} {token.created_at}")
    if not known:
        click.echo("There are no tokens: on this machine the web is open, elsewhere it is not served.", err=True)


@tokens.command("revoke")
@click.argument("name")
@click.pass_context
def tokens_revoke(ctx: click.Context, name: str) -> None:
    """Take the token of NAME away; whoever signed in with it is out at once.

    \b
    Example:
      cabinet14d tokens revoke ana
    """
    from runner.web.tokens import TokenFile

    TokenFile(settings_of(ctx)).revoke(name)
    click.echo(f"The token of {name} is revoked.", err=True)
