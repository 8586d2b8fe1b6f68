"""Says what keys and names become for matching and how two compare: docs/identity.md 1 and 2 in plain Python."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path
from typing import NamedTuple

SEEDS = Path(__file__).parents[1] / "seeds"
PARTICLES = frozenset(("DE", "DEL", "LA", "LOS", "LAS", "EL", "Y", "E"))
BEHIND = ("DE", "DEL", "DELA", "DELOS", "DELAS", "LA", "SAN")
SOUNDS = (("HUA", "GUA"), ("LL", "Y"), ("QU", "K"), ("CH", "1"), ("SH", "1"), ("PH", "F"), ("NN", "N"), ("CE", "SE"),
          ("CI", "SI"), ("SS", "S"))
LETTERS = str.maketrans("ZVCQYJX", "SBKKIIS", "H")


def seed(name: str) -> list[dict[str, str]]:
    """The rows of a seed, as texts."""
    with (SEEDS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def points() -> dict[str, int]:
    """What each thing that agrees or not is worth, and where the cuts are."""
    return {row["code"]: int(row["points"]) for row in seed("identity_points")}


@cache
def nicknames() -> frozenset[tuple[str, str]]:
    """Nickname and name."""
    return frozenset((row["nickname"], row["name"]) for row in seed("identity_nicknames"))


# Keys


def phone_key(text: str | None) -> str | None:
    """D-8: digits only, last nine; none under eight digits or when all are one digit."""
    digits = re.sub("[^0-9]", "", text or "")
    return digits[-9:] if len(digits) >= 8 and len(set(digits[-9:])) > 1 else None


def signs(text: str | None) -> str:
    """ASCII letters and digits, upper-case."""
    return re.sub("[^A-Za-z0-9]", "", text or "").upper()


def document_key(text: str | None, at_least: int) -> str | None:
    """Plates (five signs) and licences (six): none without a digit, or when one sign is repeated."""
    key = signs(text)
    return key if at_least <= len(key) <= 20 and re.search("[0-9]", key) and len(set(key)) > 1 else None


def shape(plate: str | None) -> str | None:
    """O becomes 0 and I becomes 1."""
    return plate and plate.replace("O", "0").replace("I", "1")


def one_slip(left: str, right: str) -> bool:
    """Of equal length, nine signs at most: one sign differs, or two neighbours changed places."""
    if len(left) != len(right) or len(left) > 9:
        return False
    places = [place for place, (a, b) in enumerate(zip(left, right, strict=True)) if a != b]
    if len(places) == 1:
        return True
    return len(places) == 2 and places[1] == places[0] + 1 and left[places[0]] + left[places[1]] == (
        right[places[1]] + right[places[0]])


def slips(key: str) -> Iterator[str]:
    """Texts that two keys share exactly when they are one slip apart or equal: one sign hidden; neighbours in order."""
    for place in range(len(key)):
        yield f"{place}{key[:place]}_{key[place + 1:]}"
    for place in range(len(key) - 1):
        yield f"{place}{key[:place]}<{''.join(sorted(key[place:place + 2]))}>{key[place + 2:]}"


def name_parts(*texts: str | None) -> frozenset[str]:
    """The set of parts of the first 250 signs: broken letters out, accents off, ASCII capitals, no particles."""
    text = " ".join(text for text in texts if text is not None)[:250]
    whole = re.sub("[?\ufffd]|Ã[^A-Za-z ]", "", text)
    bare = re.sub("[\u0300-\u036f]", "", unicodedata.normalize("NFD", whole))
    return frozenset({part.upper() for part in re.findall("[A-Za-z]+", bare)} - PARTICLES)


# Names


@dataclass(frozen=True)
class Name:
    """The parts of a row's name, and those of them that its first_name and last_name hold."""

    parts: frozenset[str]
    first: frozenset[str]
    last: frozenset[str]

    @property
    def tells_roles(self) -> bool:
        """Whether the row keeps given names and surnames apart."""
        return bool(self.first and self.last)


class Comparison(NamedTuple):
    """What two names have in common."""

    same: frozenset[str]
    near_left: frozenset[str]
    near_right: frozenset[str]
    has_other_given: bool
    has_other_surname: bool
    has_given: bool
    is_contradicted: bool  # nothing in common, or only surnames
    is_surname_contradicted: bool  # only given names

    @property
    def near(self) -> int:
        return min(len(self.near_left), len(self.near_right))


