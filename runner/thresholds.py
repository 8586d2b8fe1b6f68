"""Thresholds of alert rules as people write them: NAME=VALUE, of a rule, its type, or a part of it (A1.DAYS)."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from runner.errors import BadConfiguration

PARTS = ("", ".CRITICAL", ".FLOOR", ".DAYS")
_WORD = re.compile(r"(?P<name>[A-Za-z0-9_]+)(?P<part>\.[A-Za-z]+)?=(?P<number>-?\d+(?:\.\d+)?)\Z")


def parse(text: str | Iterable[str] | None) -> dict[str, float]:
    """`A1=150, TRIPS_NO_CLAIM_PERSISTENT.DAYS=2` as numbers by rule. Raises BadConfiguration."""
    words = re.split(r"[\s,;]+", text.strip()) if isinstance(text, str) else list(text or ())
    return dict(_one(word) for word in words if word)


def _one(word: str) -> tuple[str, float]:
    found = _WORD.match(word)
    if not found:
        raise BadConfiguration(f"The threshold {word!r} is not NAME=VALUE.", "Write it as A1=150.")
    rule = _rules().get(found["name"].upper())
    part = (found["part"] or "").upper()
    if rule is None or part not in PARTS:
        raise BadConfiguration(
            f"There is no threshold {found['name']}{found['part'] or ''}.",
            f"Known are {', '.join(sorted(set(_rules().values())))}, each also with .CRITICAL, .FLOOR or .DAYS.",
        )
    return rule + part, float(found["number"])


@cache
def _rules() -> dict[str, str]:
    """Rule by rule and by type, from the seed."""
    with _seed().open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {row["rule"]: row["rule"] for row in rows} | {row["type"]: row["rule"] for row in rows}


def _seed() -> Path:
    from runner.warehouse import project_folder

    return project_folder() / "seeds" / "alert_rules.csv"
