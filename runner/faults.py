"""Fault points: where a test may kill this process, so that 'killed anywhere' can be proven instead of hoped.

Nothing happens unless CABINET14D_FAULT names the point, as in `before:build:int_states__leads`.
"""

from __future__ import annotations

import os
import signal
from pathlib import Path


def reach(point: str) -> None:
    """Kill this process at once if the environment names this point; write the point down if asked to list them."""
    listing = os.environ.get("CABINET14D_FAULT_LIST")
    if listing:
        with Path(listing).open("a", encoding="utf-8") as file:
            file.write(point + "\n")
    if os.environ.get("CABINET14D_FAULT") == point:
        os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))
