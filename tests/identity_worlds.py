"""Draws small, nasty worlds of leads and drivers who are nearly each other, alone or night after night.

Each world has its own ids, phones and plates but takes the parts of its names from one short list, so that in one
database how common a part is, and whether it is a given name, comes from all of them. Seeded: the same every time.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from tests.oracle import DRIVERS_TABLE, LEADS_TABLE, Link, source_keys
from tests.oracle_identity_pairs import CabinetLead, Driver, IdentityWorld, Unmatched, Verdict

ROOM = 1000  # ids from 0 to 999 belong to a world; world n has those from n * ROOM
TARGET = "f" * 32
LINKED_AT = datetime(2026, 1, 3, 5, tzinfo=UTC)
GIVEN = (
    ("Juan", "JUANITO", "Jhuan", "Juana", "Juancho", "Jaun"), ("Luis", "Lucho", "Luisa", "Luiz", "Luisito"),
    ("José", "Pepe", "Jose", "Josefa", "Chepe"), ("María", "Mario", "Mari", "Mariano"), ("Ana", "Anita", "Hana"),
    ("Francisco", "Paco", "Francisca", "Fransisco", "Pancho", "Fran"), ("Carlos", "Carlitos", "Karlos", "Carla"),
    ("Alexander", "Alex", "Aleksander", "Alejandro"), ("Rosa", "Rosita", "Roza"), ("Pedro", "Pedrito", "Piter"),
    ("Martín", "Martina", "Martin", "Martino"), ("Ian", "Iann", "Al"), ("Luz", "Luchi", "Lus"),
    ("Guillermo", "Memo", "Guiyermo", "Guille"), ("Roberto", "Beto", "Roverto", "Robert", "Tito"),
    ("Cruz", "Santos", "Leon"),  # given names that are surnames of others
)
SURNAMES = (
    ("Quispe", "Qispe", "Quizpe", "Quisp", "Kispe"), ("Muñoz", "MUNOZ", "Mu?oz", "MuÃ±oz", "Mun\u0303oz", "Mu\ufffdoz"),
    ("de la Cruz", "Delacruz", "CRUZ", "De La  Crus"), ("Huamán", "Guaman", "Huaman", "Uaman"), ("Llanos", "Yanos"),
    ("Rojas", "Roxas", "Rajos", "Roja"), ("Santos", "De los Santos", "DELOSSANTOS"), ("Chávez", "Chaves", "Shavez"),
    ("San Martín", "Sanmartin", "Martin"), ("Valdivia", "Baldivia", "Valdibia", "Vadlivia"), ("Li", "Lee", "Lí"),
    ("Ñaupa", "Naupa", "Ã‘aupa", "Ã", "Ã Naupa"), ("Ramírez", "Ramires", "Remirez", "Ramriez", "Ramirrez"),
    ("Villanueva-Ortiz", "Villanueva", "Ortiz Villanueva"), ("Flores", "Flroes", "Florez", "Fflores"), ("Leon", "Léon"),
)
JUNK = (None, None, "", " ", "-", "0", "?", "1234567", "000000000", "999999999", "AAAAAA", "ABCDEF", "N/A", "1111")
JUNK_NAMES = (None, "", " ", "?", "DE LA", "-", "X", "李", "Ø", "123")
MODELS = (("Toyota", "Yaris"), ("Kia", "Rio"), ("Hyundai", "Accent 1.4"), (None, "Yaris"), ("Toyota", None),
          (" ", "Rio"))
LEAD_MODELS = ("Yaris", "TOYOTA YARIS", "toyota-yaris", "Rio", "kia rio", "Accent 14", None, None, "", "--")
LEAD_DAYS = (0, -1, -5, -5, -20, -20, -40)
HIRED_AFTER = (0, 5, 5, 10, -3, -4, 30, 31, -90, -91, 400, None)
FIRED_AFTER = (None, None, None, None, -1, 0, 1)
PARKS = (TARGET, TARGET, TARGET, "0" * 32, None, "")
SIGNS = "ABOI01X79"


@dataclass(frozen=True)
class Being:
    """Somebody: what rows about them are made from."""

    given: tuple[tuple[str, ...], ...]
    surnames: tuple[tuple[str, ...], ...]
    phone: str
    plate: str
    document: str
    lead_date: date


class Dice(Random):
    """A seeded source of choices."""

    def often(self, chance: float) -> bool:
        return self.random() < chance

    def one(self, *choices: Any) -> Any:
        return self.choice(choices)


def slip(dice: Dice, key: str, signs: str) -> str:
    """One sign changed, two neighbours in the other order, or one sign less."""
    place = dice.randrange(len(key) - 1)
    if dice.often(0.1):
        return key[:place] + key[place + 1:]
    if dice.often(0.5):
        return key[:place] + dice.choice(signs) + key[place + 1:]
    return key[:place] + key[place + 1] + key[place] + key[place + 2:]


def written_phone(dice: Dice, phone: str) -> str:
    """As people write it."""
    spaced = f"{phone[:3]} {phone[3:6]} {phone[6:]}"
    return str(dice.one(phone, phone, spaced, f"+51 {spaced}", f"51{phone}", spaced.replace(" ", "."), f"({phone})"))


def written_plate(dice: Dice, plate: str) -> str:
    return str(dice.one(plate, plate, plate.lower(), f"{plate[:3]}-{plate[3:]}", f" {plate[:3]} {plate[3:]}."))


def other_plate(dice: Dice, plate: str) -> str:
    """Look-alike signs changed for each other."""
    return plate.translate(str.maketrans("OI01", "01OI")) if dice.often(0.6) else slip(dice, plate, SIGNS)


def draw_being(dice: Dice, index: int, kin: Sequence[Being], as_of: date) -> Being:
    """Somebody, at times with the surnames, phone, car or document of another."""
    own = (f"{dice.one('Ti', 'Mo', 'Ka')}{dice.one('cla', 'ro', 'ncha')}{dice.one('hua', 'lle', 'ssi')}{index % 7}",)
    surnames = [dice.choice(SURNAMES) if dice.often(0.85) else (own[0].rstrip("0123456789"),) for _ in range(2)]
    phone, document = f"9{index % 1000:03d}{dice.randrange(10**5):05d}", f"{index:05d}{dice.randrange(1000):03d}"
    being = Being(tuple(dice.choice(GIVEN) for _ in range(dice.one(1, 1, 2))), tuple(surnames[: dice.one(1, 2, 2, 2)]),
                  phone, "".join(dice.choice(SIGNS) for _ in range(dice.one(5, 6, 6, 6, 6, 7, 11))), document,
                  as_of + timedelta(days=dice.choice(LEAD_DAYS)))
    if kin and dice.often(0.6):
        other = dice.choice(kin)
        for field, chance in (("surnames", 0.5), ("phone", 0.4), ("plate", 0.5), ("document", 0.1), ("given", 0.25)):
            if dice.often(chance):
                being = replace(being, **{field: getattr(other, field)})
    return being


def draw_names(dice: Dice, being: Being, evenness: float) -> tuple[str | None, str | None, str | None]:
    """First, middle and last name; now and then changed, missing or in each other's place."""
    def spelt(kind: tuple[str, ...]) -> str:
        return kind[0] if dice.often(evenness) else dice.choice(kind)

    given, last = [spelt(kind) for kind in being.given], [spelt(kind) for kind in being.surnames]
    if dice.often(0.1):
        last = last[:1]
    if dice.often(0.1):
        last = last[::-1]
    if dice.often(0.06):
        given[0] = dice.choice(dice.choice(GIVEN))
    if dice.often(0.06):
        last[-1] = dice.choice(dice.choice(SURNAMES))
    names: list[str | None] = [given[0], " ".join(given[1:]) or None, " ".join(last)]
    if dice.often(0.06):
        names = names[::-1]
    if dice.often(0.06):
        names = [dice.choice(JUNK_NAMES) if dice.often(0.7) else name for name in names]
    cased = [name.upper() if name and dice.often(0.3) else name for name in names]
    return cased[0], cased[1], cased[2]


