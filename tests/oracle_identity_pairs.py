"""Says with which drivers a lead is compared and what comes of it: docs/identity.md 2 in plain Python."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from tests.oracle import LEADS_TABLE, Lead, Link, is_blank
from tests.oracle_identity_names import (
    Comparison,
    Name,
    Names,
    document_key,
    name_parts,
    one_slip,
    phone_key,
    points,
    shape,
    signs,
    similarity,
    slips,
)

Row = dict[str, Any]
CROWD = 50  # drivers that may have one phone, shape or name before it says nothing


@dataclass(frozen=True)
class CabinetLead(Lead):
    """A lead with what matching reads beside the rest."""

    asset_model: str | None = None


@dataclass(frozen=True)
class Driver:
    """A row of the fleet master."""

    id: int
    driver_id: str | None
    park_id: str | None = None
    first_name: str | None = None
    middle_name: str | None = None
    last_name: str | None = None
    full_name: str | None = None
    phone: str | None = None
    hire_date: date | None = None
    fire_date: date | None = None
    car_brand: str | None = None
    car_model: str | None = None
    car_number: str | None = None
    license_number: str | None = None
    document_number: str | None = None


@dataclass(frozen=True)
class Verdict:
    """What a person decided; the higher id is the later."""

    decision_id: int
    lead_source_pk: str
    driver_id: str | None
    verdict: str


@dataclass(frozen=True)
class Unmatched:
    source_pk: str
    status: str
    source_table: str = LEADS_TABLE


@dataclass(frozen=True)
class IdentityWorld:
    as_of: date
    leads: tuple[CabinetLead, ...] = ()
    drivers: tuple[Driver, ...] = ()
    links: tuple[Link, ...] = ()
    persons: tuple[UUID, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    unmatched: tuple[Unmatched, ...] = ()


# Matching form


@dataclass(frozen=True)
class Form:
    """A lead or a driver as the rules see it."""

    key: Any
    phone: str | None
    plate: str | None
    shape: str | None
    name: Name
    models: tuple[str | None, ...] = ()
    row: Any = None


def _model(*texts: str | None) -> str | None:
    return None if None in texts else signs("".join(text or "" for text in texts)) or None


def lead_form(lead: CabinetLead) -> Form:
    plate = document_key(lead.asset_plate_number, 5)
    name = Name(name_parts(lead.first_name, lead.middle_name, lead.last_name), name_parts(lead.first_name),
                name_parts(lead.last_name))
    return Form(lead.id, phone_key(lead.park_phone), plate, shape(plate), name, (_model(lead.asset_model),), lead)


def driver_form(driver: Driver) -> Form:
    plate = document_key(driver.car_number, 5)
    name = Name(name_parts(driver.first_name, driver.middle_name, driver.last_name, driver.full_name),
                name_parts(driver.first_name), name_parts(driver.last_name))
    models = (_model(driver.car_model), _model(driver.car_brand, driver.car_model))
    return Form(driver.driver_id, phone_key(driver.phone), plate, shape(plate), name, models, driver)


def account(driver: Driver) -> str:
    """One for the accounts of a person in several parks."""
    document, licence = document_key(driver.document_number, 6), document_key(driver.license_number, 6)
    return f"D{document}" if document else f"L{licence}" if licence else f"A{driver.driver_id}"


def standing_drivers(drivers: Iterable[Driver]) -> dict[str, Driver]:
    """Several rows of one driver_id: the one with the highest id counts; rows without one are nobody."""
    standing = {}
    for driver in sorted(drivers, key=lambda driver: driver.id):
        if driver.driver_id is not None and not is_blank(driver.driver_id):
            standing[driver.driver_id] = driver
    return standing


# Pairs


@dataclass(frozen=True)
class Pair:
    lead: Form
    driver: Form
    phone_level: str | None
    plate_level: str | None
    name_level: str
    similarity: Decimal
    score: int
    hired_after: int | None
    parts_same: int
    parts_near: int

    @property
    def facts(self) -> Row:
        return {"score": self.score, "name_level": self.name_level, "phone_level": self.phone_level,
                "plate_level": self.plate_level, "name_similarity": self.similarity}


NO_FACTS = dict.fromkeys(("score", "name_level", "phone_level", "plate_level", "name_similarity"))


class Index:
    """Drivers by what a lead may share with them."""

    def __init__(self, drivers: Iterable[Form]) -> None:
        self.found: dict[Any, list[Form]] = defaultdict(list)
        for driver in drivers:
            for key in self._exact(driver) + self._slipped(driver):
                self.found[key].append(driver)

    def _exact(self, form: Form) -> list[Any]:
        name = form.name.parts if len(form.name.parts) >= 3 else None
        keys = (("phone", form.phone), ("shape", form.shape), ("name", name))
        return [key for key in keys if key[1] is not None]

    def _slipped(self, form: Form) -> list[Any]:
        keys = (("phone slip", form.phone, 9), ("shape slip", form.shape, 6))
        return [(kind, text) for kind, key, length in keys if key and len(key) == length for text in slips(key)]

    def beside(self, lead: Form) -> list[Form]:
        """The drivers that the lead is compared with."""
        near: dict[Any, Form] = {}
        for key in self._exact(lead):
            if len(self.found[key]) <= CROWD:
                near |= {driver.key: driver for driver in self.found[key]}
        for key in self._slipped(lead):
            ours = lead.phone if key[0] == "phone slip" else lead.shape
            for driver in self.found[key]:
                theirs = driver.phone if key[0] == "phone slip" else driver.shape
                if ours != theirs and _two_thirds_equal(str(ours), str(theirs)):
                    near[driver.key] = driver
        return list(near.values())


def _two_thirds_equal(left: str, right: str) -> bool:
    size = len(left) // 3
    return sum(left[place:place + size] == right[place:place + size] for place in range(0, size * 3, size)) >= 2


def _phone_level(lead: Form, driver: Form) -> str | None:
    if lead.phone is None or driver.phone is None:
        return None
    return "SAME" if lead.phone == driver.phone else "NEAR" if one_slip(lead.phone, driver.phone) else "OTHER"


def _plate_level(lead: Form, driver: Form) -> str | None:
    if lead.shape is None or driver.shape is None:
        return None
    if lead.shape == driver.shape:
        return "SAME" if lead.plate == driver.plate else "LOOKALIKE"
    return "NEAR" if one_slip(lead.shape, driver.shape) else "OTHER"


def _name_level(lead: Form, driver: Form, names: Comparison, both_keys_same: bool) -> str:
    if not lead.name.parts or not driver.name.parts:
        return "UNKNOWN"
    contradicted = names.is_contradicted or (
        names.is_surname_contradicted and not (names.has_given and both_keys_same))
    return "CONTRADICTED" if contradicted else "AGREED"


def compare(lead: Form, driver: Form, weights: Names) -> Pair:
    """Section 2: levels, points and similarity."""
    phone, plate = _phone_level(lead, driver), _plate_level(lead, driver)
    names = weights.compare(lead.name, driver.name)
    level = _name_level(lead, driver, names, phone == plate == "SAME")
    common = len(names.same) + names.near
    sizes = len(lead.name.parts), len(driver.name.parts)
    hired, lead_date = driver.row.hire_date, lead.row.lead_created_at.date()
    hired_after = (hired - lead_date).days if hired else None
    worth = points()
    codes = [f"PHONE_{phone}", f"PLATE_{plate}", _hired_code(hired_after), _model_code(lead, driver)]
    codes += ["GIVEN_HALF"] * names.has_other_given + ["SURNAME_HALF"] * names.has_other_surname
    codes += ["FIRED_BEFORE"] * (driver.row.fire_date is not None and driver.row.fire_date < lead_date)
    score = sum(worth.get(code, 0) for code in codes)
    score += sum(weights.worth(part)[0] for part in names.same)
    score += sum(weights.worth(part)[1] for part in names.near_left)
    alike = similarity(common, *sizes) if level == "AGREED" else Decimal(0)
    return Pair(lead, driver, phone, plate, level, alike, score, hired_after, len(names.same), names.near)


def _hired_code(days: int | None) -> str:
    if days is None:
        return ""
    return "HIRED_NEAR" if -3 <= days <= 30 else "HIRED_RANGE" if -90 <= days <= -4 else "HIRED_FAR"


def _model_code(lead: Form, driver: Form) -> str:
    (model,) = lead.models
    if model is None:
        return ""
    return "MODEL_SAME" if model in driver.models else "" if None in driver.models else "MODEL_OTHER"
