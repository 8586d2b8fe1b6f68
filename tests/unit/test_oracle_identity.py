"""The oracle of identity matching, checked by hand on cases of docs/identity.md: a wrong judge passes wrong models."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from tests.oracle import DRIVERS_TABLE, LEADS_TABLE, Link
from tests.oracle_identity import Answer, answer
from tests.oracle_identity_names import Name, Names, is_near, name_parts, one_slip, similarity, slips
from tests.oracle_identity_pairs import CabinetLead, Driver, IdentityWorld, Unmatched, Verdict

AS_OF = date(2026, 1, 14)
AT = datetime(2026, 1, 5, 9)
ANN, BOB = UUID(int=1), UUID(int=2)
PHONE, PLATE = "+51 912 345 678", "ABC-123"
CROWD = tuple(  # parts weigh 8 to 10 points, and it is plain what is a given name
    Driver(900 + n, f"x{n}", first_name=first, last_name=last)
    for n, (first, last) in enumerate(2 * [("Rosa", "Quispe"), ("Juan", "Flores"), ("Julio", "Rojas"), ("Ana", "Vilca"),
                                           ("Carlos", "Mamani"), ("Luis", "Ramos")]))


def lead(number: int, first: str, last: str, phone: str | None = PHONE, plate: str | None = PLATE,
         at: datetime | None = AT) -> CabinetLead:
    return CabinetLead(number, None, at, first, None, last, phone, plate)


def driver(number: int, first: str, last: str, phone: str | None = "912345678", plate: str | None = "abc123",
           **more: Any) -> Driver:
    return Driver(number, f"d{number}", None, first, None, last, None, phone, AT.date(), car_number=plate, **more)


def links(*rows: tuple[str, str, UUID]) -> tuple[Link, ...]:
    return tuple(Link(place, person, table, pk, AT) for place, (table, pk, person) in enumerate(rows))


def judge(leads: list[CabinetLead], drivers: list[Driver], *linked: tuple[str, str, UUID],
          verdicts: tuple[Verdict, ...] = (), unmatched: tuple[Unmatched, ...] = (), park: str = "") -> Answer:
    world = IdentityWorld(AS_OF, tuple(leads), (*CROWD, *drivers), links(*linked), (ANN, BOB), verdicts, unmatched)
    return answer(world, park)


def outcomes(its: Answer) -> dict[int, tuple[str, str | None]]:
    return {lead_id: (row["outcome"], row["reason_code"]) for lead_id, row in its.decisions.items()}


def drops(its: Answer, lead_id: int) -> dict[tuple[str, str], str | None]:
    return {(rule, driver_id): row["drop_reason"]
            for (of, rule, driver_id), row in its.candidates.items() if of == lead_id}


# --- decisions --------------------------------------------------------------------------------------------

def test_one_lead_and_its_driver() -> None:
    """Points: 40 phone, 34 plate, two parts that many have (8 each), 6 hired near."""
    row = judge([lead(1, "Ana", "Rojas")], [driver(2, "Ana", "Rojas")]).decisions[1]
    assert (row["outcome"], row["match_rule"], row["match_score"], row["score"]) == (
        "LINK_LEAD", "R1_PHONE_EXACT", 95, 96)
    assert row["person_key"] == str(UUID(hashlib.md5(b"cabinet14d:driver:d2").hexdigest()))
    assert row["confidence_level"] == "HIGH"
    assert [row[f"{name}_outcome"] for name in ("mr1", "mr2", "mr3", "mr3b", "mr4", "score")] == [
        "KEPT", "NO_KEY", "KEPT", "NO_CANDIDATES", "NO_KEY", "KEPT"]
    assert (row["is_suggestion"], row["suggested_driver_id"], row["suggested_drivers"]) == (False, None, 0)


def test_siblings_with_one_phone_one_car_and_the_same_surnames() -> None:
    """Julio drives; his sister Ana is a lead: her name contradicts his, whatever keys they share."""
    its = judge([lead(1, "Ana", "Rojas Vilca"), lead(2, "Julio", "Rojas Vilca")], [driver(3, "Julio", "Rojas Vilca")])
    assert outcomes(its) == {1: ("UNMATCHED", "NAME_CONTRADICTION"), 2: ("LINK_LEAD", None)}
    assert drops(its, 1) == {("R1_PHONE_EXACT", "d3"): "NAME_CONTRADICTION",
                             ("R3_PLATE_EXACT_NAME_SIMILAR", "d3"): "NAMES_UNLIKE", ("R3b", "d3"): "NAMES_UNLIKE"}


def test_julio_and_julia_are_brother_and_sister() -> None:
    """One letter apart, but a man's and a woman's name."""
    its = judge([lead(1, "Julia", "Rojas Vilca")], [driver(3, "Julio", "Rojas Vilca")])
    assert outcomes(its) == {1: ("UNMATCHED", "NAME_CONTRADICTION")}


def test_a_recruiter_s_phone_on_many_leads() -> None:
    """The recruiter drives too: only the lead of that name gets the driver; leads without a name are beaten by it."""
    leads = [lead(1, "Luis", "Ramos", plate=None), lead(2, "Rosa", "Quispe", plate=None),
             lead(3, "", " ", plate=None)]
    its = judge(leads, [driver(4, "Luis", "Ramos")])
    assert outcomes(its) == {1: ("LINK_LEAD", None), 2: ("UNMATCHED", "NAME_CONTRADICTION"),
                             3: ("AMBIGUOUS", "MULTIPLE_CANDIDATES")}


def test_a_twin_by_name() -> None:
    """Five parts of 8 points and 6 for the dates are 46: a pair and a suggestion, but no link; 4 parts are 38."""
    its = judge([lead(1, "Ana", "Rojas Vilca Xauxa Yauri", phone="955555556", plate=None),
                 lead(3, "Ana", "Rojas Vilca Xauxa", phone="977777778", plate=None)],
                [driver(2, "Ana", "Rojas Vilca Xauxa Yauri", phone="966666667", plate="ZZZ999"),
                 driver(4, "Ana", "Rojas Vilca Xauxa", phone="988888889", plate="YYY999")])
    assert outcomes(its)[3] == ("UNMATCHED", "NO_CANDIDATES") and (3, "d4") in its.pairs
    row = its.decisions[1]
    assert (row["outcome"], row["reason_code"]) == ("UNMATCHED", "WEAK_MATCH_ONLY")
    assert drops(its, 1) == {("SCORE", "d2"): "NAME_ONLY"}
    assert (row["is_suggestion"], row["suggested_driver_id"], row["suggested_drivers"]) == (True, "d2", 1)


def test_a_lead_again() -> None:
    """The person of the first lead is that of the second, of the same name; not of one with another name."""
    drivers = [driver(3, "Ana", "Rojas")]
    linked = ((LEADS_TABLE, "1", ANN), (DRIVERS_TABLE, "d3", ANN))
    its = judge([lead(1, "Ana", "Rojas"), lead(2, "Ana", "Rojas")], drivers, *linked)
    assert {number: row["person_key"] for number, row in its.decisions.items()} == {2: str(ANN)}
    its = judge([lead(1, "Carlos", "Mamani"), lead(2, "Ana", "Rojas")], drivers, *linked)
    assert outcomes(its) == {2: ("AMBIGUOUS", "MULTIPLE_CANDIDATES")}


def test_two_parks_with_one_document() -> None:
    """Two accounts are one person; without the document they are two, and nobody knows which."""
    two = [driver(2, "Ana", "Rojas", document_number="40123456"),
           driver(3, "Ana", "Rojas", document_number="40-123456")]
    row = judge([lead(1, "Ana", "Rojas")], two).decisions[1]
    assert (row["outcome"], row["who"], row["driver_id"]) == ("LINK_LEAD", "driver:d2", "d2")
    linked = judge([lead(1, "Ana", "Rojas")], two, (DRIVERS_TABLE, "d3", BOB)).decisions[1]
    assert (linked["who"], linked["person_key"]) == (str(BOB), str(BOB))
    apart = [replace(its, document_number=None) for its in two]
    assert outcomes(judge([lead(1, "Ana", "Rojas")], apart)) == {1: ("AMBIGUOUS", "MULTIPLE_CANDIDATES")}


def test_a_target_park_goes_before_others() -> None:
    two = [driver(2, "Ana", "Rojas"), replace(driver(3, "Ana", "Rojas"), park_id="here")]
    its = judge([lead(1, "Ana", "Rojas")], two, park="here")
    assert drops(its, 1)["R1_PHONE_EXACT", "d2"] == "OTHER_PARK" == drops(its, 1)["R3_PLATE_EXACT_NAME_SIMILAR", "d2"]
    only = judge([lead(1, "Ana", "Rojas")], two[:1], park="here")
    assert drops(only, 1)["R1_PHONE_EXACT", "d2"] is None


def test_a_person_without_a_driver() -> None:
    """D-23: the driver of nobody is linked; one of somebody else is a conflict with both persons."""
    free = judge([lead(1, "Ana", "Rojas")], [driver(2, "Ana", "Rojas")], (LEADS_TABLE, "1", ANN)).decisions[1]
    assert (free["outcome"], free["person_key"], free["driver_id"]) == ("LINK_DRIVER", str(ANN), "d2")
    taken = judge([lead(1, "Ana", "Rojas")], [driver(2, "Ana", "Rojas")], (LEADS_TABLE, "1", ANN),
                  (DRIVERS_TABLE, "d2", BOB)).decisions[1]
    assert (taken["outcome"], taken["person_key"], taken["lead_person_key"], taken["other_person_key"]) == (
        "IDENTITY_CONFLICT", None, str(ANN), str(BOB))


def test_two_persons_want_one_driver() -> None:
    """Of equal names: neither is beaten, and nobody says whose it is. A third lead, of nobody, waits too."""
    leads = [lead(1, "Ana", "Rojas"), lead(2, "Ana", "Rojas"), lead(3, "Ana", "Rojas")]
    its = judge(leads, [driver(4, "Ana", "Rojas")], (LEADS_TABLE, "1", ANN), (LEADS_TABLE, "2", BOB))
    assert outcomes(its) == dict.fromkeys((1, 2, 3), ("IDENTITY_CONFLICT", "IDENTITY_CONFLICT"))
    one = judge(leads[:1] + leads[2:], [driver(4, "Ana", "Rojas")], (LEADS_TABLE, "1", ANN))
    assert {number: row["person_key"] for number, row in one.decisions.items()} == {1: str(ANN), 3: str(ANN)}


def test_a_driver_hired_too_late_is_found_by_mr3b_only_when_linked() -> None:
    late = replace(driver(2, "Ana", "Rojas", phone=None), hire_date=AT.date() + timedelta(days=31))
    asked = [lead(1, "Ana", "Rojas", phone=None)]
    assert drops(judge(asked, [late]), 1)["R3b", "d2"] == "NO_PERSON_KEY"
    row = judge(asked, [late], (DRIVERS_TABLE, "d2", BOB)).decisions[1]
    assert (row["match_rule"], row["match_score"], row["confidence_level"]) == ("R3b", 80, "MEDIUM")


def test_leads_without_a_date_and_leads_to_come() -> None:
    its = judge([lead(1, "Ana", "Rojas", at=None), lead(2, "Ana", "Rojas", at=datetime(2026, 1, 15))], [])
    assert outcomes(its) == {1: ("UNMATCHED", "MISSING_KEYS")}
    assert its.decisions[1]["score_outcome"] == "NO_KEY"


@pytest.mark.parametrize(("verdicts", "row", "outcome"), [
    (("ACCEPT",), None, "LINK_LEAD"), (("REJECT",), None, "UNMATCHED"), (("UNLINK",), None, "UNMATCHED"),
    (("IGNORE",), None, "IGNORED"), (("IGNORE", "ACCEPT"), None, "LINK_LEAD"), (("ACCEPT", "IGNORE"), None, "IGNORED"),
    (("REJECT", "ACCEPT"), None, "LINK_LEAD"), (("ACCEPT", "REJECT"), None, "UNMATCHED"), ((), "IGNORED", "IGNORED"),
    (("ACCEPT",), "IGNORED", "LINK_LEAD"), (("ACCEPT", "REJECT"), "IGNORED", "IGNORED"), ((), "OPEN", "LINK_LEAD"),
])
def test_decisions_of_people(verdicts: tuple[str, ...], row: str | None, outcome: str) -> None:
    said = tuple(Verdict(place, "1", None if its == "IGNORE" else "d2", its) for place, its in enumerate(verdicts))
    its = judge([lead(1, "Ana", "Rojas")], [driver(2, "Ana", "Rojas")], verdicts=said,
                unmatched=(Unmatched("1", row),) if row else ())
    assert its.decisions[1]["outcome"] == outcome


def test_what_a_person_accepts_need_not_be_a_pair() -> None:
    """It goes before every rule: the hits of the others are told as decided."""
    its = judge([lead(1, "Ana", "Rojas")], [driver(2, "Ana", "Rojas"), driver(3, "Luis", "Ramos", None, None)],
                verdicts=(Verdict(1, "1", "d3", "ACCEPT"),))
    row = its.decisions[1]
    assert (row["outcome"], row["match_rule"], row["match_score"], row["score"], row["driver_id"]) == (
        "LINK_LEAD", "MANUAL", 100, None, "d3")
    assert drops(its, 1)["R1_PHONE_EXACT", "d2"] == "DECIDED_BY_PERSON"


# --- names and keys ---------------------------------------------------------------------------------------

@pytest.mark.parametrize(("left", "right", "given", "near"), [
    ("QUISPE", "KISPE", False, True), ("VASQUEZ", "BASQUES", False, True), ("HUAMAN", "GUAMAN", False, True),
    ("DELACRUZ", "CRUZ", False, True), ("LI", "LEE", False, False), ("ANA", "ANITA", True, True),
    ("JUAN", "JUANITO", True, True), ("LUIS", "LUISA", True, False), ("LUIS", "LUISA", False, True),
    ("MARTINO", "MARTINA", True, False), ("FRANCISCO", "PACO", False, True), ("LUIS", "LUCHITO", True, True),
    ("ROBERTO", "ROBE", True, True), ("ROBERTO", "ROBE", False, False), ("RAMIREZ", "RAMRIEZ", False, True),
    ("ROJAS", "RAJOS", False, True), ("ROJAS", "RAMOS", False, False),
])
def test_near_parts(left: str, right: str, given: bool, near: bool) -> None:
    assert is_near(left, right, given) is near is is_near(right, left, given)


@pytest.mark.parametrize(("text", "parts"), [
    ("Muñoz", "MUNOZ"), ("Mu?oz", "MUOZ"), ("MuÃ±oz", "MUOZ"), ("Mu\ufffdoz", "MUOZ"), ("Ã Li", "A LI"),
    ("de la Cruz", "CRUZ"), ("Li-Li", "LI"), ("O'Higgins", "O HIGGINS"), ("李", ""), (None, ""),
])
def test_parts_of_a_name(text: str | None, parts: str) -> None:
    assert name_parts(text) == frozenset(parts.split())


def test_roles() -> None:
    """Four times as often, or else where it stands in its own row."""
    def name(first: str, last: str) -> Name:
        return Name(name_parts(first, last), name_parts(first), name_parts(last))

    names = Names([name("Cruz", "Leon")] * 4 + [name("Leon", "Cruz")] + [name("Leon", "Li")])
    assert names.role("CRUZ", name("Ana", "Cruz")) == "G"
    assert (names.role("LEON", name("Leon", "Li")), names.role("LEON", name("Ana", "Leon"))) == ("G", "S")
    assert names.role("LEON", name("Leon", "")) is None  # a row with everything in one column tells nothing
    assert names.role("NADIE", Name(name_parts("Nadie"), frozenset(), frozenset())) is None


@pytest.mark.parametrize(("left", "right", "slipped"), [
    ("912345678", "912345679", True), ("912345678", "913245678", True), ("912345678", "912345687", True),
    ("912345678", "912345678", False), ("912345678", "921345687", False), ("91234567", "912345678", False),
])
def test_one_slip(left: str, right: str, slipped: bool) -> None:
    assert one_slip(left, right) is slipped
    assert bool({*slips(left)} & {*slips(right)} and left != right) is slipped


@pytest.mark.parametrize(("common", "left", "right", "expected"), [
    (2, 2, 3, "0.6667"), (2, 2, 4, "0.5"), (3, 3, 4, "0.75"), (2, 3, 3, "0.5833")])
def test_similarity_as_the_domain_has_it(common: int, left: int, right: int, expected: str) -> None:
    assert similarity(common, left, right) == Decimal(expected)
