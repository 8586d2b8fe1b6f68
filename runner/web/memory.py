"""What a live run answered already: a run never changes, so an answer of it holds until the next one is live."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any

KEPT = 256


class Memory:
    """The latest answers by key; the longest unused is forgotten first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._answers: OrderedDict[Hashable, Any] = OrderedDict()

    def get(self, key: Hashable, find: Callable[[], Any]) -> Any:
        """The answer to `key`, found once. Two that ask at the same time may both find it: that is harmless."""
        with self._lock:
            if key in self._answers:
                self._answers.move_to_end(key)
                return self._answers[key]
        answer = find()
        with self._lock:
            self._answers[key] = answer
            while len(self._answers) > KEPT:
                self._answers.popitem(last=False)
        return answer


def remembered(cursor: Any, key: Hashable, find: Callable[[], Any]) -> Any:
    """From the memory of the cursor's pool; a cursor from elsewhere has none."""
    memory: Memory | None = getattr(cursor, "memory", None)
    return find() if memory is None else memory.get(key, find)
