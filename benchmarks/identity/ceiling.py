"""The most that any judge could link: leads whose own driver is told apart from all others by something in the rows.

A judge who knows every way in which a lead may have been spoilt compares a lead with a driver field by field: phone and
plate (same, one slip away, no), name (parts explained, explained letter by letter, contradicted), car model, hire and
fire date. A lead is lost to it if another person's driver is at least as good in every field, or if nothing speaks for
its own: no key, and fewer than three parts of the name or one that contradicts. Where two drivers are better in
different fields, the judge is taken to choose well: so this is a bound from above.

A lead for which only the name speaks is counted apart, beside the leads of people who never drove and whose name speaks
as well for somebody who does (decoys): nothing in the rows parts the two kinds, so who links them pays in precision.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import combinations
from typing import NamedTuple

from benchmarks.identity.generator import HIRE_RANGE, Driver, LabelledSet, Lead
from benchmarks.identity.names import NICKNAMES_OF
from benchmarks.identity.writing import JUNK_PHONES, JUNK_PLATES, LOOKALIKES, PARTICLES, fold

SAME, SLIP, NO = 2, 1, 0
FULL_NAME = 3  # parts
MEANINGS: dict[str, set[str]] = defaultdict(set)
for _name, _nicks in NICKNAMES_OF.items():
    for _nick in _nicks:
        MEANINGS[fold(_nick)].add(fold(_name))


@dataclass(frozen=True)
class Ceiling:
    leads_with_driver: int
    by_key: int  # a phone or plate speaks for the own driver
    by_name: int  # only the name does
    lost: tuple[int, ...]  # leads that nothing tells apart
    decoys: tuple[int, ...]  # leads without a driver, with nothing but the full name of one

    @property
    def recall(self) -> float:
        """No judge can link more."""
        return (self.by_key + self.by_name) / max(1, self.leads_with_driver)

    @property
    def recall_by_key(self) -> float:
        """No judge who wants more than a name can link more."""
        return self.by_key / max(1, self.leads_with_driver)


class Evidence(NamedTuple):
    """How a driver compares with a lead; higher is better in each field."""

    phone: int
    plate: int
    explained: int
    letter_by_letter: int
    uncontradicted: int
    model: int
    hired_in_range: int
    not_fired: int

    @property
    def speaks(self) -> bool:
        """Whether anything speaks for the driver at all."""
        key = max(self.phone, self.plate)
        return key == SAME or (key == SLIP and self.explained > 0) or self.name_speaks

    @property
    def name_speaks(self) -> bool:
        """Whether the name alone does."""
        return self.explained >= FULL_NAME and not self.uncontradicted


class Row(NamedTuple):
    """A lead or a driver as the judge reads it."""

    phone: str | None
    plate: str | None
    words: tuple[str, ...]
    model: str
    hired: date | None = None
    fired: date | None = None


def ceiling(labelled: LabelledSet) -> Ceiling:
    """Judge every lead."""
    fleet = Fleet(labelled)
    by_key, by_name = 0, 0
    lost, decoys = [], []
    for lead in labelled.leads:
        own = labelled.truth[lead.id]
        found = fleet.told_apart(lead, own, labelled.person_of_lead[lead.id])
        if not own and fleet.has_namesake(lead):
            decoys.append(lead.id)
        elif own and found is None:
            lost.append(lead.id)
        elif found is not None:
            by_key += bool(found.phone or found.plate)
            by_name += not (found.phone or found.plate)
    return Ceiling(sum(map(bool, labelled.truth.values())), by_key, by_name, tuple(lost), tuple(decoys))


class Fleet:
    """All drivers, found by the same or nearly the same phone or plate, and by words of their names."""

    def __init__(self, labelled: LabelledSet) -> None:
        self._person = labelled.person_of_driver
        self._rows = {driver.driver_id: driver_row(driver) for driver in labelled.drivers}
        self._near: dict[tuple[str, str], list[str]] = defaultdict(list)
        self._words: dict[str, set[str]] = defaultdict(set)
        for driver_id, row in self._rows.items():
            for key in (*_neighbourhood("phone", row.phone), *_neighbourhood("plate", row.plate)):
                self._near[key].append(driver_id)
            for word in row.words:
                self._words[word].add(driver_id)

    def told_apart(self, lead: Lead, own: Iterable[str], person: int) -> Evidence | None:
        """The best evidence for a driver of one's own that no driver of somebody else equals in every field."""
        row, day = lead_row(lead), lead.lead_created_at.date()
        for evidence in sorted((self._compare(row, driver, day) for driver in own), reverse=True):
            if evidence.speaks:
                rivals = (driver for driver in self._rivals(row, evidence) if self._person[driver] != person)
                if not any(_as_good(self._compare(row, rival, day), evidence) for rival in rivals):
                    return evidence
        return None

    def has_namesake(self, lead: Lead) -> bool:
        """Whether a driver has the lead's full name, and nothing else of it."""
        row, day = lead_row(lead), lead.lead_created_at.date()
        found = (self._compare(row, driver, day) for driver in self._with_words(row, FULL_NAME))
        return any(evidence.name_speaks and not evidence.phone and not evidence.plate for evidence in found)

    def _compare(self, row: Row, driver_id: str, day: date) -> Evidence:
        return compare(row, self._rows[driver_id], day)

    def _rivals(self, row: Row, evidence: Evidence) -> set[str]:
        """Drivers that can be as good: those near the key that speaks, or with as many words of the name."""
        for kind, level in (("phone", evidence.phone), ("plate", evidence.plate)):
            if level:
                value = row.phone if kind == "phone" else row.plate
                return {driver for key in _neighbourhood(kind, value) for driver in self._near.get(key, ())}
        return self._with_words(row, evidence.explained)

    def _with_words(self, row: Row, count: int) -> set[str]:
        """Drivers who have so many words of the name; one of them may be spoilt."""
        drivers = [self._with_word(word) for word in row.words]
        return set().union(*(set.intersection(*some) for some in combinations(drivers, count - 1)))

    def _with_word(self, word: str) -> set[str]:
        return self._words.get(word, set()).union(*(self._words.get(name, set()) for name in MEANINGS.get(word, ())))


