"""The most memory that a command and the server processes of its database held while it ran, and their CPU time."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

PAUSE = 0.2  # seconds between two looks


@dataclass
class Watched:
    """Megabytes that are a process's own: without the pages that server processes share (the buffers) and programs.

    Seconds are CPU time, which a busy machine stretches less than it stretches wall time.
    """

    runner: float = 0.0
    server: float = 0.0  # all processes that work on the database together
    seconds: dict[int, float] = field(default_factory=dict)  # by process

    @property
    def cpu(self) -> float:
        """Of the command and the server."""
        return sum(self.seconds.values())


@contextmanager
def watched(database: str, runner: int) -> Iterator[Watched]:
    """Looks at the processes until the block ends. Linux only: reads /proc; elsewhere everything stays 0."""
    seen, done = Watched(), threading.Event()
    before = {pid: _seconds(pid) for pid in (runner, *_servers(database))}

    def look() -> None:
        servers = _servers(database)
        for pid in (runner, *servers):
            seen.seconds[pid] = max(seen.seconds.get(pid, 0.0), _seconds(pid) - before.get(pid, 0.0))
        seen.runner = max(seen.runner, _megabytes(runner))
        seen.server = max(seen.server, sum(map(_megabytes, servers)))

    def keep_looking() -> None:
        while not done.wait(PAUSE):
            look()

    watcher = threading.Thread(target=keep_looking, daemon=True)
    watcher.start()
    try:
        yield seen
        look()
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


def _seconds(pid: int) -> float:
    """User and system time so far."""
    with suppress(OSError):
        words = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
        return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")
    return 0.0
