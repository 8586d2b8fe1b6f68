"""What every request meets first and every answer leaves with: limits, host, security headers, a line in the log."""

from __future__ import annotations

import logging
import time
import traceback
from pathlib import Path
from urllib.parse import quote

from fastapi import Request
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from runner.web.problems import Problem, answer

log = logging.getLogger("cabinet14d.web")

LONGEST_ADDRESS, LARGEST_BODY = 8_000, 16_384
CSP = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; font-src 'self'; script-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; connect-src 'self'"
)
HEADERS = {
    "content-security-policy": CSP,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    # Not "no-referrer": browsers then send "Origin: null" with our own forms.
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


class Guard:
    """ASGI middleware around everything. `hosts` are the names that may be asked for; None is any."""

    def __init__(self, app: ASGIApp, hosts: frozenset[str] | None) -> None:
        self._app, self._hosts = app, hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, from its first check to its line in the log."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        leaving = Leaving(scope, send)
        try:
            refused = self._refusal(scope)
            if refused:
                await answer(Request(scope), refused)(scope, receive, leaving)
            else:
                await self._app(scope, Bounded(receive), leaving)
        except TooLarge:
            await answer(Request(scope), too_large())(scope, receive, leaving)
        except Exception as error:
            await self._failed(error, scope, receive, leaving)
        leaving.told()

    def _refusal(self, scope: Scope) -> Problem | None:
        headers = Headers(scope=scope)
        if len(scope.get("raw_path") or b"") + len(scope["query_string"]) > LONGEST_ADDRESS:
            return Problem(414, "ADDRESS_TOO_LONG", "The address is too long.", "Ask for less at once.")
        if "\0" in scope["path"]:
            return Problem(422, "INVALID_PATH", "The address holds what no address can.", "Correct it.")
        if self._hosts is not None and _name(headers.get("host", "")) not in self._hosts:
            return Problem(
                421,
                "WRONG_HOST",
                "This server is not reached under that name.",
                "Use 127.0.0.1 or localhost, or add the name to the setting web_hosts.",
            )
        length = headers.get("content-length", "0")
        return too_large() if not length.isdecimal() or int(length) > LARGEST_BODY else None

    async def _failed(self, error: Exception, scope: Scope, receive: Receive, leaving: Leaving) -> None:
        """What nobody foresaw: its kind and place go to the log, never its words, which may hold data."""
        frame = traceback.extract_tb(error.__traceback__)[-1]
        log.error("unexpected %s at %s:%s", type(error).__name__, Path(frame.filename).name, frame.lineno)
        if not leaving.status:
            problem = Problem(
                500, "UNEXPECTED", "Something unexpected went wrong here.", "Tell the operators when it was."
            )
            await answer(Request(scope), problem)(scope, receive, leaving)
        # An answer that had begun just ends: the server closes the connection, so the client sees that it is cut.


class Leaving:
    """`send` with our headers; remembers the status."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self._scope, self._send, self._began, self.status = scope, send, time.perf_counter(), 0

    async def __call__(self, message: Message) -> None:
        """Put the headers on the first message."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
            if self._scope["scheme"] == "https":
                headers["strict-transport-security"] = "max-age=31536000"
        await self._send(message)

    def told(self) -> None:
        """The line in the log: no query string, which may hold keys; no line breaks either."""
        client = (self._scope.get("client") or ("?",))[0]
        path = quote(self._scope["path"][:200], safe="/:-._~")
        took = (time.perf_counter() - self._began) * 1000
        log.info("%s %s %s %s %.0f ms", client, self._scope["method"], path, self.status or "-", took)


class TooLarge(Exception):
    """A body that goes on beyond its limit."""


class Bounded:
    """`receive` that counts what comes in."""

    def __init__(self, receive: Receive) -> None:
        self._receive, self._left = receive, LARGEST_BODY

    async def __call__(self) -> Message:
        """The next message. Raises TooLarge."""
        message = await self._receive()
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            raise TooLarge
        return message


def too_large() -> Problem:
    """The body is larger than any form of ours."""
    return Problem(413, "BODY_TOO_LARGE", "The request is larger than anything that is expected here.", "Send less.")


def _name(host: str) -> str:
    """A Host header without its port; brackets of IPv6 stay."""
    end = host.rfind(":")
    return (host[:end] if end > host.rfind("]") else host).lower().rstrip(".")
