"""The identity benchmark: its sets are as their table says, its sums are right, its judges are asked fairly."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Collection
from datetime import timedelta
from functools import cache

import pytest

from benchmarks.identity import original, rates, referees, writing
from benchmarks.identity.ceiling import NO, SAME, SLIP, ceiling, near_keys, near_words, read_phone, read_plate
from benchmarks.identity.generator import Driver, LabelledSet, Lead, generate
from benchmarks.identity.measure import Decision, likeness, measure
from benchmarks.identity.writing import JUNK_PHONES, JUNK_PLATES, PARTICLES, Name, break_letters, fold
from runner.demo_people import Dice
from tests.identity_rows import DAY, driver, labelled, lead

LEADS, DRIVERS = 3_000, 7_500


@cache
def small() -> LabelledSet:
    """One set for all tests that only look."""
    return generate(3, LEADS, DRIVERS)


# --- the sets ---------------------------------------------------------------------------------------------

def test_one_seed_gives_one_set_whatever_the_hash_seed() -> None:
    code = ("import hashlib; from benchmarks.identity.generator import generate; s = generate(7, 300, 800); "
            "print(hashlib.sha256(repr((s.leads, s.drivers, s.cases, {k: sorted(v) for k, v in s.truth.items()}))"
            ".encode()).hexdigest())")
    digests = {subprocess.run([sys.executable, "-c", code], env=os.environ | {"PYTHONHASHSEED": seed}, text=True,
                              capture_output=True, check=True).stdout for seed in ("1", "2")}
    assert len(digests) == 1


def test_another_seed_gives_another_set() -> None:
    assert generate(1, 100, 300).leads != generate(2, 100, 300).leads


def test_the_sizes_asked_for() -> None:
    assert (len(small().leads), len(small().drivers)) == (LEADS, DRIVERS)
    with pytest.raises(ValueError, match="more than 10"):
        generate(1, 100, 10)


@pytest.mark.parametrize("rate", [*rates.OF_LEADS, *rates.OF_PERSONS], ids=lambda rate: rate.case)
@pytest.mark.parametrize("drives", [True, False])
def test_each_case_has_exactly_its_documented_share(rate: rates.Rate, drives: bool) -> None:
    pool = [its for number, its in small().cases.items() if bool(small().truth[number]) is drives
            and (rate in rates.OF_LEADS or "re_lead" not in its)]  # cases of persons were dealt to persons
    assert sum(rate.case in its for its in pool) == round((rate.hired if drives else rate.never) * len(pool))


@pytest.mark.parametrize("rate", rates.OF_DRIVERS, ids=lambda rate: rate.case)
def test_each_case_of_drivers_is_seen_on_leads_about_as_often(rate: rates.Rate) -> None:
    pool = [its for number, its in small().cases.items() if len(small().truth[number]) == 1]
    expected = rate.hired * len(pool)
    assert abs(sum(rate.case in its for its in pool) - expected) < 4 * expected**0.5


def test_shares_of_the_rest() -> None:
    count = Counter(case for its in small().cases.values() for case in its)
    assert count["re_lead"] == LEADS * rates.RE_LEAD
    assert abs(count["never_driver"] / LEADS - rates.NEVER_DRIVER) < 0.01
    assert count["homonym"] > 0
    assert 0.10 < count["hired_out_of_range"] / LEADS < 0.20
    assert sum(row.park_id is None for row in small().drivers) == DRIVERS * 0.01
    assert set(count) == {*rates.PLANTED, *rates.DERIVED}


def test_truth_agrees_with_persons_and_documents() -> None:
    made = small()
    rows = {row.driver_id: row for row in made.drivers}
    own = defaultdict(set)
    for driver_id, person in made.person_of_driver.items():
        own[person].add(driver_id)
    for row in made.leads:
        drivers = made.truth[row.id]
        assert drivers == own[made.person_of_lead[row.id]]
        assert ("never_driver" in made.cases[row.id]) is (not drivers)
        assert len({rows[i].document_number for i in drivers}) <= 1
        two = "two_parks" in made.cases[row.id]
        assert len(drivers) <= 1 + two and len({rows[i].park_id for i in drivers}) == len(drivers)
    documents = Counter(row.document_number for row in made.drivers)
    assert max(documents.values()) == 2


def test_names_are_as_unevenly_spread_as_in_peru() -> None:
    surnames = Counter(fold(row.last_name or "").split(" ")[0] for row in small().drivers)
    assert surnames["QUISPE"] > DRIVERS * 0.015
    assert sum(count == 1 for count in surnames.values()) > 500
    assert any(PARTICLES & set(fold(row.last_name or "").split()) for row in small().leads)


@cache
def by_key() -> dict[tuple[str, str | None], list[Driver]]:
    """Drivers by phone and plate as the ideal judge reads them, and by licence."""
    found = defaultdict(list)
    for its in small().drivers:
        for key in (("phone", read_phone(its.phone)), ("plate", read_plate(its.car_number)),
                    ("licence", its.license_number)):
            found[key].append(its)
    return found


def others(row: Lead, kind: str, value: str | None) -> list[Driver]:
    """Drivers of other people with this key."""
    made = small()
    return [its for its in by_key().get((kind, value), ()) if value
            and made.person_of_driver[its.driver_id] != made.person_of_lead[row.id]]


def own(row: Lead) -> list[Driver]:
    """The drivers that are the lead's person."""
    return [its for ids in [small().truth[row.id]] for its in small().drivers if its.driver_id in ids]