def _as_good(rival: Evidence, evidence: Evidence) -> bool:
    return all(theirs >= ours for theirs, ours in zip(rival, evidence, strict=True))


# --- reading rows -----------------------------------------------------------------------------------------

def read_phone(text: str | None) -> str | None:
    """Last nine digits; junk is none."""
    digits = re.sub(r"[^0-9]", "", text or "")[-9:]
    return digits if len(digits) == 9 and digits not in _JUNK_DIGITS else None


_JUNK_DIGITS = {re.sub(r"[^0-9]", "", junk)[-9:] for junk in JUNK_PHONES}


def read_plate(text: str | None) -> str | None:
    """Letters and digits; junk is none."""
    if (text or "").strip().upper() in {junk.upper() for junk in JUNK_PLATES}:
        return None
    kept = re.sub(r"[^A-Z0-9]", "", (text or "").upper())
    return kept if len(kept) > 3 else None


def read_words(*parts: str | None) -> tuple[str, ...]:
    """Words without particles, accents and broken letters."""
    text = fold(re.sub(r"[^A-Za-zÁÉÍÓÚÜÑáéíóúüñ\s]", "", " ".join(part or "" for part in parts)))
    return tuple(dict.fromkeys(word for word in text.split() if word not in PARTICLES))


def lead_row(lead: Lead) -> Row:
    """A lead as the judge reads it."""
    return Row(read_phone(lead.park_phone), read_plate(lead.asset_plate_number),
               read_words(lead.first_name, lead.middle_name, lead.last_name), fold(lead.asset_model or ""))


def driver_row(driver: Driver) -> Row:
    """A driver as the judge reads it."""
    return Row(read_phone(driver.phone), read_plate(driver.car_number),
               read_words(driver.first_name, driver.middle_name, driver.last_name),
               fold(f"{driver.car_brand} {driver.car_model}"), driver.hire_date, driver.fire_date)


# --- comparing --------------------------------------------------------------------------------------------

def compare(lead: Row, driver: Row, day: date) -> Evidence:
    """All fields of a lead and a driver."""
    left, right = list(lead.words), list(driver.words)
    exact = [word for word in left if word in right]
    for word in exact:
        left.remove(word)
        right.remove(word)
    near = 0
    for word in list(left):
        other = next((other for other in right if near_words(word, other)), None)
        if other is not None:
            left.remove(word)
            right.remove(other)
            near += 1
    return Evidence(near_keys(lead.phone, driver.phone), near_keys(lead.plate, driver.plate), len(exact) + near,
                    len(exact), -min(len(left), len(right)), int(lead.model in ("", driver.model)),
                    int(_in_range(driver.hired, day)), int(driver.fired is None or driver.fired >= day))


def _in_range(hired: date | None, day: date) -> bool:
    low, high = HIRE_RANGE
    return hired is None or low <= hired - day <= high


def near_keys(a: str | None, b: str | None) -> int:
    """Same, one slip apart (a wrong character, two swapped, O for 0 and I for 1), or neither."""
    if not a or not b:
        return NO
    if a == b:
        return SAME
    return SLIP if len(a) == len(b) and (_slip(a, b) or _unlike(a) == _unlike(b)) else NO


def _slip(a: str, b: str) -> bool:
    places = [i for i, (x, y) in enumerate(zip(a, b, strict=True)) if x != y]
    return len(places) == 1 or (len(places) == 2 and places[1] == places[0] + 1
                                and a[places[0]] == b[places[1]] and a[places[1]] == b[places[0]])


def _unlike(text: str) -> str:
    """A plate with its look-alikes made alike."""
    return "".join(LOOKALIKES[c] if c in "OI" else c for c in text)


def _neighbourhood(kind: str, text: str | None) -> Iterator[tuple[str, str]]:
    """Keys of which two texts that are at most a slip apart have one in common."""
    if text:
        yield kind, _unlike(text)
        for place in range(len(text)):
            yield kind, f"{text[:place]}*{text[place + 1:]}"
        for place in range(len(text) - 1):
            yield kind, f"{text[:place]}{''.join(sorted(text[place:place + 2]))}/{place}{text[place + 2:]}"


@cache
def near_words(a: str, b: str) -> bool:
    """A nickname, a surname with or without its particle, or one or two slips, by length."""
    if b in MEANINGS.get(a, ()) or a in MEANINGS.get(b, ()) or MEANINGS.get(a, set()) & MEANINGS.get(b, set()):
        return True
    if any(long.startswith(("DE", "LA", "SAN")) and long.endswith(short) and len(short) > 3
           for long, short in ((a, b), (b, a))):
        return True
    shortest = min(len(a), len(b))
    return shortest > 2 and distance(a, b) <= (1 if shortest < 7 else 2)


def distance(a: str, b: str) -> int:
    """Insertions, deletions, substitutions and swaps of neighbours; 3 where it is more than 2 by length alone."""
    if abs(len(a) - len(b)) > 2:
        return 3
    before: list[int] = []
    last = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        row = [i]
        for j, y in enumerate(b, 1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before, last = last, row
    return last[-1]
