"""The sample's files while they are written: one method per fact, each row as the real files have it."""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any

from runner.demo_people import COLOURS, TARGET_PARK, Dice, Driver, Name, driver, written_phone, written_plate

AS_OF = date(2026, 1, 12)
LAST_TRIPS = AS_OF - timedelta(days=1)  # the feed is a day behind
LEADS, DRIVERS = "module_ct_cabinet_leads", "drivers"
FLAGS = (1, 5, 10, 15, 25, 50, 100)
AMOUNTS = {1: "25.00", 5: "35.00", 25: "100.00"}
COLUMNS = {file: columns.split() for file, columns in {
    "leads": """external_id lead_created_at first_name middle_name last_name park_phone asset_plate_number
        asset_model asset_color active_1 active_5 active_10 active_15 active_25 active_50 active_100
        last_active_date status tariff park_name activation_city target_city created_at""",
    "trips": "driver_id date_file count_orders_completed sum_work_time_seconds created_at",
    "drivers": """driver_id id park_id first_name last_name middle_name full_name phone hire_date fire_date
        car_brand car_model car_number car_normalized_number license_number license_normalized_number
        work_status current_status document_type document_number active""",
    "payments": "id date time scout_id driver trip_1 trip_5 trip_25 driver_id person_key",
    "identity": """person_key person_created_at person_confidence primary_phone primary_license
        primary_full_name source_table source_pk snapshot_date match_rule match_score confidence_level
        linked_at""",
    "claims": """person_key driver_id lead_source_pk lead_date milestone amount_expected status expected_at
        generated_at paid_at reason created_at updated_at""",
}.items()}


@dataclass
class Lead:
    """A lead before it is written; `created` in Lima's time, None where the file does not say."""

    key: str
    created: datetime | None
    names: tuple[str, str, str]
    phone: str
    plate: str
    model: str
    inserted: datetime
    trips: int = 0  # of its own driver in its window, for Yango's flags


@dataclass(frozen=True)
class Person:
    """A person of the registry."""

    key: str
    name: Name
    phone: str
    licence: str
    since: datetime