def near_own(row: Lead, key: str) -> Collection[int]:
    """How the lead's key compares with those of its drivers."""
    if key == "phone":
        return {near_keys(read_phone(row.park_phone), read_phone(its.phone)) for its in own(row)}
    return {near_keys(read_plate(row.asset_plate_number), read_plate(its.car_number)) for its in own(row)}


def same_phone(row: Lead) -> bool:
    """Whether somebody else drives under the lead's phone, if it shows one."""
    return (phone := read_phone(row.park_phone)) is None or bool(others(row, "phone", phone))


def slipped(key: str) -> Callable[[Lead], bool]:
    """Whether the key is a slip away from the own driver's, if there is one."""
    return lambda row: SLIP in near_own(row, key) or not own(row)


def plate(row: Lead) -> str | None:
    """As the ideal judge reads it."""
    return read_plate(row.asset_plate_number)


def blank(text: str | None) -> bool:
    """Null or nothing to see."""
    return not (text or "").strip()


# What a lead of each case must show. A driver row may be spoilt too, so a share is asked for, not all.
SHOWS: dict[str, Callable[[Lead], bool]] = {
    "no_keys": lambda row: blank(row.park_phone) and blank(row.asset_plate_number),
    "phone_missing": lambda row: blank(row.park_phone),
    "phone_junk": lambda row: row.park_phone in JUNK_PHONES,
    "phone_other": lambda row: near_own(row, "phone") == {NO},
    "phone_digit_wrong": slipped("phone"),
    "phone_digits_swapped": slipped("phone"),
    "phone_leading_zero": lambda row: (row.park_phone or "").startswith("09"),
    "phone_dots": lambda row: (row.park_phone or "").count(".") >= 2,
    "phone_nine_digits": lambda row: len(row.park_phone or "") == 9,
    "recruiter_phone": lambda row: sum(read_phone(its.park_phone) == read_phone(row.park_phone)
                                       for its in small().leads) >= min(rates.RECRUITED, 9),
    "family_phone": same_phone,
    "recycled_phone": same_phone,
    "plate_missing": lambda row: blank(row.asset_plate_number),
    "plate_junk": lambda row: row.asset_plate_number in JUNK_PLATES,
    "plate_other": lambda row: near_own(row, "plate") == {NO},
    "plate_lookalike": slipped("plate"),
    "plate_char_wrong": slipped("plate"),
    "plate_chars_swapped": slipped("plate"),
    "rental_plate": lambda row: plate(row) is None or len(others(row, "plate", plate(row))) in range(1, 6),
    "resold_plate": lambda row: plate(row) is None or any(
        its.hire_date and its.hire_date < row.lead_created_at.date() - timedelta(days=199)
        for its in others(row, "plate", plate(row))),
    "borrowed_licence": lambda row: any(others(row, "licence", its.license_number) for its in own(row)),
    "broken_letters": lambda row: not f"{row.first_name}{row.last_name}".isascii()
    or "?" in f"{row.first_name}{row.middle_name}{row.last_name}" or row.id % 4 == 0,  # a lost letter cannot be seen
}


