"""The dead-man's switch: each night tells an address that it starts, ended or failed. Never fatal, never slow."""

from __future__ import annotations

import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

from runner.settings import Settings

SECONDS = 3.0


def send(url: str | None, end: str, seconds: float = SECONDS) -> bool:
    """Ask for url + end and forget the answer; whether it came. A server that drips or hangs is left behind."""
    if not url:
        return False
    arrived: list[bool] = []
    thread = threading.Thread(target=_ask, args=(url.rstrip("/") + end, seconds, arrived), daemon=True)
    thread.start()
    thread.join(seconds)
    return bool(arrived)


def _ask(url: str, seconds: float, arrived: list[bool]) -> None:
    try:
        with urllib.request.urlopen(url, timeout=seconds):
            arrived.append(True)
    except Exception:  # whatever happens to a ping, the night goes on
        return


@contextmanager
def around(settings: Settings) -> Iterator[None]:
    """Tell the start, and then success or failure. A night that ended with findings has not failed."""
    url = settings["ping_url"]
    send(url, "/start")
    try:
        yield
    except BaseException:
        send(url, "/fail")
        raise
    send(url, "")
