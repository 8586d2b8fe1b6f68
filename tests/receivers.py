"""Places that messages are sent to, as they are in life: an HTTP endpoint that takes, refuses, hangs; a mail server."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Endpoint:
    """A real HTTP server on a free port; `status` is what it answers, `gate` what it waits for before it does."""

    def __init__(self, status: int = 200) -> None:
        self.status = status
        self.gate = threading.Event()
        self.gate.set()
        self.arrived = threading.Event()
        self.paths: list[str] = []
        self.bodies: list[dict[str, Any]] = []
        self.pages: dict[str, tuple[str, bytes]] = {}
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                endpoint.paths.append(self.path)
                endpoint.gate.wait(60)
                kind, body = endpoint.pages.get(self.path.partition("?")[0], ("text/plain", b"ok"))
                self.answer(kind, body)

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                endpoint.paths.append(self.path)
                endpoint.arrived.set()
                endpoint.gate.wait(60)
                endpoint.bodies.append(json.loads(body))
                self.answer("text/plain", b"ok")

            def answer(self, kind: str, body: bytes) -> None:
                try:
                    self.send_response(endpoint.status)
                    self.send_header("Content-Type", kind)
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)
                except OSError:  # the other side did not wait for it
                    return

            def log_message(self, *_: Any) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def url(self, scheme: str = "http", secret: str = "") -> str:
        """The address, with a made-up password if asked."""
        return f"{scheme}://{'ana:' + secret + '@' if secret else ''}127.0.0.1:{self.port}"


@contextmanager
def endpoint(status: int = 200, *, hangs: bool = False) -> Iterator[Endpoint]:
    """An endpoint while the block runs; one that hangs does not answer before the end."""
    opened = Endpoint(status)
    if hangs:
        opened.gate.clear()
    try:
        yield opened
    finally:
        opened.gate.set()
        opened.server.shutdown()
        opened.server.server_close()


@contextmanager
def slow() -> Iterator[Endpoint]:
    """An endpoint that lets the sender wait: it answers only after something else was done in between."""
    with endpoint(hangs=True) as opened:
        def release() -> None:
            opened.arrived.wait(60)
            opened.gate.set()

        threading.Thread(target=release, daemon=True).start()
        yield opened


@contextmanager
def deaf() -> Iterator[int]:
    """A port that accepts connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@contextmanager
def closed() -> Iterator[int]:
    """A port where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    yield port


@contextmanager
def mailbox() -> Iterator[tuple[int, list[Any]]]:
    """A real SMTP server that asks for the password s3cret-mail: its port, and the mails that came."""
    from aiosmtpd.controller import Controller
    from aiosmtpd.smtp import AuthResult

    mails: list[Any] = []

    class Keep:
        async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
            mails.append(envelope)
            return "250 kept"

    def allow(server: Any, session: Any, envelope: Any, mechanism: str, told: Any) -> Any:
        return AuthResult(success=told.password == b"s3cret-mail")

    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    controller = Controller(Keep(), hostname="127.0.0.1", port=port, authenticator=allow, auth_require_tls=False)
    controller.start()
    try:
        yield port, mails
    finally:
        controller.stop()