@pytest.mark.parametrize("case", SHOWS)
def test_the_rows_show_what_is_said_of_them(case: str) -> None:
    rows = [row for row in small().leads if case in small().cases[row.id]]
    # Where another case of the lead took the key away, there is nothing to see.
    plain = [row for row in rows if not {"recruiter_phone", "phone_other", "plate_other", "phone_digit_wrong",
                                         "phone_digits_swapped", "plate_char_wrong", "plate_chars_swapped",
                                         "plate_lookalike"} & set(small().cases[row.id]) - {case}]
    assert plain and sum(map(SHOWS[case], plain)) >= 0.8 * len(plain)


@pytest.mark.parametrize(("case", "name", "ways"), [
    ("surnames_swapped", Name(("ANA",), ("VEGA", "PUMA")), {"ANA PUMA VEGA", "VEGA PUMA ANA"}),
    ("name_part_missing", Name(("ANA", "LUZ"), ("VEGA", "PUMA")),
     {"ANA LUZ VEGA", "ANA LUZ PUMA", "ANA VEGA PUMA", "LUZ VEGA PUMA"}),
    ("particles", Name(("ANA",), ("DE LA CRUZ", "PUMA")), {"ANA DELACRUZ PUMA", "ANA CRUZ PUMA", "ANA DEL CRUZ PUMA"}),
    ("particles", Name(("ANA",), ("DEL RÍO", "PUMA")), {"ANA DELRÍO PUMA", "ANA RÍO PUMA", "ANA DE LA RÍO PUMA"}),
    ("nickname", Name(("JOSÉ", "RAÚL"), ("VEGA", "PUMA")),
     {"PEPE VEGA PUMA", "PEPE RAÚL VEGA PUMA", "CHEPE VEGA PUMA", "CHEPE RAÚL VEGA PUMA"}),
])
def test_names_change_in_every_way(case: str, name: Name, ways: set[str]) -> None:
    assert {writing.NAME_CHANGES[case](Dice(seed), name).full for seed in range(200)} == ways


def test_twins_have_one_name_and_no_key_in_common() -> None:
    names = defaultdict(set)
    for its in small().drivers:
        names[frozenset(fold(its.full_name or "").split())].add(small().person_of_driver[its.driver_id])
    for row in small().leads:
        names[frozenset(fold(f"{row.first_name or ''} {row.middle_name or ''} {row.last_name or ''}").split())].add(
            small().person_of_lead[row.id])
    twins = {small().person_of_lead[row.id] for row in small().leads if "twin_name" in small().cases[row.id]}
    doubled = {person for persons in names.values() if len(persons) > 1 for person in persons}
    assert len(twins & doubled) > 0.5 * len(twins) > 10  # the others' rows miss a part or are misspelt


def test_letters_break_in_every_way() -> None:
    ways = {break_letters(Dice(seed), "NUÑEZ") for seed in range(40)}
    assert ways == {"NU?EZ", "NUÃ‘EZ", "NU\ufffdEZ", "NUEZ"}


# --- the measure ------------------------------------------------------------------------------------------

def test_the_measure_counts_what_one_counts_by_hand() -> None:
    drivers = [driver(i) for i in "abcd"]
    made = labelled([lead(n) for n in range(1, 8)], drivers, {1: {"a", "b"}, 2: {"c"}, 3: {"d"}, 4: set()})
    made.cases.update({2: ("twin_name",), 4: ("never_driver", "family_phone"), 3: ("no_keys",)})
    report = measure(made, {1: Decision("b", "MR1"), 2: Decision("d", "MR3"), 3: Decision("d", "MR3", True),
                            4: "d", 5: None, 6: Decision(None, None, True)})
    everything = report.all
    assert (everything.leads_with_driver, everything.links, everything.right, everything.false) == (3, 3, 1, 2)
    assert (everything.precision, everything.recall, everything.f1) == pytest.approx((1 / 3, 1 / 3, 1 / 3))
    assert {rule: (its.links, its.right) for rule, its in report.figures.items()} == {
        "all": (3, 1), "MR1": (1, 1), "MR3": (1, 0), "?": (1, 0)}
    assert (report.suggestions, report.suggestions_right, report.review_band) == (2, 1, pytest.approx(2 / 7))
    assert report.false_by_case == {"twin_name": 1, "never_driver": 1, "family_phone": 1}
    assert report.missed_by_case == {"twin_name": 1, "no_keys": 1}
    assert report.false_leads == (2, 4)
    assert report.drivers_of_two_persons == ("d",)


def test_the_measure_refuses_what_is_not_in_the_set() -> None:
    made = labelled([lead(1)], [driver("a")], {1: {"a"}})
    with pytest.raises(KeyError, match="leads"):
        measure(made, {2: "a"})
    with pytest.raises(KeyError, match="drivers"):
        measure(made, {1: "z"})


