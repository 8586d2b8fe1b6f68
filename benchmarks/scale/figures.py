"""Figures of one part: times by name with median, least and most, and facts; as a table and as JSON."""

from __future__ import annotations

import statistics
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Part:
    """What one part measured: seconds (each repetition) by name, and facts that are no times."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)

    def add(self, name: str, seconds: float) -> None:
        """One more repetition."""
        self.seconds.setdefault(name, []).append(seconds)

    def median(self, name: str) -> float | None:
        """None if it was not measured."""
        return statistics.median(self.seconds[name]) if self.seconds.get(name) else None

    def total(self) -> float | None:
        """Sum of all medians."""
        return sum(statistics.median(values) for values in self.seconds.values()) if self.seconds else None

    def as_dict(self) -> dict[str, Any]:
        """JSON form."""
        return {"seconds": {name: spread(values) for name, values in self.seconds.items()}, **self.facts}

    def lines(self, title: str) -> list[str]:
        """A table in Markdown, then the facts."""
        told = [f"### {title}", ""]
        if self.seconds:
            told += ["| | median s | least | most | n |", "|---|---:|---:|---:|---:|"]
        told += [_row(name, spread(values)) for name, values in self.seconds.items()]
        return [*told, "", *(f"- {name}: {_plain(value)}" for name, value in self.facts.items()), ""]


def spread(values: list[float]) -> dict[str, Any]:
    """Median, least, most and number."""
    median, least, most = statistics.median(values), min(values), max(values)
    return {"median": round(median, 3), "min": round(least, 3), "max": round(most, 3), "n": len(values)}


def _row(name: str, found: dict[str, Any]) -> str:
    return f"| {name} | {found['median']:,.3f} | {found['min']:,.3f} | {found['max']:,.3f} | {found['n']} |"


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{name} {_plain(part)}" for name, part in value.items())
    if isinstance(value, list):
        return "; ".join(_plain(part) for part in value)
    return f"{value:,.2f}" if isinstance(value, float) else f"{value:,}" if isinstance(value, int) else str(value)
