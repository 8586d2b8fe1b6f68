"""What was measured beside what else could be done, in one run on one machine."""

from __future__ import annotations

from benchmarks.scale.claims import LOOP
from benchmarks.scale.figures import Part


def ratios(parts: dict[str, Part]) -> Part:
    """Only those whose two sides were measured."""
    found: dict[str, tuple[float | None, float | None]] = {}
    build = _median(parts, "build", "full build")
    floor = parts.get("floor", Part())
    found["full build / floor, each statement alone"] = build, floor.total()
    found["full build / floor, chained"] = build, parts.get("chained", Part()).total()
    found["full build / DuckDB, limbo and gap"] = build, _duck(parts)
    found["floor, limbo and gap alone / DuckDB, limbo and gap"] = _both(floor), _duck(parts)
    for name in parts.get("nights", Part()).seconds:
        if ": " not in name:
            found[f"night, {name} / full build"] = _median(parts, "nights", name), build
    found |= _claims(parts) | _lists(parts)
    return Part(facts={name: round(one / other, 3) for name, (one, other) in found.items() if one and other})


def _median(parts: dict[str, Part], part: str, name: str) -> float | None:
    return parts[part].median(name) if part in parts else None


def _duck(parts: dict[str, Part]) -> float | None:
    sides = [_median(parts, "duckdb", name) for name in ("limbo", "gap")]
    return sum(side for side in sides if side) if all(sides) else None


def _both(floor: Part) -> float | None:
    sides = [floor.median(name) for name in ("limbo", "gap")]
    return sum(side for side in sides if side) if all(sides) else None


def _claims(parts: dict[str, Part]) -> dict[str, tuple[float | None, float | None]]:
    rates = parts.get("claims", Part()).facts.get("rows a second", {})
    told: dict[str, tuple[float | None, float | None]] = {}
    for name in (name for name in rates if name not in ("write", "command")):
        told[f"claims written a second / {name}"] = rates.get("write"), rates[name]
    told["claims of the whole command a second / loop"] = rates.get("command"), rates.get(LOOP)
    return told


def _lists(parts: dict[str, Part]) -> dict[str, tuple[float | None, float | None]]:
    """A page computed on read, beside the same page of the API at p50."""
    told: dict[str, tuple[float | None, float | None]] = {}
    for name in ("limbo: first page", "gap: first page"):
        page = parts.get("lists", Part()).facts.get(name, {}).get("p50 ms")
        told[f"{name}, computed on read / API"] = _median(parts, "views", name), page / 1000 if page else None
    return told
