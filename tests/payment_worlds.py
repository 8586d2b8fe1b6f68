"""Draws payment lists for drawn worlds, writes them as the outside would, and compares collection with its oracle."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from random import Random
from typing import Any

from runner.database import Server
from tests import harness, oracle_payments
from tests.oracle import PRICES, Claim, World
from tests.oracle_payments import Driver, Money, Payment
from tests.worlds import DRIVERS, PERSONS, RAISED_AT, combine, place_id, place_person, place_text, sample, worlds

# Names of drivers, and what the list writes for them: accents, order, case and signs must not matter; two share one.
NAMES = ("Ana Ñúñez", "JOSÉ de la Cruz 2", "Eva", "Li 3", "Li 4", "Zoë", "eva", None, " ")
WRITTEN = ("nunez ana", "Cruz, José DE LA - 2", "EVA", "li,3", "4 LI", "zoe", "Nobody", None, " \t", "Ána Ñuñez")
STATED = (True, True, True, False, None)
COLUMNS = ("id", "date", "driver", "trip_1", "trip_5", "trip_25", "driver_id", "person_key")


def monies(as_of: date, count: int, seed: int) -> list[Money]:
    """So many worlds with claims, drivers with names, a payment list and what it was before; the same for a seed.

    Worlds are hypothesis's; the lists come from a plain generator, for hypothesis draws little that lies so deep.
    """
    dice = Random(seed)
    return [_money(dice, _with_claims(dice, world)) for world in sample(worlds(as_of), max(count, 150), seed)[-count:]]


def _with_claims(dice: Random, world: World) -> World:
    """More claims than leads can bear, so that payments have a choice."""
    persons = world.persons or PERSONS[:2]
    days = sorted({claim.lead_date for claim in world.claims}) or [world.as_of - timedelta(days=30)]
    claims = {(claim.person_key, claim.lead_date, claim.milestone): claim for claim in world.claims}
    for _ in range(dice.randint(0, 8)):
        day = dice.choice(days) + timedelta(days=dice.choice((0, 0, 1, 13, -60)))
        person, milestone = dice.choice(persons).person_key, dice.choice((1, 1, 5, 25))
        status = dice.choice(("generated", "generated", "generated", "paid", "rejected", "expired", "expected"))
        number = max((claim.claim_id for claim in claims.values()), default=0) + 1
        claim = Claim(
            number,
            person,
            dice.choice((*DRIVERS[:3], None)),
            "gone",
            day,
            milestone,
            PRICES[milestone],
            status,
            None if status == "expected" else RAISED_AT,
            RAISED_AT if status == "paid" else None,
        )
        claims.setdefault((person, day, milestone), claim)
    return replace(world, persons=persons, claims=tuple(claims.values()))


def _money(dice: Random, world: World) -> Money:
    names = dice.sample(NAMES, len(NAMES))
    drivers = tuple(Driver(driver, names[place]) for place, driver in enumerate((*DRIVERS, "d9")))
    lists = [tuple(_payment(dice, number, world) for number in range(1, dice.randint(0, 8) + 1))]
    for _ in range(dice.randint(0, 2)):
        lists.append(_edited(dice, lists[-1], world))
    return Money(world, drivers, lists[-1], tuple(lists[:-1]))


def _payment(dice: Random, number: int, world: World) -> Payment:
    """One row: aimed at a claim, or by driver_id, person, name or nothing; dated on, before or after a lead."""
    how = dice.choice(("aimed", "aimed", "driver", "person", "name", "name", "all", "nobody"))
    if how == "aimed" and world.claims:
        claim = dice.choice(world.claims)
        by_driver = dice.random() < 0.5 and claim.driver_id is not None
        return Payment(
            number,
            claim.lead_date + timedelta(days=dice.choice((0, 20, -1))),
            None,
            *(milestone == claim.milestone for milestone in (1, 5, 25)),
            driver_id=claim.driver_id if by_driver else None,
            person_key=None if by_driver else claim.person_key,
        )
    days = sorted({claim.lead_date for claim in world.claims}) or [world.as_of]
    day = dice.choice(days) + timedelta(days=dice.choice((0, -1, 1, 20, 40)))
    return Payment(
        number,
        dice.choice((day, day, day, day, None)),
        dice.choice(WRITTEN) if how in ("name", "all") else None,
        *(dice.choice(STATED) for _ in range(3)),
        driver_id=dice.choice((*DRIVERS, "d9", " ", "d1 ")) if how in ("driver", "all") else None,
        person_key=dice.choice(PERSONS).person_key if how in ("person", "all") else None,
    )


def _edited(dice: Random, rows: tuple[Payment, ...], world: World) -> tuple[Payment, ...]:
    """The list as it is after some rows were deleted, corrected, taken back or added."""
    kept: list[Payment] = []
    for row in rows:
        what = dice.choice(("keep", "keep", "delete", "name", "flag", "anew"))
        if what == "name":
            row = replace(row, driver=dice.choice(WRITTEN))
        elif what == "flag":
            row = replace(row, trip_1=dice.choice(STATED), trip_5=dice.choice(STATED))
        elif what == "anew":
            row = _payment(dice, row.id, world)
        if what != "delete":
            kept.append(row)
    if dice.random() < 0.5:
        kept.append(_payment(dice, max((row.id for row in rows), default=0) + 1, world))
    return tuple(kept)


def combined(drawn: Sequence[Money]) -> Money:
    """Many in one database, none touching another; lists before are aligned at their ends."""
    depth = max(len(money.before) for money in drawn)
    histories = []
    for money in drawn:
        lists = [*money.before, money.payments]
        histories.append([lists[0]] * (depth + 1 - len(lists)) + lists)
    placed = [
        [tuple(_placed(row, index) for row in rows) for rows in history] for index, history in enumerate(histories)
    ]
    lists = [tuple(row for history in placed for row in history[turn]) for turn in range(depth + 1)]
    drivers = tuple(
        Driver(place_text(driver.driver_id, index, index), driver.full_name and _name(driver.full_name, index))
        for index, money in enumerate(drawn)
        for driver in money.drivers
    )
    return Money(combine([money.world for money in drawn]), drivers, lists[-1], tuple(lists[:-1]))


def _placed(row: Payment, index: int) -> Payment:
    driver = row.driver_id
    return replace(
        row,
        id=place_id(row.id, index),
        driver=row.driver and _name(row.driver, index),
        driver_id=place_text(driver, index, index) if driver and driver.strip() else driver,
        person_key=row.person_key and place_person(row.person_key, index),
    )


def _name(text: str, index: int) -> str:
    """A name that only its own world has; a blank one stays blank."""
    return f"{text} w{index}" if text.strip() else text


def write_payments(where: Server, payments: Sequence[Payment]) -> None:
    """Make the payment list hold exactly these rows."""
    with closing(harness.connect(where)) as session, session, session.cursor() as cursor:
        cursor.execute("delete from public.module_ct_cabinet_payments")
        rows = [[getattr(row, column) for column in COLUMNS] for row in payments]
        harness._insert(cursor, "public.module_ct_cabinet_payments", COLUMNS, rows)


def write_money(where: Server, money: Money) -> None:
    """World, drivers and payment list."""
    harness.write_world(where, money.world)
    with closing(harness.connect(where)) as session, session, session.cursor() as cursor:
        cursor.execute("delete from public.drivers")
        rows = [[driver.driver_id, number, driver.full_name] for number, driver in enumerate(money.drivers, 1)]
        harness._insert(cursor, "public.drivers", ("driver_id", "id", "full_name"), rows)
    write_payments(where, money.payments)


def differences(where: Server, money: Money) -> list[str]:
    """Where collection and its oracle disagree; columns that the oracle does not know are not compared."""
    lines = []
    for relation, (key, rule) in oracle_payments.ANSWERS.items():
        found, wanted = harness.read_relation(where, relation, key), rule(money)
        lines += [f"{relation} {grain}: missing" for grain in wanted.keys() - found.keys()]
        lines += [f"{relation} {grain}: too many" for grain in found.keys() - wanted.keys()]
        for grain in wanted.keys() & found.keys():
            lines += [
                f"{relation} {grain} {column}: found {found[grain][column]!r}, expected {value!r}"
                for column, value in wanted[grain].items()
                if harness.plain(found[grain][column]) != harness.plain(value)
            ]
    return sorted(lines) + unbalanced(where)


def unbalanced(where: Server) -> list[str]:
    """Terms of the conservation relation whose difference is not zero, and its absence."""
    with closing(harness.connect(where)) as session, session, session.cursor() as cursor:
        cursor.execute("select check_code, term, value, difference from ops.v_cabinet_conservation")
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return [f"conservation {row}" for row in rows if row[3] != 0] or ([] if len(rows) == 42 else [f"{len(rows)} terms"])

