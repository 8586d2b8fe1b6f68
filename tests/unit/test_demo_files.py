"""The sample's files: the same bytes each time, the published story, and every dirty case as often as promised."""

from __future__ import annotations

import csv
import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from uuid import UUID

import pytest

from runner import demo
from runner.load_kinds import KINDS
from tests import oracle

Row = dict[str, str]
ISO_DAY, DAY = re.compile(r"\d{4}-\d\d-\d\d"), re.compile(r"\d\d-\d\d-\d{4}")
# Leads per week and stage, as the domain publishes weeks, NO_IDENTITY, NO_DRIVER and gaps; a duplicate stands in
# TRIPS_NO_CLAIM of its week without a gap of its own.
STAGES = ("NO_IDENTITY", "NO_DRIVER", "NO_TRIPS_14D", "TRIPS_NO_CLAIM", "OK")
STORY = {
    date(2025, 11, 3): (18, 25, 9, 4, 2),
    date(2025, 11, 10): (29, 32, 18, 7, 4),
    date(2025, 11, 17): (48, 62, 48, 10, 7),
    date(2025, 11, 24): (22, 44, 40, 2, 10),
    date(2025, 12, 1): (0, 44, 40, 0, 15),
    date(2025, 12, 8): (0, 40, 37, 0, 14),
    date(2025, 12, 15): (16, 52, 12, 6, 0),
    date(2025, 12, 22): (36, 1, 16, 7, 0),
    date(2025, 12, 29): (1, 0, 3, 4, 0),
    date(2026, 1, 5): (32, 0, 15, 17, 0),
}


class Read:
    """A sample read back: rows of its files, and the world that the oracle judges."""

    def __init__(self, files: demo.DemoFiles) -> None:
        self.files = files

    def rows(self, path: Path) -> list[Row]:
        with path.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    @cached_property
    def leads(self) -> list[Row]:
        """Lines of the leads file; loading rejects the last two."""
        return self.rows(self.files.leads)

    @cached_property
    def trips(self) -> list[Row]:
        return self.rows(self.files.trips)

    @cached_property
    def drivers(self) -> list[Row]:
        return self.rows(self.files.drivers)

    @cached_property
    def payments(self) -> list[Row]:
        return self.rows(self.files.payments)

    @cached_property
    def identity(self) -> list[Row]:
        return self.rows(self.files.identity)

    @cached_property
    def claims(self) -> list[Row]:
        return self.rows(self.files.claims)

    @cached_property
    def world(self) -> oracle.World:
        """What is in the database once the files were loaded into an empty one."""
        return oracle.World(
            demo.AS_OF, tuple(map(lead_of, range(1, len(self.leads) - 1), self.leads)),
            tuple(map(trip_of, self.trips)), tuple(map(link_of, range(1, len(self.identity) + 1), self.identity)),
            tuple(oracle.Person(UUID(key)) for key in {row["person_key"] for row in self.identity}),
            tuple(map(claim_of, range(1, len(self.claims) + 1), self.claims)))

    @cached_property
    def limbo(self) -> dict[int, oracle.Row]:
        return oracle.limbo(self.world)


def moment(cell: str) -> datetime | None:
    return datetime.fromisoformat(cell) if cell else None


def lead_of(number: int, row: Row) -> oracle.Lead:
    return oracle.Lead(number, row["external_id"] or None, moment(row["lead_created_at"]))


def trip_of(row: Row) -> oracle.TripRow:
    count = int(row["count_orders_completed"]) if row["count_orders_completed"] else None
    return oracle.TripRow(row["driver_id"], row["date_file"], count, created_at=moment(row["created_at"]))


def link_of(number: int, row: Row) -> oracle.Link:
    return oracle.Link(number, UUID(row["person_key"]), row["source_table"], row["source_pk"],
                       datetime.fromisoformat(row["linked_at"]))


def claim_of(number: int, row: Row) -> oracle.Claim:
    return oracle.Claim(number, UUID(row["person_key"]), row["driver_id"], row["lead_source_pk"],
                        date.fromisoformat(row["lead_date"]), int(row["milestone"]),
                        Decimal(row["amount_expected"]), row["status"])


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Read:
    """The sample of 849 leads."""
    return Read(demo.write(tmp_path_factory.mktemp("sample")))


