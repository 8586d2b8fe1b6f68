"""The original's matching rules against cases worked by hand from domain section 6, those marked (ran) among them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

import pytest

from benchmarks.identity import original
from benchmarks.identity.generator import Driver
from benchmarks.identity.original import Mapped, Outcome
from runner.demo_people import OTHER_PARKS
from tests.identity_rows import DAY, driver, lead


@pytest.mark.parametrize(("text", "kept"), [
    ("+51 900 000 001", "51900000001"), ("900 000 001", "900000001"), ("(900)000-001", "900000001"),
    ("900.000.001", "900.000.001"), ("9000000", None), ("", None), (None, None)])
def test_the_phone_keeps_dots_and_prefix(text: str | None, kept: str | None) -> None:
    assert original.python_phone(text) == kept


def test_the_index_normalises_otherwise() -> None:
    assert (original.index_plate("abc-123"), original.python_plate("abc-123")) == ("123", "ABC123")
    assert (original.index_licence("Q-1.2"), original.python_licence("q-1.2")) == ("Q12", "Q1.2")
    assert original.index_plate(None) == original.index_phone(None) == original.index_name(None) == ""
    assert original.python_name(" José  García Núñez-2 ") == "JOSE GARCIA NUNEZ"
    assert original.index_name("José García Núñez") == "JOSE GARCA NEZ"


@pytest.mark.parametrize(("a", "b", "expected"), [
    ("A B", "A B C", 0.667), ("A B", "A B C D", 0.50), ("A B C", "A B C D", 0.75), ("A B C", "A B D", 0.583),
    ("B A", "A B", 1.0), ("ANA DE LA CRUZ", "CRUZ ANA", 1.0), ("DE LA", "A", 0.0)])
def test_similarity_of_names(a: str, b: str, expected: float) -> None:
    assert round(original.similarity(original.tokens(a), original.tokens(b)), 3) == expected


def match(drivers: list[Driver], linked: Collection[str] = (), **keys: object) -> Outcome:
    """What the original makes of a lead of DAY with these keys."""
    matcher = original.Matcher(original.Index(drivers), original.Registry(drivers, linked))
    name = original.tokens(str(keys.pop("name", "")))
    return matcher.match(Mapped(DAY, name=name, **keys))  # type: ignore[arg-type]


def test_mr1_takes_the_target_park_first_and_stops_there_at_two() -> None:
    here, here_too = driver("a", phone="+51900000001"), driver("b", phone="51-900-000-001")
    away = driver("c", OTHER_PARKS[0], phone="+51900000001")
    nowhere = driver("d", None, phone="+51900000001")
    assert match([here, away, nowhere], phone="51900000001") == Outcome("a", original.MR1, 95)
    assert match([away, nowhere], phone="51900000001").driver_id == "c"
    assert match([here, here_too, away], phone="51900000001").reason == "MULTIPLE_CANDIDATES"
    assert match([nowhere], phone="51900000001").reason == "NO_CANDIDATES"  # F25
    assert match([here], phone="900000001").reason == "NO_CANDIDATES"  # F24
    assert match([driver("e", phone="900.000.001")], phone="900.000.001").driver_id is None  # F24


@pytest.mark.parametrize(("days", "found"), [(-90, True), (30, True), (-91, False), (31, False), (None, True)])
def test_mr3_looks_at_hire_dates(days: int | None, found: bool) -> None:
    hired = None if days is None else DAY + timedelta(days=days)
    outcome = match([driver("a", plate="ABC-123", hired=hired)], plate="ABC123", name="QUISPE FLORES JUAN")
    assert outcome == (Outcome("a", original.MR3, 85) if found else Outcome(None, reason="NO_CANDIDATES"))


def test_mr3_wants_a_like_name_clearly_before_the_next_in_the_target_park() -> None:
    first, second = driver("a", plate="ABC-123"), driver("b", plate="ABC-123", name="JUAN QUISPE")
    assert match([first], plate="ABC123", name="PEDRO MAMANI").reason == "WEAK_MATCH_ONLY"
    assert match([first, second], plate="ABC123", name="JUAN QUISPE FLORES").driver_id == "a"  # 1.0 and 0.667
    assert match([first, driver("c", plate="ABC-123", name="JUAN FLORES QUISPE")], plate="ABC123",
                 name="JUAN QUISPE FLORES").reason == "MULTIPLE_CANDIDATES"
    assert match([driver("d", OTHER_PARKS[0], plate="ABC-123")], plate="ABC123",
                 name="JUAN QUISPE FLORES").reason == "NO_CANDIDATES"
    assert match([driver("e", plate="abc-123")], plate="ABC123", name="JUAN QUISPE FLORES").driver_id is None  # F14


def test_mr3b_wants_a_driver_that_is_linked_already() -> None:
    old = driver("a", plate="ABC-123", hired=DAY - timedelta(days=900))
    assert match([old], plate="ABC123", name="JUAN QUISPE").driver_id is None
    assert match([old], ["a"], plate="ABC123", name="JUAN QUISPE") == Outcome("a", original.MR3B, 66)
    assert match([old], ["a"], plate="ABC123", name="JUAN QUISPE FLORES") == Outcome("a", original.MR3B, 100)


def test_mr2_and_mr4_run_only_where_the_keys_are() -> None:
    car = original.mapped(lead(1)).car
    assert car is None  # Cabinet leads have no brand
    fits = driver("a", car=("Hyundai", "Grand i10"), licence="Q-12", hired=DAY + timedelta(days=7))
    assert match([fits], car=("HYUNDAI", "GRAND I"), name="JUAN QUISPE FLORES") == Outcome("a", original.MR4, 75)
    assert match([fits], licence="Q12") == Outcome("a", original.MR2, 92)


def test_combining() -> None:
    here = driver("a", phone="+51900000001", plate="ABC-123", hired=DAY - timedelta(days=900))
    other = driver("b", phone="+51900000002", plate="XYZ-999")
    both = {"plate": "ABC123", "name": "JUAN QUISPE FLORES"}
    assert match([here], ["a"], phone="51900000001", **both).rule == original.MR3B  # F27: 100 beats 95
    assert match([here, other], ["a"], phone="51900000002", **both).reason == "MULTIPLE_CANDIDATES"
    weak = match([here, other], phone="51900000009", plate="XYZ999", name="PEDRO MAMANI")
    assert weak.reason == "NO_CANDIDATES"  # F26: the first rule's, hiding WEAK_MATCH_ONLY
    twice = [driver("c", phone="+51900000001"), driver("d", phone="+51900000001"), other]
    assert match(twice, phone="51900000001", plate="XYZ999", name="JUAN QUISPE FLORES").driver_id == "b"
    assert match([], name="JUAN").reason == "NO_CANDIDATES"  # no rule could run


def test_drivers_of_one_phone_or_licence_are_one_person() -> None:
    drivers = [driver("a", phone="+51900000001", licence="Q1"), driver("b", phone="+51 900 000 001"),
               driver("c", phone="+51900000003", licence="Q 1"), driver("d")]
    registry = original.Registry(drivers, ["a"])
    assert [registry.person(i) for i in "abc"] == [1, 1, 1]  # F29
    assert registry.person("d") != 1 and registry.linked("d") is None and registry.linked("a") == 1
