"""The original's matching as domain section 6 tells it, faults included, so that better can be said in figures.

Where the domain leaves a choice open, this file takes the kinder one and says so ("taken").
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count

from benchmarks.identity.generator import Driver, LabelledSet, Lead
from runner.demo_people import TARGET_PARK

THRESHOLD, GAP = 0.66, 0.15
MR1, MR2, MR3, MR3B, MR4 = ("R1_PHONE_EXACT", "R2_LICENSE_EXACT", "R3_PLATE_EXACT_NAME_SIMILAR", "R3b",
                            "R4_CAR_FINGERPRINT_NAME_SIMILAR")
EXACT_ROWS, NAME_ROWS = 10, 20  # rows read
MR3_DAYS, MR4_DAYS = (-90, 30), (-30, 7)
PARTICLES = frozenset({"DE", "DEL", "LA", "LOS", "LAS", "EL", "Y", "E"})
STRIPPED = frozenset("AEIOUNC")  # letters whose accents the Python side strips
INDEX_STRIPPED = frozenset("AE")  # F14

Tokens = frozenset[str]


# --- normalisation: two that differ (F14) -----------------------------------------------------------------

def python_phone(text: str | None) -> str | None:
    """Without spaces, hyphens, parentheses and plus; dots and the prefix stay. Under 8 characters: none."""
    kept = re.sub(r"[ \-()+]", "", text or "")
    return kept if len(kept) >= 8 else None


def index_phone(text: str | None) -> str:
    """Digits only (taken: F24 says that phones with dots never match, so one side must lose them)."""
    return re.sub(r"[^0-9]", "", text or "")


def python_plate(text: str | None) -> str | None:
    """Upper case, A-Z and 0-9 only."""
    return re.sub(r"[^A-Z0-9]", "", (text or "").upper()) or None


def index_plate(text: str | None) -> str:
    """F14: small letters are deleted before upper-casing, so abc-123 becomes 123."""
    return re.sub(r"[^A-Z0-9]", "", text or "")


def python_licence(text: str | None) -> str | None:
    """Upper case without spaces and hyphens; dots stay (F14)."""
    return re.sub(r"[ \-]", "", (text or "").upper()) or None


index_licence = index_plate  # F14: the same deletion


def _name(text: str | None, stripped: frozenset[str]) -> str:
    """Upper case, accents of these letters stripped, only A-Z and single spaces kept."""
    letters = "".join(_plain(letter, stripped) for letter in (text or "").upper())
    return " ".join(re.sub(r"[^A-Z\s]", "", letters).split())


def _plain(letter: str, stripped: frozenset[str]) -> str:
    base = unicodedata.normalize("NFD", letter)[0]
    return base if base in stripped else letter


def python_name(text: str | None) -> str:
    """Accents of A E I O U N C stripped, other letters dropped."""
    return _name(text, STRIPPED)


def index_name(text: str | None) -> str:
    """F14: accents of A and E only; GARCÍA becomes GARCA, NÚÑEZ becomes NEZ."""
    return _name(text, INDEX_STRIPPED)


def tokens(name: str) -> Tokens:
    """Words of a normalised name that are no particles."""
    return frozenset(name.split()) - PARTICLES


def similarity(a: Tokens, b: Tokens) -> float:
    """Mean of |A∩B|/|A∪B| and |A∩B|/max(|A|,|B|)."""
    if not a or not b:
        return 0.0
    shared = len(a & b)
    return (shared / len(a | b) + shared / max(len(a), len(b))) / 2


# --- the index and the registry ---------------------------------------------------------------------------

@dataclass(frozen=True, slots=True)
class Indexed:
    driver_id: str
    park_id: str | None
    phone: str
    licence: str
    plate: str
    name: Tokens
    car: tuple[str, str]
    hire_date: date | None


class Index:
    """canon.drivers_index; drivers without a park are in no list, as no rule finds them (F25)."""

    def __init__(self, drivers: Iterable[Driver], target_park: str = TARGET_PARK) -> None:
        lists: dict[tuple[str, bool, object], list[Indexed]] = defaultdict(list)
        for driver in drivers:
            if driver.park_id is not None:
                row = _indexed(driver)
                for key in ("phone", "licence", "plate", "car"):
                    lists[key, row.park_id == target_park, getattr(row, key)].append(row)
        self._lists = lists

    def find(self, key: str, target: bool, value: object) -> Sequence[Indexed]:
        """Drivers with this key in the target park, or in the other parks."""
        return self._lists.get((key, target, value), ())


def _indexed(driver: Driver) -> Indexed:
    parts = (driver.first_name, driver.middle_name, driver.last_name)
    name = driver.full_name or " ".join(part for part in parts if part)
    return Indexed(driver.driver_id, driver.park_id, index_phone(driver.phone), index_licence(driver.license_number),
                   index_plate(driver.car_number), tokens(index_name(name)),
                   (index_name(driver.car_brand), index_name(driver.car_model)), driver.hire_date)


class Registry:
    """Persons: a driver's link, else a person with its phone, else one with its licence (F29), else a new one."""

    def __init__(self, drivers: Iterable[Driver], linked: Collection[str]) -> None:
        self._drivers = {driver.driver_id: driver for driver in drivers}
        self._links: dict[str, int] = {}
        self._by_key: dict[tuple[str, str], int] = {}
        self._numbers = count(1)
        for driver_id in linked:
            self.link(driver_id)

    def linked(self, driver_id: str) -> int | None:
        """The person of a driver that a lead was matched with before."""
        return self._links.get(driver_id)

    def person(self, driver_id: str) -> int:
        """The person of a driver; made on sight, even if the lead then stays unmatched (F28)."""
        known = self._links.get(driver_id)
        if known is not None:
            return known
        driver = self._drivers[driver_id]
        keys = [(kind, value) for kind, value in (("phone", python_phone(driver.phone)),
                                                  ("licence", python_licence(driver.license_number))) if value]
        found = next((self._by_key[key] for key in keys if key in self._by_key), None)
        person = next(self._numbers) if found is None else found
        for key in keys:
            self._by_key.setdefault(key, person)
        return person

    def link(self, driver_id: str) -> None:
        """Write the driver link of a match; one that exists is never changed."""
        self._links.setdefault(driver_id, self.person(driver_id))