def digest(files: demo.DemoFiles) -> str:
    """One digest over the bytes of all files."""
    found = hashlib.sha256()
    for path in vars(files).values():
        found.update(path.read_bytes())
    return found.hexdigest()


# --- the same bytes each time -----------------------------------------------------------------------------

def test_the_same_numbers_give_the_same_bytes(tmp_path: Path) -> None:
    first, again = (digest(demo.write(tmp_path / name, 60)) for name in ("first", "again"))
    assert first == again
    assert first != digest(demo.write(tmp_path / "seed", 60, seed=15))
    assert first != digest(demo.write(tmp_path / "size", 61))


def test_the_bytes_are_those_of_every_machine_and_python(tmp_path: Path) -> None:
    # A change of the sample changes this on purpose; a change of Python or system must not.
    assert digest(demo.write(tmp_path, 60)) == (
        "ece975a8274cc84ea8993a3f15c17f46e2eaeb602c011fe2a9e422979d4fdf8c")


def test_writing_again_replaces_the_files(tmp_path: Path) -> None:
    demo.write(tmp_path, 200)
    assert digest(demo.write(tmp_path, 60)) == digest(demo.write(tmp_path / "other", 60))


# --- the story --------------------------------------------------------------------------------------------

def test_leads_stand_where_the_published_figures_say(sample: Read) -> None:
    found = Counter((row["week_start"], row["limbo_stage"]) for row in sample.limbo.values())
    assert {week: tuple(found[week, stage] for stage in STAGES) for week in STORY} == STORY
    assert found.total() == 849


def test_the_gap_is_the_published_one(sample: Read) -> None:
    gap = oracle.gap(sample.world).values()
    assert Counter(row["milestone_value"] for row in gap) == {1: 56, 5: 30, 25: 6}
    assert sum(row["expected_amount"] for row in gap) == Decimal("3050.00")


def test_claims_are_lawful_rows(sample: Read) -> None:
    keys = Counter((row["person_key"], row["lead_date"], row["milestone"]) for row in sample.claims)
    assert max(keys.values()) == 1
    assert all((row["status"] == "paid") == bool(row["paid_at"]) for row in sample.claims)
    assert all(row["reason"] for row in sample.claims if row["status"] in ("rejected", "expired"))
    statuses = Counter(row["status"] for row in sample.claims)
    assert set(statuses) == {"expected", "generated", "paid", "rejected", "expired"}
    assert statuses["generated"] > statuses["paid"] > 20
    last = max(row["updated_at"] for row in sample.claims)
    assert last < f"{demo.AS_OF} 12:00"


def test_a_source_row_is_linked_once(sample: Read) -> None:
    links = Counter((row["source_table"], row["source_pk"]) for row in sample.identity)
    assert max(links.values()) == 1
    drivers = {row["driver_id"] for row in sample.drivers}
    assert {key for table, key in links if table == "drivers"} <= drivers
    leads = {row["external_id"] for row in sample.leads}
    assert {key for table, key in links if table == "module_ct_cabinet_leads"} <= leads


def test_parks_and_trips_look_like_a_fleet(sample: Read) -> None:
    parks = Counter(row["park_id"] for row in sample.drivers)
    assert 1_050 < parks[demo.TARGET_PARK] < 1_150 and 50 < parks.total() - parks[demo.TARGET_PARK] < 150
    week = Counter[int]()
    for row in sample.trips:
        if DAY.fullmatch(row["date_file"]) and (day := oracle.parse_day(row["date_file"])):
            week[day.weekday()] += int(row["count_orders_completed"] or 0)
    assert week[5] > week[4] > week[0] > week[6]


def test_about_68_percent_of_payment_names_are_one_drivers(sample: Read) -> None:
    names = Counter(name_key(row["full_name"]) for row in sample.drivers)
    clear = sum(names[name_key(row["driver"])] == 1 for row in sample.payments)
    assert len(sample.payments) == 223 and 0.65 < clear / 223 < 0.71
    assert any(names[name_key(row["driver"])] > 1 for row in sample.payments)
    assert any(row["driver_id"] and not names[name_key(row["driver"])] for row in sample.payments)
    assert any(not row["driver"] for row in sample.payments)


def name_key(name: str) -> str:
    plain = "".join(sign for sign in unicodedata.normalize("NFD", name.lower()) if not unicodedata.combining(sign))
    return " ".join(sorted(re.sub(r"[^a-z0-9]+", " ", plain).split()))


