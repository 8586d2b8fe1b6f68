"""How often one address may fail to sign in: a few tries, then a wait; in memory and bounded."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from fastapi import Request

TRIES, SECONDS, ADDRESSES = 5, 60.0, 10_000


class Throttle:
    """Failures per address within the last minute; the longest unseen addresses are forgotten first."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._failures: OrderedDict[str, list[float]] = OrderedDict()

    def may(self, address: str) -> bool:
        """Whether the address may try now."""
        with self._lock:
            return len(self._recent(address)) < TRIES

    def failed(self, address: str) -> None:
        """Count a failure."""
        with self._lock:
            self._failures[address] = [*self._recent(address), self._clock()]
            self._failures.move_to_end(address)
            while len(self._failures) > ADDRESSES:
                self._failures.popitem(last=False)

    def forget(self, address: str) -> None:
        """Forget an address that signed in."""
        with self._lock:
            self._failures.pop(address, None)

    def _recent(self, address: str) -> list[float]:
        since = self._clock() - SECONDS
        return [at for at in self._failures.get(address, ()) if at > since]


def address_of(request: Request) -> str:
    """Who is at the other end."""
    return request.client.host if request.client else "?"