@dataclass
class Sample:
    """Open files of the sample. Leads are kept and written at the end, in the order in which they arrived."""

    folder: Path
    dice: Dice
    leads: list[Lead] = field(default_factory=list)
    drivers: int = 0
    payments: list[tuple[date, list[str]]] = field(default_factory=list)

    def __enter__(self) -> Sample:
        self._files = ExitStack()
        self._writers = {name: self._open(name) for name in COLUMNS}
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self._files.close()

    def _open(self, name: str) -> Any:
        path = self.folder / f"{name}.csv"
        file = self._files.enter_context(path.open("w", encoding="utf-8", newline=""))
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS[name])
        return writer

    def hire(self, hired: date, name: Name, park: str = TARGET_PARK, *, plate: str = "") -> Driver:
        """A new park account, with a plate of its own unless another's is given."""
        self.drivers += 1
        account = driver(self.dice, self.drivers, hired, name, park)
        account = replace(account, plate=plate or account.plate)
        given, surnames = " ".join(name.given), " ".join(name.surnames)
        licence = licence_of(account)
        document = f"00{self.drivers:06d}"
        self._writers["drivers"].writerow([
            account.driver_id, 200_000 + self.drivers, park, given, surnames, "", name.full,
            f"+51{account.phone}", hired, "", *account.car, account.plate, account.plate.replace("-", ""),
            licence, licence, "working", "offline", "dni", document, "true"])
        return account

    def trips(self, driver_id: str, day: date | str, count: int | str, *, loaded: datetime | None = None,
              seconds: int | None = None) -> None:
        """One driver-day as the feed gave it; loaded the next morning unless said otherwise."""
        if isinstance(day, date):
            loaded = loaded or next_morning(day)
        if seconds is None:
            trips = count if isinstance(count, int) and count > 0 else 0
            seconds = trips * 1500 + self.dice.below(3600)
        written = day if isinstance(day, str) else f"{day:%d-%m-%Y}"
        self._writers["trips"].writerow([driver_id, written, count, seconds, loaded or ""])

    def lead(self, created: datetime | None, name: Name, account: Driver | None = None, *,
             phone: bool = True, trips: int = 0) -> Lead:
        """A lead, with the phone and plate of a park account if one is given; written at the end."""
        dice = self.dice
        plate = account.plate if account else f"{dice.hex32()[:3].translate(LETTERS)}-{dice.below(1000):03d}"
        digits = account.phone if account else f"901{dice.below(1_000_000):06d}"  # no account has a 901
        written = written_phone(dice, digits) if phone else ""
        lead = Lead(dice.hex32(), created, lead_names(dice, name), written, written_plate(dice, plate),
                    " ".join(account.car) if account else "", arrival(created), trips)
        self.leads.append(lead)
        return lead

    def person(self, name: Name, phone: str, licence: str, since: datetime) -> Person:
        """A new person of the registry; it is written with its links."""
        return Person(self.dice.uuid(), name, phone, licence, since)

    def link(self, person: Person, table: str, key: str, day: date, linked: datetime,
             rule: str = "DRIVER_MATCH", score: int = 100, confidence: str = "HIGH") -> None:
        """A source row is this person."""
        self._writers["identity"].writerow([
            person.key, utc(person.since), "HIGH", person.phone, person.licence, plain(person.name.full),
            table, key, f"{day} 00:00:00+00", rule, score, confidence, utc(linked)])

    def claim(self, person: Person, account: Driver, lead: Lead, milestone: int, raised: datetime, *,
              status: str = "generated", amount: str = "", paid: datetime | None = None,
              reason: str = "") -> None:
        """A claim that the earlier system raised, paid if a moment is given; `raised` and `paid` in UTC."""
        assert lead.created is not None
        status = "paid" if paid else status
        generated = "" if status == "expected" else utc(raised)
        self._writers["claims"].writerow([
            person.key, account.driver_id, lead.key, lead.created.date(), milestone,
            amount or AMOUNTS[milestone], status, utc(raised), generated, utc(paid) if paid else "", reason,
            utc(raised), utc(paid or raised)])

    def payment(self, day: date, driver_name: str, milestones: Sequence[int], driver_id: str = "") -> None:
        """A line of Yango's payment list; lines are numbered at the end, in the order of their dates."""
        flags = ["true" if milestone in milestones else "" for milestone in AMOUNTS]
        self.payments.append((day, [f"{self.dice.between(8, 18):02d}:{self.dice.below(60):02d}:00",
                                    str(self.dice.between(1, 40)), driver_name, *flags, driver_id, ""]))

    def finish(self) -> None:
        """Write what had to wait: leads in their order, payments by date."""
        for lead in self.leads:
            self._writers["leads"].writerow(lead_row(self.dice, lead))
        for number, (day, cells) in enumerate(sorted(self.payments), start=1):
            self._writers["payments"].writerow([number, day, *cells])

    def raw_lead(self, cells: list[str]) -> None:
        """A line of the leads file just as it is: for lines that loading must reject."""
        self._writers["leads"].writerow(cells)


LETTERS = str.maketrans("0123456789abcdef", "ABCDEFGHJKLMNPRS")


def lead_names(dice: Dice, name: Name) -> tuple[str, str, str]:
    """First, middle and last name as a lead gives them: often without the second given name or surname."""
    return (name.given[0], name.given[1] if dice.chance(0.5) else "",
            " ".join(name.surnames) if dice.chance(0.8) else name.surnames[0])


def lead_row(dice: Dice, lead: Lead) -> list[object]:
    """The cells of a lead in the order of its columns."""
    flags = ["true" if lead.trips >= needed else "false" for needed in FLAGS]
    worked = lead.created if lead.trips else None
    active = min(worked.date() + timedelta(days=13), LAST_TRIPS) if worked else ""
    city = dice.weighted(((90, "Lima"), (6, "Arequipa"), (4, "Trujillo")))
    return [lead.key, lead.created or "", *lead.names, lead.phone, lead.plate, lead.model, dice.pick(COLOURS),
            *flags, active, "active" if lead.trips else "new", "econom", "YEGO", city, city, lead.inserted]


def arrival(created: datetime | None) -> datetime:
    """When a lead was inserted: two days after its date, or on a day in December if that says nothing."""
    day = created.date() if created and created.date() <= AS_OF else date(2025, 12, 20)
    return datetime.combine(day + timedelta(days=2), time(15))


def licence_of(account: Driver) -> str:
    """The driving licence of an account."""
    return f"Q{account.number:08d}"


def next_morning(day: date) -> datetime:
    """When the feed loads a day's trips."""
    return datetime.combine(day + timedelta(days=1), time(4, 10))


def plain(text: str) -> str:
    """A name as the registry has it: without accents."""
    return "".join(sign for sign in unicodedata.normalize("NFD", text) if not unicodedata.combining(sign))


def utc(moment: datetime) -> str:
    """A moment of UTC as PostgreSQL writes it."""
    return f"{moment:%Y-%m-%d %H:%M:%S}+00"
