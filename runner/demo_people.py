"""Invented people of the sample: names, phones, plates, park accounts, from dice that always fall alike."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TypeVar
from uuid import UUID

T = TypeVar("T")

TARGET_PARK = "14d0cab14d0cab14d0cab14d0cab14d0"
OTHER_PARKS = ("0a0b0c0d0e0f00010a0b0c0d0e0f0001", "0a0b0c0d0e0f00020a0b0c0d0e0f0002")


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split(", "))


# Separated by commas: surnames may have several words.
MALE = _names(
    "JUAN, JOSÉ, LUIS, CARLOS, JESÚS, ÁNGEL, VÍCTOR, MIGUEL, PEDRO, JORGE, RAÚL, WALTER, EDWIN, PERCY, "
    "WILMER, RICHARD, NÉSTOR, FREDY, HERNÁN, SANTOS, ELMER, RUBÉN, MARIO, ALBERTO, ENRIQUE, ANTONIO, "
    "MANUEL, ALEX, DENIS, YOEL")
FEMALE = _names(
    "MARÍA, ROSA, ANA, CARMEN, LUZ, ELENA, SOFÍA, MILAGROS, PILAR, YOLANDA, FLOR, NANCY, JUANA, LIDIA, "
    "NOEMÍ, GLADYS, DORIS, BEATRIZ, ROXANA, INÉS")
SURNAMES = _names(
    "QUISPE, MAMANI, FLORES, HUAMÁN, ROJAS, CHÁVEZ, GARCÍA, RAMÍREZ, VÁSQUEZ, CASTILLO, ESPINOZA, "
    "DE LA CRUZ, DÍAZ, TORRES, MENDOZA, CÓRDOVA, PEÑA, MUÑOZ, NÚÑEZ, ZÚÑIGA, ÑAUPARI, ÑAHUI, CCOPA, "
    "CONDORI, APAZA, CHOQUE, YUPANQUI, LLONTOP, SALAZAR, PAREDES, DEL CARPIO, DE LOS RÍOS, LA ROSA, "
    "ORDÓÑEZ, IBÁÑEZ, CARHUAMACA, PUMA, SULLCA, TICONA, VILCA, POMA, INGA, AGUILAR, BENDEZÚ, CÁCERES, "
    "ESCATE, FALCÓN, GUTIÉRREZ, HERRERA, JARA, LEÓN, MEZA, OCHOA, PALOMINO, REYES, SOTO, TRUJILLO, "
    "URBINA, VALDIVIA, YARLEQUÉ")
CARS = (("Toyota", "Yaris"), ("Kia", "Rio"), ("Hyundai", "Accent"), ("Nissan", "Versa"), ("Kia", "Picanto"),
        ("Chevrolet", "Sail"), ("Suzuki", "Swift"), ("Hyundai", "Grand i10"), ("Toyota", "Corolla"))
COLOURS = ("Blanco", "Plata", "Negro", "Gris", "Rojo", "Azul")


class Dice:
    """Random choices that are the same on every machine: only random() is promised to stay as it is."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed).random

    def below(self, count: int) -> int:
        """A whole number from 0 to count - 1."""
        return int(self._random() * count)

    def between(self, low: int, high: int) -> int:
        """A whole number from low to high, both included."""
        return low + self.below(high - low + 1)

    def chance(self, share: float) -> bool:
        """True in this share of the throws."""
        return self._random() < share

    def pick(self, items: Sequence[T]) -> T:
        """One of the items."""
        return items[self.below(len(items))]

    def weighted(self, choices: Sequence[tuple[int, T]]) -> T:
        """One of the choices, each as often as its weight says."""
        left = self.below(sum(weight for weight, _ in choices))
        for weight, choice in choices:
            left -= weight
            if left < 0:
                return choice
        raise AssertionError("unreachable")

    def hex32(self) -> str:
        """32 hexadecimal digits."""
        return "".join(f"{self.below(65536):04x}" for _ in range(8))

    def uuid(self) -> str:
        """A version 4 UUID."""
        return str(UUID(hex=self.hex32(), version=4))

    def moment(self, day: date) -> datetime:
        """A moment of the day between 7:00 and 21:59, to the second."""
        return datetime.combine(day, time(self.between(7, 21), self.below(60), self.below(60)))


@dataclass(frozen=True)
class Name:
    """Two given names and two surnames, as in Peru."""

    given: tuple[str, str]
    surnames: tuple[str, str]

    @property
    def full(self) -> str:
        """All of it, given names first."""
        return " ".join((*self.given, *self.surnames))


@dataclass(frozen=True)
class Driver:
    """A park account."""

    driver_id: str
    park_id: str
    name: Name
    phone: str
    plate: str
    car: tuple[str, str]
    hired: date
    number: int


def name(dice: Dice) -> Name:
    """An invented person's name."""
    given = MALE if dice.chance(0.85) else FEMALE
    return Name((dice.pick(given), dice.pick(given)), (dice.pick(SURNAMES), dice.pick(SURNAMES)))


def driver(dice: Dice, number: int, hired: date, name: Name, park: str = TARGET_PARK) -> Driver:
    """Account number n: its phone and plate are no other account's (up to a million accounts)."""
    return Driver(dice.hex32(), park, name, phone(number), plate(number), dice.pick(CARS), hired, number)


def phone(number: int) -> str:
    """Phone number n: nine digits, in the block 900 that nobody was given."""
    return f"900{(number * 765_433 + 1_234) % 1_000_000:06d}"


def plate(number: int) -> str:
    """Plate number n, as ABC-123."""
    letters, digits = divmod((number * 7_368_787 + 3_571) % 17_576_000, 1000)
    return "".join(chr(65 + letters // place % 26) for place in (676, 26, 1)) + f"-{digits:03d}"


def written_phone(dice: Dice, digits: str) -> str:
    """The phone as people write it: with the country's prefix, spaces or hyphens, or plain."""
    parts = digits[:3], digits[3:6], digits[6:]
    return dice.weighted(((60, digits), (12, f"+51 {' '.join(parts)}"), (6, f"+51{digits}"),
                          (2, f"51{digits}"), (12, " ".join(parts)), (8, "-".join(parts))))


def written_plate(dice: Dice, plate: str) -> str:
    """The plate as people write it: with its hyphen or without, sometimes in small letters."""
    return dice.weighted(((60, plate), (30, plate.replace("-", "")), (10, plate.lower())))


def other_name(dice: Dice, taken: Name) -> Name:
    """A name that has no word in common with another."""
    while True:
        found = name(dice)
        if not set(found.full.split()) & set(taken.full.split()):
            return found


def days_before(dice: Dice, day: date, low: int, high: int) -> date:
    """A day that lies between low and high days before another (negative: after)."""
    return day - timedelta(days=dice.between(low, high))