def test_some_leads_without_person_can_be_matched_and_most_cannot(sample: Read) -> None:
    without = [sample.leads[number - 1] for number, row in sample.limbo.items()
               if row["limbo_stage"] == "NO_IDENTITY"]
    phones = {row["phone"][-9:]: row for row in sample.drivers}
    plates = {row["car_normalized_number"]: row for row in sample.drivers}
    matched = 0
    for lead in without:
        by_phone = phones.get(re.sub(r"\D", "", lead["park_phone"])[-9:])
        by_plate = plates.get(re.sub("[^A-Z0-9]", "", lead["asset_plate_number"].upper()))
        matched += alike(lead, by_phone) or (alike(lead, by_plate) and hired_near(lead, by_plate))
    assert 0.05 < matched / len(without) < 0.40


def hired_near(lead: Row, driver: Row | None) -> bool:
    """The driver was hired from 90 days before the lead to 30 days after."""
    if driver is None:
        return False
    hired, created = date.fromisoformat(driver["hire_date"]), date.fromisoformat(lead["lead_created_at"][:10])
    return -90 <= (hired - created).days <= 30


def alike(lead: Row, driver: Row | None) -> bool:
    """Half or more of the lead's names are the driver's."""
    names = set(name_key(f"{lead['first_name']} {lead['middle_name']} {lead['last_name']}").split())
    return driver is not None and len(names & set(name_key(driver["full_name"]).split())) * 2 >= len(names)


def test_nobody_real_can_be_in_it(sample: Read) -> None:
    digits = [re.sub(r"\D", "", row["park_phone"])[-9:] for row in sample.leads if row["park_phone"]]
    digits += [row["phone"][-9:] for row in sample.drivers]
    assert all(re.fullmatch(r"90[01]\d{6}", number) for number in digits)
    assert len({row["phone"] for row in sample.drivers}) == len(sample.drivers)
    assert all(row["document_number"].startswith("00") for row in sample.drivers)
    assert 100 < sum(not row["park_phone"] for row in sample.leads) < 300


def test_columns_are_those_that_loading_reads(sample: Read) -> None:
    for kind in KINDS.values():
        header = getattr(sample.files, kind.name).read_text(encoding="utf-8").split("\n", 1)[0].split(",")
        assert set(kind.required) <= set(header) <= set(kind.columns)


# --- other sizes ------------------------------------------------------------------------------------------

@pytest.mark.parametrize("leads", [1, 10, 31, 32, 100, 1_500])
def test_any_size_holds_so_many_leads_and_all_dirty_cases(tmp_path: Path, leads: int) -> None:
    read = Read(demo.write(tmp_path, leads))
    assert len(read.limbo) == max(leads, 31)
    assert len(read.leads) == max(leads, 31) + 5
    assert {case: count(read) for case, count in COUNTS.items()} == demo.DIRTY


def test_proportions_hold_at_other_sizes(tmp_path: Path) -> None:
    read = Read(demo.write(tmp_path, 849 * 5))
    found = Counter(row["limbo_stage"] for row in read.limbo.values())
    for place, stage in enumerate(STAGES):
        published = sum(counts[place] for counts in STORY.values())
        assert abs(found[stage] - published * 5) <= 5, stage


# --- dirty cases ------------------------------------------------------------------------------------------

def counted(rows: Iterator[bool]) -> int:
    return sum(rows)


def days(read: Read) -> Counter[tuple[str, str, str]]:
    return Counter((row["driver_id"], row["date_file"], row["created_at"]) for row in read.trips)


def lead_persons(read: Read) -> list[tuple[str, str]]:
    return [(row["person_key"], row["snapshot_date"]) for row in read.identity
            if row["source_table"] == "module_ct_cabinet_leads"]


def names_of(row: Row) -> str:
    return row["first_name"] + row["middle_name"] + row["last_name"]


def too_wide(read: Read) -> int:
    with read.files.leads.open(encoding="utf-8", newline="") as file:
        header, *widths = map(len, csv.reader(file))
    return counted(width > header for width in widths)


def mistaken_keys(read: Read) -> int:
    without = {str(number) for number, row in enumerate(read.leads, 1) if not row["external_id"]}
    return counted(row["external_id"] in without for row in read.leads)


def of_cause(read: Read, cause: str) -> int:
    return counted(row["unsupported_cause"] == cause for row in oracle.unsupported(read.world).values())