def draw_keys(dice: Dice, being: Being, beings: Sequence[Being]) -> tuple[str | None, str | None]:
    """Phone and plate: one's own, slipped, junk or somebody else's."""
    phone: str | None = written_phone(dice, being.phone)
    plate: str | None = written_plate(dice, being.plate)
    for chance, drawn in ((0.15, slip(dice, being.phone, "0123456789")), (0.2, dice.choice(JUNK)),
                          (0.07, dice.choice(beings).phone), (0.03, being.phone[:8])):
        phone = drawn if dice.often(chance) else phone
    for chance, drawn in ((0.25, other_plate(dice, being.plate)), (0.2, dice.choice(JUNK)),
                          (0.1, dice.choice(beings).plate)):
        plate = drawn if dice.often(chance) else plate
    return phone, plate


def draw_lead(dice: Dice, number: int, being: Being, beings: Sequence[Being], as_of: date) -> CabinetLead:
    day = dice.one(being.lead_date, being.lead_date, being.lead_date, being.lead_date - timedelta(days=15))
    if dice.often(0.07):
        day = dice.one(None, as_of + timedelta(days=1))
    first, middle, last = draw_names(dice, being, 0.6)
    phone, plate = draw_keys(dice, being, beings)
    blank = " " * (number % ROOM) + "\t" * (number // ROOM)
    external_id = dice.one(None, f"x{number}", f"x{number}", f"id:{number}", blank)
    created_at = day and datetime(day.year, day.month, day.day, dice.randrange(24))
    return CabinetLead(number, external_id, created_at, first, middle, last, phone, plate, dice.choice(LEAD_MODELS))


def draw_driver(dice: Dice, number: int, being: Being, beings: Sequence[Being]) -> Driver:
    first, middle, last = draw_names(dice, being, 0.8)
    full = " ".join(part for part in (first, middle, last) if part)
    if dice.often(0.3):
        first, middle, last = None, None, None
    elif dice.often(0.3):
        full = ""
    phone, plate = draw_keys(dice, being, beings)
    brand, model = dice.choice(MODELS)
    hired, fired = dice.choice(HIRED_AFTER), dice.choice(FIRED_AFTER)
    licence = dice.one(f"Q{being.document}", f"q-{being.document}", None)
    document = dice.one(being.document, None, "-", "1234")
    if dice.often(0.05):
        licence = f"Q{dice.choice(beings).document}"
    days = [None if after is None else being.lead_date + timedelta(days=after) for after in (hired, fired)]
    return Driver(number, f"d{number:07d}", dice.choice(PARKS), first, middle, last, full or None, phone, *days, brand,
                  model, plate, licence, document)


def draw_world(seed: int, index: int, as_of: date) -> IdentityWorld:
    """The world at place `index` of a batch, from its own seed."""
    dice, base = Dice(seed), index * ROOM
    beings: list[Being] = []
    for _ in range(dice.one(1, 2, 2, 3, 3, 4)):
        beings.append(draw_being(dice, index, beings, as_of))
    ids = itertools.count(base + 1)
    leads = tuple(draw_lead(dice, next(ids), being, beings, as_of)
                  for being in beings for _ in range(dice.one(0, 1, 1, 1, 2, 3)))
    drivers = [draw_driver(dice, next(ids), being, beings)
               for being in beings for _ in range(dice.one(0, 1, 1, 1, 1, 2, 3))]
    if drivers and dice.often(0.15):
        drivers.append(replace(dice.choice(drivers), id=next(ids), phone=dice.choice(beings).phone))
    if dice.often(0.05):
        drivers.append(replace(draw_driver(dice, next(ids), beings[0], beings), driver_id=dice.one(None, "", " ")))
    persons = tuple(UUID(int=base + number) for number in range(1, 4))
    world = IdentityWorld(as_of, leads, tuple(drivers), persons=persons)
    world = replace(world, links=draw_links(dice, world, 0.25, ids))
    if leads and dice.often(0.15):
        world = with_late_driver(dice, world, ids)
    for _ in range(dice.one(0, 0, 0, 1, 1, 2, 4)):
        world = with_verdict(dice, world)
    return with_unmatched(dice, world) if dice.often(0.2) else world


def draw_links(dice: Dice, world: IdentityWorld, chance: float, ids: Iterable[int]) -> tuple[Link, ...]:
    """Few persons: several leads and drivers of one, drivers of vanished rows, and keys that are nobody's."""
    numbers = iter(ids)
    rows = [(LEADS_TABLE, key) for key in source_keys(world.leads).values()]
    rows += [(DRIVERS_TABLE, its.driver_id) for its in world.drivers if its.driver_id and its.driver_id.strip()]
    if dice.often(0.2):
        gone = f"gone{world.persons[0].int}"
        rows += [(DRIVERS_TABLE, gone), (LEADS_TABLE, gone), ("module_ct_migrations", gone)]
    asked = [row for row in dict.fromkeys(rows) if dice.often(chance)]
    return tuple(Link(next(numbers), dice.choice(world.persons), table, pk,
                      LINKED_AT + timedelta(hours=dice.randrange(3))) for table, pk in asked)


def with_late_driver(dice: Dice, world: IdentityWorld, ids: Iterator[int]) -> IdentityWorld:
    """The driver of a lead who was hired too late for MR3, linked already or not; somebody may have decided."""
    lead, number = dice.choice(world.leads), next(ids)
    made = Driver(number, f"d{number:07d}", TARGET, lead.first_name, lead.middle_name, lead.last_name,
                  hire_date=world.as_of + timedelta(days=400), car_number=lead.asset_plate_number)
    world = replace(world, drivers=(*world.drivers, made))
    if dice.often(0.7):
        link = Link(next(ids), dice.choice(world.persons), DRIVERS_TABLE, str(made.driver_id), LINKED_AT)
        world = replace(world, links=(*world.links, link))
    if dice.often(0.4):
        verdict = Verdict(world.persons[0].int, source_keys(world.leads)[lead.id],
                          dice.choice(world.drivers).driver_id or "nobody", dice.one("ACCEPT", "ACCEPT", "REJECT"))
        world = replace(world, verdicts=(verdict,))
    return world


def with_verdict(dice: Dice, world: IdentityWorld) -> IdentityWorld:
    """One more decision of a person; mostly about pairs that have one already, or that may match."""
    if not world.leads:
        return world
    before = [its for its in world.verdicts if dice.often(0.6)]
    key = dice.choice(before).lead_source_pk if before else dice.choice(list(source_keys(world.leads).values()))
    ids = [its.driver_id for its in world.drivers if its.driver_id and its.driver_id.strip()] + ["nobody"]
    if dice.often(0.7):
        ids = [its.driver_id for its in before if its.driver_id] or ids
    driver_id = dice.choice(ids)
    verdict = dice.one("ACCEPT", "ACCEPT", "REJECT", "IGNORE", "UNLINK")
    if verdict in ("IGNORE", "UNLINK") and dice.often(0.5):
        driver_id = None
    number = max((its.decision_id for its in world.verdicts), default=world.persons[0].int) + 1
    return replace(world, verdicts=(*world.verdicts, Verdict(number, key, driver_id, verdict)))


def with_unmatched(dice: Dice, world: IdentityWorld) -> IdentityWorld:
    """One more row that says why a lead has no person, or a new state of it."""
    if not world.leads:
        return world
    key = dice.choice(list(source_keys(world.leads).values()))
    status = dice.one("IGNORED", "IGNORED", "OPEN", "RESOLVED")
    table = dice.one(LEADS_TABLE, LEADS_TABLE, LEADS_TABLE, "module_ct_migrations")
    row = Unmatched(key, status, table)
    rest = [its for its in world.unmatched if (its.source_pk, its.source_table) != (key, table)]
    return replace(world, unmatched=(*rest, row))


def crowd(index: int, as_of: date, drivers: int) -> IdentityWorld:
    """So many drivers of one phone, of one plate and of one name, and leads who have them."""
    base = index * ROOM
    full = ("Zoilo Aquino Baca", "Zenon Tito Cano", "Zaida Mamani Daza")
    phone, plate = f"8{index:05d}123", f"Z{index % 10000:04d}Z"
    made = [Driver(base + n * 3 + 1 + kind, f"d{base + n * 3 + kind:07d}", TARGET, full_name=full[kind],
                   phone=phone if kind == 0 else None, hire_date=as_of, car_number=plate if kind == 1 else None)
            for n in range(drivers) for kind in range(3)]
    now = datetime(as_of.year, as_of.month, as_of.day)
    leads = (CabinetLead(base + 901, None, now, "Zoilo", None, "Aquino", phone),
             CabinetLead(base + 902, None, now, "Zenon", None, "Tito", None, plate),
             CabinetLead(base + 903, None, now, "Zaida", None, "Mamani Daza"))
    return IdentityWorld(as_of, leads, tuple(made), persons=(UUID(int=base + 1),))


def combine(worlds: Sequence[IdentityWorld]) -> IdentityWorld:
    """One world holding all of them; their names meet."""
    (as_of,) = {world.as_of for world in worlds}
    fields = ("leads", "drivers", "links", "persons", "verdicts", "unmatched")
    return IdentityWorld(as_of, *(tuple(itertools.chain.from_iterable(getattr(world, field) for world in worlds))
                                  for field in fields))


def batch(seed: int, count: int, as_of: date) -> list[IdentityWorld]:
    """So many worlds, two of them crowds on either side of the limit."""
    drawn = [draw_world(seed * 100_000 + index, index, as_of) for index in range(count)]
    return [*drawn, crowd(count, as_of, 50), crowd(count + 1, as_of, 51)]
