"""Changes worlds from one night to the next: what leads, drivers, links and people may do between two builds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, TypeVar
from uuid import UUID

from tests.identity_worlds import (
    LINKED_AT,
    ROOM,
    Being,
    Dice,
    draw_being,
    draw_driver,
    draw_lead,
    draw_links,
    with_unmatched,
    with_verdict,
)
from tests.oracle import DRIVERS_TABLE, LEADS_TABLE, Link
from tests.oracle_identity import LINKED, Answer
from tests.oracle_identity_pairs import IdentityWorld

Item = TypeVar("Item")
Change = Callable[[Dice, IdentityWorld], IdentityWorld]
OF_DRIVERS = (("phone",), ("car_number",), ("first_name", "middle_name", "last_name", "full_name"), ("last_name",),
              ("park_id",), ("hire_date", "fire_date"), ("car_brand", "car_model"), ("document_number",),
              ("license_number",))
OF_LEADS = (("park_phone",), ("asset_plate_number",), ("first_name", "middle_name", "last_name"), ("lead_created_at",),
            ("asset_model",))


def next_id(world: IdentityWorld) -> int:
    """An id that the world has not used for a lead, a driver's row or a link."""
    used = [its.id for its in (*world.leads, *world.drivers, *world.links)]
    return max(used, default=world.persons[0].int) + 1


def without(items: Sequence[Item], one: Item) -> tuple[Item, ...]:
    return tuple(its for its in items if its is not one)