COUNTS: dict[str, Callable[[Read], int]] = {
    "trips_iso_date": lambda r: counted(bool(ISO_DAY.fullmatch(row["date_file"])) for row in r.trips),
    "trips_impossible_date": lambda r: counted(
        bool(DAY.fullmatch(row["date_file"])) and not oracle.parse_day(row["date_file"]) for row in r.trips),
    "trips_unreadable_date": lambda r: counted(
        not DAY.fullmatch(row["date_file"]) and not ISO_DAY.fullmatch(row["date_file"]) for row in r.trips),
    "trips_without_count": lambda r: counted(not row["count_orders_completed"] for row in r.trips),
    "trips_negative_count": lambda r: counted(row["count_orders_completed"][:1] == "-" for row in r.trips),
    "trips_without_driver": lambda r: counted(not row["driver_id"].strip() for row in r.trips),
    "trips_day_repeated_in_one_load": lambda r: counted(times > 1 for times in days(r).values()),
    "trips_day_replaced_by_a_later_load": lambda r: counted(
        loads > 1 for loads in Counter(day[:2] for day in days(r)).values()),
    "leads_without_external_id": lambda r: counted(not row["external_id"] for row in r.leads),
    "leads_with_another_leads_id_as_external_id": mistaken_keys,
    "leads_without_date": lambda r: counted(not row["lead_created_at"] for row in r.leads),
    "leads_dated_2099": lambda r: counted(row["lead_created_at"][:4] == "2099" for row in r.leads),
    "leads_same_person_same_date": lambda r: len(lead_persons(r)) - len(set(lead_persons(r))),
    "leads_overlapping_an_earlier_one": lambda r: counted(
        row["overlaps_lead_source_pk"] is not None for row in r.limbo.values()),
    "leads_with_dotted_phone": lambda r: counted("." in row["park_phone"] for row in r.leads),
    "leads_with_accents_the_driver_lacks": lambda r: counted("Ü" in names_of(row) for row in r.leads),
    "leads_with_double_spaces": lambda r: counted("  " in names_of(row) for row in r.leads),
    "leads_with_letter_o_in_plate": lambda r: counted("O" in row["asset_plate_number"][-3:] for row in r.leads),
    "leads_named_like_a_formula": lambda r: counted(row["first_name"].startswith("=") for row in r.leads),
    "leads_rejected_for_timestamp": lambda r: counted("-11-31" in row["lead_created_at"] for row in r.leads),
    "leads_rejected_for_columns": too_wide,
    "persons_with_two_drivers": lambda r: counted(count == 2 for count in Counter(
        row["person_key"] for row in r.identity if row["source_table"] == "drivers").values()),
    "claims_with_trips_corrected": lambda r: of_cause(r, "TRIPS_BELOW_MILESTONE"),
    "claims_off_the_catalogue": lambda r: of_cause(r, "AMOUNT_OFF_CATALOGUE"),
    "claims_rejected": lambda r: counted(row["status"] == "rejected" for row in r.claims),
    "claims_expired": lambda r: counted(row["status"] == "expired" for row in r.claims),
    "claims_expected_by_hand": lambda r: counted(row["status"] == "expected" for row in r.claims),
}


@pytest.mark.parametrize("case", demo.DIRTY)
def test_each_dirty_case_occurs_as_often_as_promised(sample: Read, case: str) -> None:
    assert COUNTS[case](sample) == demo.DIRTY[case]


def test_lost_trips_are_those_of_the_other_driver(sample: Read) -> None:
    rows = [row for row in sample.limbo.values() if row["driver_count"] == 2]
    assert [(row["limbo_stage"], row["trips_other_drivers_14d"]) for row in rows] == [("NO_TRIPS_14D", 8)] * 2


def test_rejected_and_expired_claims_are_no_gap(sample: Read) -> None:
    statuses = Counter(row["claim_status"] for row in oracle.expected_vs_present(sample.world).values())
    assert (statuses["CLAIM_REJECTED"], statuses["CLAIM_EXPIRED"]) == (2, 2)


def test_the_one_and_minus_one_driver_has_both(sample: Read) -> None:
    [driver] = {row["driver_id"] for row in sample.trips if row["count_orders_completed"] == "-1"}
    assert sorted(row["count_orders_completed"] for row in sample.trips if row["driver_id"] == driver) == [
        "-1", "-1", "1", "1"]
