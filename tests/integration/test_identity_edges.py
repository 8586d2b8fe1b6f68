"""Small worlds on edges where the identity models once differed from docs/identity.md."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime
from random import Random
from uuid import UUID

import pytest

from runner.database import Server
from runner.settings import Settings
from tests import identity_harness as harness
from tests.conftest import new_database, settings_at
from tests.identity_worlds import LINKED_AT, ROOM, combine, crowd
from tests.oracle import LEADS_TABLE, Link
from tests.oracle_identity import answer
from tests.oracle_identity_pairs import CabinetLead, Driver, IdentityWorld, Unmatched, Verdict

AS_OF = date(2026, 1, 14)
AT = datetime(2026, 1, 9, 12)
LONG = "ABCDEFGH" * 40


def lead(number: int, first: str, last: str, phone: str | None, plate: str | None = None) -> CabinetLead:
    return CabinetLead(number, None, AT, first, None, last, phone, plate)


def driver(number: int, first: str, last: str, phone: str | None, plate: str | None = None) -> Driver:
    return Driver(number, f"d{number:07d}", None, first, None, last, None, phone, AT.date(), car_number=plate)


def only_given_names_and_one_key(base: int) -> IdentityWorld:
    return IdentityWorld(AS_OF, (lead(base + 1, "Rosa", "Quispe", "911111112"),),
                         (driver(base + 2, "Rosa", "Valdivia", "911111112"),))


def swap_across_thirds(base: int) -> IdentityWorld:
    return IdentityWorld(AS_OF, (lead(base + 1, "Juan", "Rojas", "922345678"),),
                         (driver(base + 2, "Juan", "Rojas", "923245678"),))


def swap_late_in_a_long_plate(base: int) -> IdentityWorld:
    return IdentityWorld(AS_OF, (lead(base + 1, "Pedro", "Llanos", "933333334", "ABCDEFGHK12"),),
                         (driver(base + 2, "Pedro", "Llanos", "933333334", "ABCDEFGHK21"),))


def ignored_row_and_accept_taken_back(base: int) -> IdentityWorld:
    made, key = driver(base + 2, "Carlos", "Flores", "944444445"), str(base + 1)
    return IdentityWorld(
        AS_OF, (lead(base + 1, "Carlos", "Flores", "944444445"),), (made,),
        verdicts=(Verdict(base + 1, key, made.driver_id, "ACCEPT"), Verdict(base + 2, key, made.driver_id, "REJECT")),
        unmatched=(Unmatched(key, "IGNORED"),))


STATIC = (
    only_given_names_and_one_key,
    swap_across_thirds,
    swap_late_in_a_long_plate,
    ignored_row_and_accept_taken_back,
)


@pytest.fixture(scope="module")
def found(settings: Settings, migrated_template: str) -> Iterator[list[str]]:
    """All differences of all static worlds, from one build."""
    world = combine([make(place * ROOM) for place, make in enumerate(STATIC)])
    with new_database(settings, migrated_template) as where:
        harness.write(where, world)
        harness.build(settings_at(where, settings.home), world)
        yield harness.differences(harness.read(where), answer(world))


@pytest.mark.parametrize("place", range(len(STATIC)), ids=[make.__name__ for make in STATIC])
def test_static(found: list[str], place: int) -> None:
    ours = [line for line in found if harness.home(line) == place]
    assert not ours, "\n".join(ours)


def rebuilt(where: Server, settings: Settings, *worlds: IdentityWorld) -> list[str]:
    """The differences after the last of some incremental builds."""
    for world in worlds:
        harness.write(where, world)
        harness.build(settings, world)
    return harness.differences(harness.read(where), answer(worlds[-1]))


def test_a_lead_is_gone(migrated_database: Server, settings_for: Callable[..., Settings]) -> None:
    """Its link stays, as it does in the original; nobody else has its name, so it beats whoever wants its person."""
    person = UUID(int=1)
    links = tuple(Link(place, person, table, pk, LINKED_AT)
                  for place, (table, pk) in enumerate(((LEADS_TABLE, "1"), ("drivers", "d0000003")), 1))
    leads = (lead(1, "Rosa", "Quispe", None), lead(2, "Juan", "Rojas", "911111112"),
             replace(lead(4, "Ana", "Li", None), lead_created_at=None))
    before = IdentityWorld(AS_OF, leads, (driver(3, "Juan", "Rojas", "911111112"),), links, (person,))
    found = rebuilt(migrated_database, settings_for(migrated_database), before, replace(before, leads=leads[1:2]))
    assert not found, "\n".join(found)


def test_a_crowd_gets_small_enough(migrated_database: Server, settings_for: Callable[..., Settings]) -> None:
    """51 drivers of one phone, plate and name tell nothing; once one of each changes, 50 do."""
    before = crowd(0, AS_OF, 51)
    after = tuple(replace(its, phone=None, car_number=None, full_name="Otra Persona") if its.id <= 3 else its
                  for its in before.drivers)
    found = rebuilt(migrated_database, settings_for(migrated_database), before, replace(before, drivers=after))
    assert not found, "\n".join(found[:5])


def test_a_very_long_name_or_plate(migrated_database: Server, settings_for: Callable[..., Settings]) -> None:
    """No row stops a build; more signs than edit distance can take (255) are on both sides."""
    world = IdentityWorld(AS_OF, (lead(1, LONG, "Quispe", "911111112", f"1{LONG}"),),
                          (driver(2, f"X{LONG[1:]}", "Quispe", "911111112", f"2{LONG}"),))
    found = rebuilt(migrated_database, settings_for(migrated_database), world)
    assert not found, "\n".join(found)


def test_a_name_longer_than_an_index_takes(migrated_database: Server, settings_for: Callable[..., Settings]) -> None:
    """A text of 9,000 letters that can't be made smaller: somebody's pasted file, not a name."""
    text = "".join(Random(1).choices("ABCDEFGHIJKLMNOPQRSTUVWXYZ", k=9_000))
    world = IdentityWorld(AS_OF, (lead(1, text, "Quispe", "911111112"),), (driver(2, "Ana", "Quispe", "911111112"),))
    found = rebuilt(migrated_database, settings_for(migrated_database), world)
    assert not found, "\n".join(found)