def _somebody(dice: Dice, world: IdentityWorld) -> Being:
    return draw_being(dice, world.persons[0].int // ROOM, (), world.as_of)


def _given(target: Any, donor: Any, names: Sequence[str]) -> Any:
    return replace(target, **{name: getattr(donor, name) for name in names})


def edit_driver(dice: Dice, world: IdentityWorld) -> IdentityWorld:
    """Some fields as another driver has them, or as somebody new."""
    if not world.drivers:
        return world
    one, being = dice.choice(world.drivers), _somebody(dice, world)
    donor = dice.choice(world.drivers) if dice.often(0.6) else draw_driver(dice, one.id, being, [being])
    return replace(world, drivers=(*without(world.drivers, one), _given(one, donor, dice.choice(OF_DRIVERS))))


def like_a_lead(dice: Dice, world: IdentityWorld) -> IdentityWorld:
    """A driver gets the phone, plate or name of a lead."""
    if not world.drivers or not world.leads:
        return world
    one, lead = dice.choice(world.drivers), dice.choice(world.leads)
    news = dice.one({"phone": lead.park_phone}, {"car_number": lead.asset_plate_number},
                    {"first_name": lead.first_name, "middle_name": lead.middle_name, "last_name": lead.last_name})
    return replace(world, drivers=(*without(world.drivers, one), replace(one, **news)))


def new_driver(dice: Dice, world: IdentityWorld) -> IdentityWorld:
    """One nobody knew, or one more row of a known one."""
    being = _somebody(dice, world)
    made = draw_driver(dice, next_id(world), being, [being])
    if world.drivers and dice.often(0.4):
        made = replace(made, driver_id=dice.choice(world.drivers).driver_id)
    return replace(world, drivers=(*world.drivers, made))


def lose_driver(dice: Dice, world: IdentityWorld) -> IdentityWorld:
    """One row less."""
    return replace(world, drivers=without(world.drivers, dice.choice(world.drivers))) if world.drivers else world


def edit_lead(dice: Dice, world: IdentityWorld) -> IdentityWorld:
    """Some fields as another lead has them, or as somebody new."""
    if not world.leads:
        return world
    one, being = dice.choice(world.leads), _somebody(dice, world)
    donor = dice.choice(world.leads) if dice.often(0.5) else draw_lead(dice, one.id, being, [being], world.as_of)
    return replace(world, leads=(*without(world.leads, one), _given(one, donor, dice.choice(OF_LEADS))))


def like_a_driver(dice: Dice, world: IdentityWorld) -> IdentityWorld:
    """A new lead with what a driver has."""
    being = _somebody(dice, world)
    lead = draw_lead(dice, next_id(world), being, [being], world.as_of)
    if world.drivers and dice.often(0.8):
        its = dice.choice(world.drivers)
        lead = replace(lead, park_phone=its.phone, asset_plate_number=its.car_number,
                       first_name=its.full_name or its.first_name, middle_name=None, last_name=its.last_name)
    return replace(world, leads=(*world.leads, lead))


def rename_lead(dice: Dice, world: IdentityWorld) -> IdentityWorld:
    """Another external_id, so that links and decisions are no longer its own."""
    if not world.leads:
        return world
    one = dice.choice(world.leads)
    named = replace(one, external_id=dice.one(None, f"y{one.id}"))
    return replace(world, leads=(*without(world.leads, one), named))


def lose_lead(dice: Dice, world: IdentityWorld) -> IdentityWorld:
    return replace(world, leads=without(world.leads, dice.choice(world.leads))) if world.leads else world


def link(dice: Dice, world: IdentityWorld) -> IdentityWorld:
    """By hand: rows that have no link yet."""
    made = draw_links(dice, world, 0.3, range(next_id(world), next_id(world) + ROOM))
    known = {(its.source_table, its.source_pk) for its in world.links}
    fresh = [its for its in made if (its.source_table, its.source_pk) not in known]
    return replace(world, links=(*world.links, *fresh))


def unlink(dice: Dice, world: IdentityWorld) -> IdentityWorld:
    return replace(world, links=without(world.links, dice.choice(world.links))) if world.links else world


CHANGES: tuple[Change, ...] = (
    *(edit_driver, edit_driver, edit_driver, like_a_lead, like_a_lead, new_driver, lose_driver),
    *(edit_lead, edit_lead, rename_lead, lose_lead, like_a_driver, link, unlink),
    *(with_verdict, with_verdict, with_unmatched),
)


def night(dice: Dice, worlds: Sequence[IdentityWorld], decided: Answer) -> list[IdentityWorld]:
    """What changed until the next build: the job wrote some of what was decided, and the outside did the rest."""
    # The crowds come last; they grow and shrink across the limit.
    crowds = [dice.choice((joined, left))(world) if dice.often(0.5) else world for world in worlds[-2:]]
    after = [settled(dice, world, decided) if dice.often(0.2) else world for world in worlds[:-2]]
    for place, world in enumerate(after):
        for _ in range(dice.one(0, 0, 0, 0, 1, 1, 3)):
            world = dice.choice(CHANGES)(dice, world)
        after[place] = world
    return [*after, *crowds]


def joined(world: IdentityWorld) -> IdentityWorld:
    """A crowd with one more driver of the phone, the plate and the name."""
    first = [replace(its, id=next_id(world) + place) for place, its in enumerate(world.drivers[:3])]
    return replace(world, drivers=(*world.drivers, *(replace(its, driver_id=f"d{its.id:07d}") for its in first)))


def left(world: IdentityWorld) -> IdentityWorld:
    """A crowd with one driver less of the phone, the plate and the name."""
    return replace(world, drivers=world.drivers[3:])


def settled(dice: Dice, world: IdentityWorld, decided: Answer) -> IdentityWorld:
    """What `reconcile leads` leaves behind."""
    links, persons = list(world.links), list(world.persons)
    known = {(its.source_table, its.source_pk) for its in links}
    for lead in world.leads:
        row = decided.decisions.get(lead.id)
        if row and row["outcome"] in LINKED:
            person = UUID(row["person_key"])
            persons += [person] * (person not in persons)
            for source in ((LEADS_TABLE, row["lead_source_pk"]), (DRIVERS_TABLE, row["driver_id"])):
                if source not in known:
                    known.add(source)
                    links.append(Link(next_id(replace(world, links=tuple(links))), person, *source, LINKED_AT))
    return replace(world, links=tuple(links), persons=tuple(persons))


