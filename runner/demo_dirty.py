"""The sample's dirty cases: a known handful of each kind of input that the domain's section 14 warns of."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from runner.demo_people import Driver, Name, other_name, phone
from runner.demo_sample import COLUMNS, LAST_TRIPS, LEADS, Lead, Person
from runner.demo_story import Cell, Story, night_after

DIRTY = {
    "trips_iso_date": 12,
    "trips_impossible_date": 1,
    "trips_unreadable_date": 2,
    "trips_without_count": 3,
    "trips_negative_count": 2,
    "trips_without_driver": 2,
    "trips_day_repeated_in_one_load": 3,
    "trips_day_replaced_by_a_later_load": 3,
    "leads_without_external_id": 3,
    "leads_with_another_leads_id_as_external_id": 1,
    "leads_without_date": 2,
    "leads_dated_2099": 1,
    "leads_same_person_same_date": 2,
    "leads_overlapping_an_earlier_one": 2,
    "leads_with_dotted_phone": 3,
    "leads_with_accents_the_driver_lacks": 2,
    "leads_with_double_spaces": 2,
    "leads_with_letter_o_in_plate": 2,
    "leads_named_like_a_formula": 1,
    "leads_rejected_for_timestamp": 1,
    "leads_rejected_for_columns": 1,
    "persons_with_two_drivers": 2,
    "claims_with_trips_corrected": 2,
    "claims_off_the_catalogue": 1,
    "claims_rejected": 2,
    "claims_expired": 2,
    "claims_expected_by_hand": 1,
}
"""Case -> rows (or persons, claims, driver-days) of it in the files, whatever their scale."""

# The dirty leads that are in the funnel, by week and stage: they take the place of ordinary ones there.
TAKEN: dict[Cell, int] = {
    (date(2025, 11, 17), "NO_IDENTITY"): 13,
    (date(2025, 11, 24), "NO_TRIPS"): 7,
    (date(2025, 11, 17), "NO_TRIPS"): 1,  # the second lead of a person and date: no gap of its own
    (date(2025, 11, 17), "GAP_5"): 1,
    (date(2025, 11, 10), "GAP_1"): 2,
    (date(2025, 12, 1), "OK_1"): 5,
    (date(2025, 12, 8), "OK_1"): 1,
    (date(2025, 12, 8), "OK_5"): 1,
}
# Lead date, trips, and claims with what is odd about them.
ODD_CLAIMS: tuple[tuple[date, int, tuple[tuple[int, dict[str, Any]], ...]], ...] = (
    (date(2025, 12, 3), 3, ((1, {"status": "rejected", "reason": "Yango: conductor ya registrado"}),)),
    (date(2025, 12, 4), 3, ((1, {"status": "rejected", "reason": "Yango: viaje fuera de ventana"}),)),
    (date(2025, 12, 5), 2, ((1, {"status": "expired", "reason": "Fuera de plazo"}),)),
    (date(2025, 12, 6), 2, ((1, {"amount": "30.00"}),)),
    (date(2025, 12, 9), 7, ((1, {}), (5, {"status": "expired", "reason": "Fuera de plazo"}))),
    (date(2025, 12, 10), 2, ((1, {"status": "expected"}),)),
)
# Lead date, trips as told first and as corrected, claims that the first told them to raise.
CORRECTIONS = (
    (date(2025, 12, 2), 6, 2, (1, 5)),
    (date(2025, 11, 28), 1, 0, (1,)),
)
ACCENTED = Name(("MARTÍN", "ZÓSIMO"), ("ARGÜELLES", "SÁNCHEZ"))
UNACCENTED = Name(("MARTIN", "ZOSIMO"), ("ARGUELLES", "SANCHEZ"))
CORRECTED = datetime(2026, 1, 8, 4, 10)


class Dirt:
    """Makes the dirty cases with the means of the story."""

    def __init__(self, story: Story) -> None:
        self.story, self.sample, self.dice = story, story.sample, story.sample.dice

    def make(self) -> None:
        """All cases, in a fixed order."""
        self._one_person_one_date()
        self._overlapping()
        self._two_drivers()
        self._corrected_trips()
        self._odd_claims()
        self._spelling()
        self._bad_trips()
        self._outside_the_funnel()

    def _actor(self, day: date, trips: int) -> tuple[Person, Driver, Lead]:
        """A lead with person and driver, and so many trips in the first days."""
        who = self._name()
        account = self.sample.hire(day - timedelta(days=2), who)
        lead = self.sample.lead(self.dice.moment(day), who, account, trips=trips)
        person = self.story.known(lead, who, account)
        self.story.owns(person, account, lead)
        self.story.with_lead.append(account)
        self.story.work(account, day, day + timedelta(days=4), trips)
        return person, account, lead

    def _name(self) -> Name:
        return other_name(self.dice, ACCENTED)

    def _again(self, person: Person, account: Driver, day: date, trips: int) -> None:
        """Another lead of the same person."""
        lead = self.sample.lead(datetime.combine(day, time(22, 30)), person.name, account, trips=trips)
        linked = night_after(day + timedelta(days=1))
        self.sample.link(person, LEADS, lead.key, day, linked, "R1_PHONE_EXACT", 95)

    def _one_person_one_date(self) -> None:
        for day, trips in ((date(2025, 11, 19), 6), (date(2025, 11, 27), 0)):
            person, account, _ = self._actor(day, trips)
            self._again(person, account, day, trips)

    def _overlapping(self) -> None:
        for day, trips in ((date(2025, 11, 10), 3), (date(2025, 11, 24), 0)):
            person, account, lead = self._actor(day, 0)
            second = day + timedelta(days=5)
            lead.trips = trips
            self._again(person, account, second, trips)
            self.story.work(account, second, second + timedelta(days=4), trips)

    def _two_drivers(self) -> None:
        """The account linked last counts (D-3), but the trips were made with the first one."""
        for day in (date(2025, 11, 25), date(2025, 11, 26)):
            person, account, lead = self._actor(day, 0)
            self.story.work(account, day, day + timedelta(days=6), 8)
            second = self.sample.hire(day - timedelta(days=1), account.name)
            self.story.owns(person, second, lead, days_later=1)

    def _corrected_trips(self) -> None:
        """A claim was raised, then a later load lowered the day's trips below the milestone (F11)."""
        for day, told, corrected, milestones in CORRECTIONS:
            person, account, lead = self._actor(day, 0)
            self.sample.trips(account.driver_id, day, told)
            self.sample.trips(account.driver_id, day, corrected, loaded=CORRECTED)
            for milestone in milestones:
                self.sample.claim(person, account, lead, milestone, night_after(day))

    def _odd_claims(self) -> None:
        """Rejected and expired claims on reached milestones (F7), a price of no list, one made by hand."""
        for day, trips, claims in ODD_CLAIMS:
            person, account, lead = self._actor(day, trips)
            for milestone, more in claims:
                raised = night_after(day + timedelta(days=4))
                self.sample.claim(person, account, lead, milestone, raised, **more)

    def _spelling(self) -> None:
        """Leads without person whose phone, name, plate or key is written oddly; most can be matched."""
        day = date(2025, 11, 18)
        for number in range(3):
            lead = self._stranger(day, self._name())
            digits = phone(self.sample.drivers)
            lead.phone = ".".join((digits[:3], digits[3:6], digits[6:]))
            lead.plate = f"XX{'ABC'[number]}-9{number}9"
        for letter in "RS":
            self._stranger(day, UNACCENTED).names = (*ACCENTED.given, " ".join(ACCENTED.surnames))
            lead = self._stranger(day, self._name())
            lead.names = (f" {lead.names[0]} ", lead.names[1], lead.names[2].replace(" ", "  ") + "  ")
            self._stranger(day, self._name(), plate=f"BK{letter}-101").plate = f"BK{letter}-1O1"
        self._stranger(day, self._name()).names = ("=cmd|'/C calc'!A0", "", "+51 HUAMÁN")
        for _ in range(3):
            self._stranger(day, self._name()).key = ""

    def _stranger(self, day: date, who: Name, plate: str = "") -> Lead:
        """A lead without person, near in time to an account of the same plate and name."""
        account = self.sample.hire(day - timedelta(days=5), who, plate=plate)
        return self.sample.lead(self.dice.moment(day), who, account, phone=False)

    def _bad_trips(self) -> None:
        account = self.sample.hire(date(2025, 11, 1), self._name())
        good, loaded = date(2025, 12, 1), datetime(2025, 12, 2, 4, 10)
        trips = self.sample.trips
        for number in range(12):
            trips(account.driver_id, (good + timedelta(days=number)).isoformat(), 4, loaded=loaded)
        trips(account.driver_id, "31-02-2025", 5, loaded=loaded)
        trips(account.driver_id, "ayer", 2, loaded=loaded)
        trips(account.driver_id, "2025/12/15", 2, loaded=loaded)
        for number in range(3):
            trips(account.driver_id, date(2025, 12, 20 + number), "", seconds=0)
            self._repeated(account, date(2025, 12, 27 + number))
        self._one_and_minus_one()
        for day in (good, LAST_TRIPS):
            trips(" " if day == good else "", day, 3)
        self._replaced(account, date(2025, 12, 24))

    def _repeated(self, account: Driver, day: date) -> None:
        """Two rows of one load add up (D-17)."""
        self.sample.trips(account.driver_id, day, 3)
        self.sample.trips(account.driver_id, day, 2)

    def _replaced(self, account: Driver, day: date) -> None:
        """A later load replaces (D-17)."""
        self.sample.trips(account.driver_id, day, 9)
        self.sample.trips(account.driver_id, day, 11, loaded=CORRECTED)

    def _one_and_minus_one(self) -> None:
        """1 and -1 gave NO_TRIPS in the original (F13)."""
        account = self.sample.hire(date(2025, 11, 3), self._name())
        for day in (date(2025, 11, 12), date(2025, 11, 13)):
            self.sample.trips(account.driver_id, day, 1)
            self.sample.trips(account.driver_id, day + timedelta(days=2), -1)

    def _outside_the_funnel(self) -> None:
        for created in (None, None, datetime(2099, 1, 1, 10)):
            self.sample.lead(created, self._name())

    def mistake_a_key(self) -> None:
        """Give a lead another's id as external_id (F15): in an empty table, its place in the file."""
        without = next(place for place, lead in enumerate(self.sample.leads, start=1) if not lead.key)
        mistaken = next(lead for lead in self.sample.leads if lead.names[0].startswith("="))
        mistaken.key = str(without)

    def rejected_leads(self) -> None:
        """Lines that loading must leave out: a day that does not exist, and a value too many."""
        width = len(COLUMNS["leads"])
        for created, extra in (("2025-11-31 10:00:00", []), ("2025-11-30 10:00:00", ["sobra"])):
            row = [self.dice.hex32(), created, "ROSA"]
            self.sample.raw_lead([*row, *[""] * (width - len(row)), *extra])
