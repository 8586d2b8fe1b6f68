"""Rows of leads and drivers made by hand, for tests of identity matching."""

from __future__ import annotations

from datetime import date, datetime

from benchmarks.identity.generator import Driver, LabelledSet, Lead
from runner.demo_people import TARGET_PARK

DAY = date(2026, 3, 1)


def driver(driver_id: str, park: str | None = TARGET_PARK, phone: str | None = None, plate: str | None = None,
           name: str | None = "JUAN QUISPE FLORES", hired: date | None = DAY, licence: str | None = None,
           car: tuple[str, str] = ("Toyota", "Yaris")) -> Driver:
    """A driver row."""
    return Driver(driver_id, park, name, None, None, name, phone, hired, None, *car, plate, licence, None)


def lead(number: int, phone: str | None = None, plate: str | None = None, name: str = "Juan Quispe Flores") -> Lead:
    """A lead row of DAY."""
    return Lead(number, None, datetime.combine(DAY, datetime.min.time()), name, None, None, phone, plate, None)


def labelled(leads: list[Lead], drivers: list[Driver], truth: dict[int, set[str]]) -> LabelledSet:
    """A set made by hand; each lead is a person of its own, and so are the drivers of nobody."""
    persons = {driver_id: number for number, ids in truth.items() for driver_id in ids}
    return LabelledSet(leads, drivers, {row.id: frozenset(truth.get(row.id, ())) for row in leads},
                       {row.id: () for row in leads}, {row.id: row.id for row in leads},
                       {row.driver_id: persons.get(row.driver_id, 1000 + place) for place, row in enumerate(drivers)})
