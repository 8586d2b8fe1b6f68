"""`serve`: checks first, in sentences; then the application behind uvicorn, until it is asked to stop."""

from __future__ import annotations

import ipaddress
import logging
import os
import socket
from collections.abc import Callable
from contextlib import closing, suppress
from typing import TYPE_CHECKING

from runner import database, migrate
from runner.errors import BadConfiguration, CabinetError
from runner.settings import Settings
from runner.web.tokens import TokenFile

if TYPE_CHECKING:
    from fastapi import FastAPI

GRACE_SECONDS = 10
LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})


def serve(settings: Settings, host: str, port: int, *, quiet: bool = False) -> None:
    """Serve until stopped. Raises CabinetError when it can't begin."""
    app = _application()
    local = is_local(host)
    tokens = TokenFile(settings)
    if not local and not tokens.all():
        raise BadConfiguration(
            f"{host} is reached from other machines, and there is no token yet.",
            "Make one with 'cabinet14d tokens add NAME --role operator', or leave out --host.",
        )
    ready(settings)
    made = app(settings, require_token=not local, hosts=hosts(settings, host, local))
    with _listening(host, port) as listening:
        _log_to_stderr(quiet)
        where = f"http://{f'[{host}]' if ':' in host else host}:{port}/pagos/cobranza-yango"
        logging.getLogger("cabinet14d.web").info(
            "serving %s%s", where, "" if tokens.all() else " (open: there are no tokens)"
        )
        _run(made, listening)


def _application() -> Callable[..., FastAPI]:
    """What makes the application, or the sentence that helps when the extra is missing."""
    try:
        import jinja2  # noqa: F401
        import uvicorn  # noqa: F401

        from runner.web.app import create_app
    except ImportError as error:
        raise BadConfiguration(
            f"The page and the API need packages that are not installed ({error.name}).",
            "Install them with: pip install 'cabinet14d[web]'",
        ) from None
    return create_app


def is_local(host: str) -> bool:
    """Whether only this machine reaches the address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def hosts(settings: Settings, host: str, local: bool) -> frozenset[str] | None:
    """Names under which requests are answered: on this machine its own, so that no foreign page can borrow a name."""
    named = frozenset((settings["web_hosts"] or "").lower().split())
    if local:
        return LOCAL_NAMES | named | {f"[{host}]" if ":" in host else host}
    return named or None


def ready(settings: Settings) -> None:
    """Whether the database is there and migrated, before anybody asks. Raises CabinetError."""
    migrate.require(database.server(settings), settings)
    if settings["web_database_url"]:
        with database.plain_errors(), closing(database.connect(database.web_server(settings), "web", settings)):
            pass


def _listening(host: str, port: int) -> socket.socket:
    """The port, taken before anything is said of serving; requests that come early wait."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol is named because the event loop sends at once (TCP_NODELAY) only on sockets that name it: else an
    # answer's body waits 40 ms for the client to say that it has the headers.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(128)
    except OSError as error:
        listening.close()
        taken = f"Port {port} of {host} is taken or may not be used ({error.strerror or 'unknown name'})."
        raise CabinetError(taken, "Choose another with --port, or stop what listens there.") from None
    return listening


def _log_to_stderr(quiet: bool) -> None:
    """Our own lines; uvicorn's access log would hold query strings."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s", "%Y-%m-%d %H:%M:%S"))
    ours = logging.getLogger("cabinet14d.web")
    ours.handlers, ours.propagate = [handler], False
    ours.setLevel(logging.WARNING if quiet else logging.INFO)


def _run(app: FastAPI, listening: socket.socket) -> None:
    import uvicorn

    config = uvicorn.Config(
        app,
        server_header=False,
        access_log=False,
        ws="none",
        log_level="critical",
        timeout_graceful_shutdown=GRACE_SECONDS,
        limit_concurrency=200,
        h11_max_incomplete_event_size=32_768,
    )
    with suppress(KeyboardInterrupt):  # being asked to stop is how it ends
        uvicorn.Server(config).run(sockets=[listening])
