"""Cursors: where a page ended, as an opaque text. Every text of a list's form is a place in it; others are refused."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from runner.web.problems import Problem

MIDDLE = 2**31


@dataclass(frozen=True)
class Part:
    """One sort key: its form in hexadecimal digits, and the ways there and back."""

    form: str
    write: Callable[[Any], str]
    read: Callable[[str], Any]


DAY = Part("[0-2][0-9a-f]{5}", lambda day: f"{day.toordinal():06x}", lambda t: date.fromordinal(max(1, int(t, 16))))
SMALL = Part("[0-9a-f]{2}", lambda number: f"{number:02x}", lambda t: int(t, 16))
NUMBER = Part("[0-9a-f]{8}", lambda number: f"{number + MIDDLE:08x}", lambda t: int(t, 16) - MIDDLE)
RUN = Part("[0-9a-f]{12}", lambda number: f"{number:012x}", lambda t: int(t, 16))
KEY = Part(
    "(?:[0-9a-f]{2}){0,120}",
    lambda key: key.encode().hex(),
    lambda t: bytes.fromhex(t).decode("utf-8", "replace").replace("\0", ""),
)


class Cursor:
    """The cursor of one list: the sort keys that a page's last row is found by, by their names in a row."""

    def __init__(self, **parts: Part) -> None:
        self._parts = parts
        self.form = "^" + "".join(part.form.replace("(?:", "(") for part in parts.values()) + "$"
        self._groups = re.compile("".join(f"({part.form})" for part in parts.values()))

    def write(self, row: dict[str, Any]) -> str:
        """The place of a row."""
        return "".join(part.write(row[name]) for name, part in self._parts.items())

    def read(self, text: str) -> dict[str, Any]:
        """The keys again, as `after_…` parameters. Raises a 400 Problem for what this list can't have given."""
        found = self._groups.fullmatch(text)
        if not found:
            raise Problem(
                400,
                "BAD_CURSOR",
                "The cursor is not one that this list gave.",
                "Take next_cursor from the answer before, or begin without one.",
                "cursor",
            )
        return {
            f"after_{name}": part.read(piece)
            for (name, part), piece in zip(self._parts.items(), found.groups(), strict=True)
        }


LIMBO = Cursor(lead_date=DAY, lead_id=NUMBER)
GAP = Cursor(lead_date=DAY, milestone_value=SMALL, lead_id=NUMBER)
DRIVERS = Cursor(lead_date=DAY, driver_id=KEY)
RUNS = Cursor(run_id=RUN)
