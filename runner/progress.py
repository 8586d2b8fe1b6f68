"""What a long command says on stderr: one live line on a terminal, plain dated lines elsewhere."""

from __future__ import annotations

import sys
from datetime import datetime

WIDTH = 79


class Progress:
    """Step n of m with the node or row count at work. Never writes to stdout: that is for data."""

    def __init__(self, steps: int, quiet: bool = False) -> None:
        self.steps = steps
        self.number = 0
        self.name = ""
        self.quiet = quiet
        self.live = sys.stderr.isatty() and not quiet

    def step(self, name: str) -> None:
        """Begin the next step."""
        self.number += 1
        self.name = name
        if self.live:
            self._show("")
        else:
            self._say(f"step {self.number} of {self.steps}: {name}")

    def node(self, description: str, index: int, total: int) -> None:
        """A dbt node that starts; only a live line shows it."""
        if self.live:
            self._show(f"{index}/{total} {description}")

    def rows(self, count: int) -> None:
        """Rows done so far in this step."""
        if self.live:
            self._show(f"{count:,} rows")

    def done(self, text: str) -> None:
        """End of the step with its outcome."""
        if self.live:
            self._clear()
        self._say(f"  {self.name}: {text}")

    def _show(self, detail: str) -> None:
        line = f"[{self.number}/{self.steps}] {self.name} {detail}"[:WIDTH]
        sys.stderr.write("\r" + line.ljust(WIDTH))
        sys.stderr.flush()

    def _clear(self) -> None:
        sys.stderr.write("\r" + " " * WIDTH + "\r")

    def _say(self, text: str) -> None:
        if not self.quiet:
            stamp = "" if self.live else datetime.now().strftime("%Y-%m-%d %H:%M:%S ")
            print(f"{stamp}{text}", file=sys.stderr, flush=True)
