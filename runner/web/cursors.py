"""Cursors: where a page ended, as an opaque text that is checked when it comes back."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable
from datetime import date
from typing import Any

from runner.web.problems import Problem

SHAPES: dict[type, Callable[[Any], Any]] = {
    date: lambda value: date.fromisoformat(value) if isinstance(value, str) and len(value) == 10 else 1 / 0,
    int: lambda value: value if type(value) is int and abs(value) < 2**31 else 1 / 0,
    str: lambda value: value if type(value) is str and "\0" not in value else 1 / 0,
}


def write(keys: list[Any]) -> str:
    """The sort keys of a page's last row."""
    plain = [key.isoformat() if isinstance(key, date) else key for key in keys]
    return base64.urlsafe_b64encode(json.dumps(plain, separators=(",", ":")).encode()).decode().rstrip("=")


def read(text: str, *types: type) -> list[Any]:
    """The keys again, each of its type. Raises a 400 Problem for anything that we did not write."""
    try:
        raw = base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
        keys = [SHAPES[kind](value) for kind, value in zip(types, json.loads(raw), strict=True)]
        if write(keys) != text:
            raise ValueError
        return keys
    except (ValueError, ArithmeticError, TypeError, binascii.Error, RecursionError):
        raise Problem(
            400,
            "BAD_CURSOR",
            "The cursor is not one that this list gave.",
            "Take next_cursor from the answer before, or begin without one.",
            "cursor",
        ) from None