@dataclass
class Names:
    """How often the drivers have each part, and what follows for roles and points."""

    drivers: Iterable[Name]
    count: int = field(init=False)

    def __post_init__(self) -> None:
        named = [name for name in self.drivers if name.parts]
        self.count = len(named)
        self.having = Counter(part for name in named for part in name.parts)
        self.first = Counter(part for name in named if name.tells_roles for part in name.first)
        self.last = Counter(part for name in named if name.tells_roles for part in name.last)
        self.weights = [
            (Decimal(row["from_share"]), Decimal(row["to_share"]), int(row["points"]), int(row["near_points"]))
            for row in seed("identity_name_weights")
        ]

    def worth(self, part: str) -> tuple[int, int]:
        """Points and near points of a part by its share of the drivers."""
        having = self.having[part]
        for start, end, agreed, nearly in self.weights:
            if not having or start * self.count <= having < end * self.count:
                return agreed, nearly
        raise ValueError(f"no weight for {having} of {self.count}")

    def role(self, part: str, name: Name) -> str | None:
        """G or S by all drivers, else by the row the part stands in."""
        first, last = self.first[part], self.last[part]
        if first or last:
            if first >= 4 * last:
                return "G"
            if last >= 4 * first:
                return "S"
        if not name.tells_roles:
            return None
        return "G" if part in name.first else "S" if part in name.last else None

    def compare(self, left: Name, right: Name) -> Comparison:
        """Part against part."""
        same = left.parts & right.parts
        near = [(a, b) for a in left.parts - same for b in right.parts - same
                if is_near(a, b, self.role(a, left) == self.role(b, right) == "G")]
        near_left, near_right = frozenset(a for a, _ in near), frozenset(b for _, b in near)

        def roles(name: Name, parts: Iterable[str]) -> set[str | None]:
            return {self.role(part, name) for part in parts}

        alike = roles(left, same | near_left) | roles(right, same | near_right)
        open_roles = roles(left, left.parts - same - near_left) & roles(right, right.parts - same - near_right)
        nothing = not same and not near
        return Comparison(same, near_left, near_right, "G" in open_roles, "S" in open_roles, "G" in alike,
                          nothing or ("G" not in alike and "G" in open_roles), "S" not in alike and "S" in open_roles)


def is_near(left: str, right: str, are_given: bool) -> bool:
    """Whether two different parts are nearly the same, in the order of docs/identity.md."""
    if are_given and _man_and_woman(left, right):
        return False
    shorter = min(len(left), len(right))
    if shorter < 3:
        return False
    distance = edits(left, right)
    return (
        distance <= (2 if shorter >= 7 else 1)
        or (len(left) == len(right) and distance == 2 and set(left) == set(right))
        or sound(left) == sound(right)
        or (shorter >= 4 and any(left == word + right or right == word + left for word in BEHIND))
        or (are_given and (_cut_short(left, right) or _diminutive(left, right) or _diminutive(right, left)))
        or (plain(left), right) in nicknames()
        or (plain(right), left) in nicknames()
    )


def _man_and_woman(left: str, right: str) -> bool:
    """X and XA; or equal but for a last letter A/O."""
    ends = {left[-1], right[-1]} == {"A", "O"} and left[:-1] == right[:-1]
    return left == right + "A" or right == left + "A" or ends


def _cut_short(left: str, right: str) -> bool:
    return min(len(left), len(right)) >= 4 and (left.startswith(right) or right.startswith(left))


def _diminutive(one: str, other: str) -> bool:
    return plain(one) in (other, other + "O")


def plain(part: str) -> str:
    """Without a diminutive: six letters or more that end in ITO or ITA lose those and get O or A."""
    return part[:-3] + part[-1] if len(part) >= 6 and part.endswith(("ITO", "ITA")) else part


def sound(part: str) -> str:
    """Letters that sound alike made the same."""
    for written, spoken in SOUNDS:
        part = part.replace(written, spoken)
    return part.translate(LETTERS)


@cache
def edits(left: str, right: str) -> int:
    """Letters to insert, delete or change to make one the other."""
    row = list(range(len(right) + 1))
    for place, letter in enumerate(left, 1):
        above, row = row, [place]
        for column, other in enumerate(right, 1):
            row.append(min(above[column] + 1, row[-1] + 1, above[column - 1] + (letter != other)))
    return row[-1]


def similarity(common: int, left: int, right: int) -> Decimal:
    """D-22's mean of two fractions, four decimals, halves away from zero."""
    shares = (Decimal(common) / (left + right - common) + Decimal(common) / max(left, right)) / 2
    return shares.quantize(Decimal("0.0001"), ROUND_HALF_UP)
