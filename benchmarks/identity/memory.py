"""The most memory that a command and the server processes of its database held while it ran."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

PAUSE = 0.1  # seconds between two looks


@dataclass
class Peak:
    """Megabytes that are a process's own: without the pages that server processes share (the buffers) and programs."""

    runner: float = 0.0
    server: float = 0.0  # all processes that work on the database together


@contextmanager
def watched(database: str, runner: int) -> Iterator[Peak]:
    """Looks at the processes until the block ends. Linux only: reads /proc; elsewhere the peak stays 0."""
    peak, done = Peak(), threading.Event()

    def look() -> None:
        while not done.wait(PAUSE):
            peak.runner = max(peak.runner, _megabytes(runner))
            peak.server = max(peak.server, sum(_megabytes(pid) for pid in _servers(database)))

    watcher = threading.Thread(target=look, daemon=True)
    watcher.start()
    try:
        yield peak
    finally:
        done.set()
        watcher.join()


def _servers(database: str) -> list[int]:
    """Server processes name their database in their title: `postgres: user database …`."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            title = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
            if title.startswith("postgres:") and f" {database} " in title:
                found.append(int(folder.name))
    return found


def _megabytes(pid: int) -> float:
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace").splitlines():
            if line.startswith("RssAnon:"):
                return int(line.split()[1]) / 1024
    return 0.0