# --- the rules --------------------------------------------------------------------------------------------

@dataclass(frozen=True)
class Mapped:
    """A lead as the rules see it; Cabinet leads never have a licence or a brand."""

    lead_date: date
    phone: str | None = None
    licence: str | None = None
    plate: str | None = None
    name: Tokens = frozenset()
    car: tuple[str, str] | None = None


@dataclass(frozen=True)
class Hit:
    rule: str
    score: int
    driver_id: str
    person: int


@dataclass(frozen=True)
class Outcome:
    """The driver and the rule that gave it, or the reason that is stored."""

    driver_id: str | None
    rule: str | None = None
    score: int = 0
    reason: str | None = None


@dataclass
class Matcher:
    index: Index
    registry: Registry
    outcomes: dict[int, Outcome] = field(default_factory=dict)

    def match(self, lead: Mapped) -> Outcome:
        """All rules are tried; what they agree on is taken."""
        results = list(self._tried(lead))
        hits = [result for result in results if isinstance(result, Hit)]
        if len({hit.person for hit in hits}) > 1:
            return Outcome(None, reason="MULTIPLE_CANDIDATES")
        if hits:
            best = max(hits, key=lambda hit: hit.score)  # F27: MR3b at 100 beats MR1; of equals the earlier rule
            self.registry.link(best.driver_id)
            return Outcome(best.driver_id, best.rule, best.score)
        reasons = [result for result in results if isinstance(result, str)]
        return Outcome(None, reason=reasons[0] if reasons else "NO_CANDIDATES")  # F26: the first rule's

    def _tried(self, lead: Mapped) -> Iterable[Hit | str]:
        if lead.phone:
            yield self._exact(MR1, 95, "phone", lead.phone)
        if lead.licence:
            yield self._exact(MR2, 92, "licence", lead.licence)
        if lead.plate and lead.name:
            result = self._similar(MR3, lead, "plate", lead.plate, MR3_DAYS, lambda similar: 85)
            yield result
            if result == "NO_CANDIDATES":
                yield self._second_look(lead)
        if lead.car and all(lead.car) and lead.name:
            yield self._similar(MR4, lead, "car", lead.car, MR4_DAYS, lambda similar: 75)

    def _exact(self, rule: str, score: int, key: str, value: str) -> Hit | str:
        """The target park first; more than one there, and the other parks are not tried."""
        found = self.index.find(key, True, value) or self.index.find(key, False, value)
        if len(found[:EXACT_ROWS]) > 1:
            return "MULTIPLE_CANDIDATES"
        if not found:
            return "NO_CANDIDATES"
        return Hit(rule, score, found[0].driver_id, self.registry.person(found[0].driver_id))

    def _similar(self, rule: str, lead: Mapped, key: str, value: object, days: tuple[int, int] | None,
                 score: Callable[[float], int]) -> Hit | str:
        """Same key in the target park, hired in time, and a name at least so like it, clearly before the next."""
        rows = [row for row in self.index.find(key, True, value) if _in_time(row, lead.lead_date, days)][:NAME_ROWS]
        if not rows:
            return "NO_CANDIDATES"
        near = sorted(((similarity(lead.name, row.name), row.driver_id) for row in rows), reverse=True)
        near = [(similar, driver_id) for similar, driver_id in near if similar >= THRESHOLD]
        if not near:
            return "WEAK_MATCH_ONLY"
        if len(near) > 1 and near[0][0] - near[1][0] < GAP:
            return "MULTIPLE_CANDIDATES"
        similar, driver_id = near[0]
        return Hit(rule, score(similar), driver_id, self.registry.person(driver_id))

    def _second_look(self, lead: Mapped) -> Hit | str:
        """MR3b: any hire date, but only a driver that is linked already."""
        result = self._similar(MR3B, lead, "plate", lead.plate, None, lambda similar: int(similar * 100))
        if isinstance(result, Hit) and self.registry.linked(result.driver_id) is None:
            return "NO_PERSON_KEY"
        return result


def _in_time(row: Indexed, lead_date: date, days: tuple[int, int] | None) -> bool:
    if days is None or row.hire_date is None:
        return True
    return lead_date + timedelta(days=days[0]) <= row.hire_date <= lead_date + timedelta(days=days[1])


def mapped(lead: Lead) -> Mapped:
    """A Cabinet lead as the rules see it."""
    name = " ".join(part for part in (lead.first_name, lead.middle_name, lead.last_name) if part)
    return Mapped(lead.lead_created_at.date(), python_phone(lead.park_phone), None,
                  python_plate(lead.asset_plate_number), tokens(python_name(name)))


def link(labelled: LabelledSet, linked: Collection[str] = ()) -> dict[int, Outcome]:
    """What the original makes of every lead, in the order of their ids. `linked` are drivers that earlier leads had
    linked: MR3b finds no others, so none and all of them bound what it can do."""
    matcher = Matcher(Index(labelled.drivers), Registry(labelled.drivers, linked))
    return {lead.id: matcher.match(mapped(lead)) for lead in sorted(labelled.leads, key=lambda lead: lead.id)}
