"""Lines of 80 columns: what the text of a trace is made of."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from typing import Any

from runner.texts import Texts

WIDTH = 80
LABEL = 23


class Say:
    """Labels of the trace by name."""

    def __init__(self, texts: Texts) -> None:
        self.texts = texts

    def __call__(self, code: str, **values: Any) -> str:
        return self.texts.label("trace", code, **values)


def clean(value: Any) -> str:
    """A value as a terminal may show it: source rows hold anything, escape signs too."""
    return "".join(sign if sign.isprintable() else "\ufffd" for sign in str(value))


def wrapped(value: Any, indent: int = 2, first: str | None = None) -> list[str]:
    """A value in lines of at most 80 columns; what follows the first line is indented."""
    start = " " * indent if first is None else first
    found = textwrap.wrap(
        clean(value),
        WIDTH,
        initial_indent=start,
        subsequent_indent=" " * max(indent, len(start)),
        break_on_hyphens=False,
    )
    return found or [start.rstrip()]


def field(label: str, value: Any) -> list[str]:
    """A label and its value."""
    return wrapped(value, first=f"  {label:<{LABEL}} ")


def fields(pairs: Iterable[tuple[str, Any]], none: str) -> list[str]:
    """Labels and values; what is missing is said to be."""
    return [line for label, value in pairs for line in field(label, none if value in (None, "", []) else value)]