def test_nothing_linked_is_precise_and_finds_nothing() -> None:
    found = measure(small(), {}).all
    assert (found.precision, found.recall, found.f1) == (1.0, 0.0, 0.0)


def test_the_truth_itself_is_perfect_and_the_original_is_not() -> None:
    assert measure(small(), {n: min(its) for n, its in small().truth.items() if its}).all.f1 == 1.0
    outcomes = original.link(small())
    found = measure(small(), outcomes).all
    assert found.false > 0 and 0.85 < found.recall < ceiling(small()).recall_by_key
    seen = likeness(small(), outcomes)
    assert 0.19 < seen.without_identity < 0.26 and 0.90 < seen.by_phone < 0.98


# --- the ceiling and the referees -------------------------------------------------------------------------

@pytest.mark.parametrize(("a", "b", "level"), [
    ("ABC123", "ABC123", SAME), ("ABC123", "ABC124", SLIP), ("ABC123", "ABC132", SLIP), ("AB0I23", "ABO123", SLIP),
    ("ABC123", "ABD124", NO), ("ABC123", None, NO), (None, None, NO), ("ABC123", "ABC12", NO)])
def test_keys_are_the_same_or_a_slip_apart(a: str | None, b: str | None, level: int) -> None:
    assert near_keys(a, b) == near_keys(b, a) == level


@pytest.mark.parametrize(("a", "b", "near"), [
    ("PEPE", "JOSE", True), ("BETO", "ROBERTO", True), ("BETO", "LUIS", False), ("DELACRUZ", "CRUZ", True),
    ("QUIZPE", "QUISPE", True), ("NUEZ", "NUNEZ", True), ("ANA", "EVA", False), ("ROJAS", "RAMOS", False)])
def test_words_are_near(a: str, b: str, near: bool) -> None:
    assert near_words(a, b) is near_words(b, a) is near


def test_the_ceiling_knows_what_cannot_be_told_apart() -> None:
    rows = [driver("own", phone="+51900000001"), driver("twin", phone="+51900000777")]
    leads = [lead(1, "900000001"), lead(2), lead(3, plate="ABC-123"), lead(4, name="Pedro Mamani")]
    found = ceiling(labelled(leads, rows, {1: {"own"}, 2: {"twin"}}))
    assert (found.leads_with_driver, found.by_key, found.by_name, found.lost) == (2, 1, 0, (2,))
    assert found.decoys == (3,) and found.recall == 0.5
    alone = ceiling(labelled([lead(2)], rows[:1], {2: {"own"}}))
    assert (alone.by_key, alone.by_name, alone.recall, alone.recall_by_key) == (0, 1, 1.0, 0.0)


def test_referees_are_imported_only_when_they_are_asked() -> None:
    assert not {"splink", "recordlinkage"} & set(sys.modules)
    assert referees.closed([("a", "b"), ("c", "b")]) == {("a", "b"), ("a", "c"), ("b", "c")}
    foreign = referees.Foreign({}, frozenset({("a", "b"), ("c", "d")}), ("a",), ("b",))
    judged = referees.judge_pairs(foreign, [("b", "a"), ("a", "c")])
    assert (judged.precision, judged.recall, judged.f1) == (0.5, 0.5, 0.5)
    tied = referees.Scored([("1", "a", 9.0, 0.99), ("1", "b", 9.0, 0.99), ("2", "a", 8.0, 0.98)], 0, 0, {})
    assert tied.decisions(0.9) == {2: Decision("a", referees.RULE)} and tied.decisions(0.985) == {}
    one = referees.Scored(tied.pairs, 0, 0, {"a": "40000001", "b": "40000001"})
    assert one.decisions(0.985) == {1: Decision("b", referees.RULE)}


def test_what_splink_is_given_is_clean() -> None:
    leads, drivers = referees.prepared(labelled([lead(1, "+51 900-000-001", "SIN PLACA", "José  Quispe")],
                                                [driver("a", phone="0", plate="abc-123")], {}))
    assert (leads[0]["phone"], leads[0]["plate"], leads[0]["words"]) == ("900000001", None, ["JOSE", "QUISPE"])
    assert (drivers[0]["phone"], drivers[0]["plate"], drivers[0]["hired"]) == (None, "ABC123", DAY.toordinal())
