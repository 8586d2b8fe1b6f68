"""The people behind the labelled set: who shares a phone, a car, a name or a licence with whom."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from benchmarks.identity import rates
from benchmarks.identity.names import FEMALE_POOL, MALE_POOL, SURNAME_POOL
from benchmarks.identity.rates import Rate
from benchmarks.identity.writing import Name
from runner.demo_people import CARS, Dice

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
DIGITS = "0123456789"


@dataclass
class Person:
    number: int
    name: Name
    phone: str  # nine digits
    plate: str  # six characters
    car: tuple[str, str]
    licence: str
    document: str
    cases: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Extra:
    """A driver who is nobody's lead, but stands in some relation to one."""

    person: Person
    beside: int  # place of the lead's person
    earlier: bool = False  # hired and mostly fired long before that lead


class Maker:
    """Makes people; no phone, plate or document is given out twice."""

    def __init__(self, dice: Dice) -> None:
        self.dice = dice
        self._given_out: set[str] = set()
        self._made = 0

    def person(self) -> Person:
        """Somebody new."""
        self._made += 1
        document = self._new(lambda: f"{self.dice.between(40, 79)}{self.dice.below(1_000_000):06d}")
        return Person(self._made, self.name(), self.phone(), self.plate(), self.dice.pick(CARS),
                      f"Q{document}", document)

    def name(self) -> Name:
        """One or two given names, two surnames."""
        pool = MALE_POOL if self.dice.chance(0.85) else FEMALE_POOL
        given = [pool.draw(self.dice), pool.draw(self.dice)]
        alone = given[0] == given[1] or self.dice.chance(0.22)
        return Name(tuple(given[:1] if alone else given), (SURNAME_POOL.draw(self.dice), SURNAME_POOL.draw(self.dice)))

    def phone(self) -> str:
        """A mobile number."""
        return self._new(lambda: f"9{self.dice.below(100_000_000):08d}")

    def plate(self) -> str:
        """A letter, two letters or digits, three digits: so dense that neighbours of one character are common."""
        pick = self.dice.pick
        return self._new(lambda: pick(LETTERS) + "".join(pick(LETTERS if self.dice.chance(0.75) else DIGITS)
                                                         for _ in range(2)) + f"{self.dice.below(1000):03d}")

    def relative(self, person: Person) -> Name:
        """A sibling (both surnames), a child or parent, or a cousin; no given name in common."""
        kind = self.dice.weighted(((50, "sibling"), (30, "child"), (20, "cousin")))
        while True:
            other = self.name()
            if not set(other.given) & set(person.name.given):
                break
        father, mother = person.name.surnames
        surnames = {"sibling": (father, mother), "child": (father, other.surnames[1]),
                    "cousin": (other.surnames[0], father)}[kind]
        return replace(other, surnames=surnames)

    def _new(self, draw: Callable[[], str]) -> str:
        while True:
            text = draw()
            if text not in self._given_out:
                self._given_out.add(text)
                return text


# --- dealing cases ----------------------------------------------------------------------------------------

def shuffled(dice: Dice, items: Iterable[int]) -> list[int]:
    """The items in another order."""
    mixed = list(items)
    for place in range(len(mixed) - 1, 0, -1):
        other = dice.below(place + 1)
        mixed[place], mixed[other] = mixed[other], mixed[place]
    return mixed


def deal(dice: Dice, table: Sequence[Rate], group: str, hired: Mapping[int, bool], taken: Iterable[int] = (),
         fits: Callable[[str, int], bool] = lambda case, item: True) -> dict[int, str]:
    """Each case of a group to its share of the items, one at most to each. Exactly its share, so that no seed
    is easier than another; only where too few items fit, fewer."""
    dealt: dict[int, str] = {}
    not_here = set(taken)
    for origin in (True, False):
        pool = [item for item in hired if hired[item] is origin]
        order = shuffled(dice, pool)
        for rate in (rate for rate in table if rate.group == group):
            want = round((rate.hired if origin else rate.never) * len(pool))
            found = (i for i in order if i not in dealt and i not in not_here and fits(rate.case, i))
            dealt.update(dict.fromkeys(list(islice(found, want)), rate.case))
    return dealt


def with_case(dealt: Mapping[int, str], case: str) -> list[int]:
    """The items that got a case, in the order in which they got it."""
    return [item for item, its in dealt.items() if its == case]


# --- who shares what --------------------------------------------------------------------------------------

def share_keys(maker: Maker, people: Sequence[Person], hired: Mapping[int, bool]) -> list[Extra]:
    """Deal the cases of persons and make them true; gives the further drivers that this takes."""
    phones, plates, names, accounts = (deal(maker.dice, rates.OF_PERSONS, group, hired) for group in
                                       ("phone owner", "plate owner", "name owner", "accounts"))
    for dealt in (phones, plates, names, accounts):
        for item, case in dealt.items():
            people[item].cases.append(case)
    extras = _families(maker, people, with_case(phones, "family_phone"), hired)
    extras += _rental_cars(maker, people, with_case(plates, "rental_plate"), hired)
    # After the families: a twin has the name that its double ended up with, and no relative's is taken away.
    twins = with_case(names, "twin_name")
    extras += _twins(maker, people, twins, {i: hired[i] and i not in phones for i in twins})
    for item in with_case(phones, "recycled_phone"):
        extras.append(Extra(replace(maker.person(), phone=people[item].phone, cases=[]), item, earlier=True))
    for item in with_case(plates, "resold_plate"):
        earlier = replace(maker.person(), plate=people[item].plate, car=people[item].car, cases=[])
        extras.append(Extra(earlier, item, earlier=True))
    for item in with_case(accounts, "borrowed_licence"):
        extras.append(Extra(replace(maker.person(), licence=people[item].licence, cases=[]), item))
    return extras


def _families(maker: Maker, people: Sequence[Person], items: list[int], hired: Mapping[int, bool]) -> list[Extra]:
    """A relative under the same phone, who is the next lead's person (if that one drives) or nobody's lead."""
    extras, waiting = [], shuffled(maker.dice, items)
    while waiting:
        item = waiting.pop()
        if waiting and hired[waiting[-1]] and maker.dice.chance(rates.PAIRED):
            other = people[waiting.pop()]
        else:
            other = maker.person()
            extras.append(Extra(other, item))
        other.name, other.phone = maker.relative(people[item]), people[item].phone
        if maker.dice.chance(rates.FAMILY_CAR):
            other.plate, other.car = people[item].plate, people[item].car
    return extras


def _rental_cars(maker: Maker, people: Sequence[Person], items: list[int], hired: Mapping[int, bool]) -> list[Extra]:
    """Cars of 2 to 6 people, of whom some are leads' persons."""
    extras, waiting = [], shuffled(maker.dice, items)
    while waiting:
        item = waiting.pop()
        for _ in range(maker.dice.between(1, 5)):
            if waiting and hired[waiting[-1]] and maker.dice.chance(rates.PAIRED):
                other = people[waiting.pop()]
                other.plate, other.car = people[item].plate, people[item].car
            else:
                mate = replace(maker.person(), plate=people[item].plate, car=people[item].car, cases=[])
                extras.append(Extra(mate, item))
    return extras


def _twins(maker: Maker, people: Sequence[Person], items: list[int], may_pair: Mapping[int, bool]) -> list[Extra]:
    """Somebody else with the same full name."""
    extras, waiting = [], shuffled(maker.dice, items)
    while waiting:
        item = waiting.pop()
        if waiting and may_pair[waiting[-1]] and maker.dice.chance(rates.PAIRED):
            people[waiting.pop()].name = people[item].name
        else:
            extras.append(Extra(replace(maker.person(), name=people[item].name, cases=[]), item))
    return extras


def fillers(maker: Maker, count: int) -> list[Person]:
    """Drivers who have nothing to do with any lead; they share phones and cars among themselves."""
    people: list[Person] = []
    for _ in range(count):
        person = maker.person()
        if people and maker.dice.chance(rates.FILLER_FAMILY):
            person.name, person.phone = maker.relative(people[-1]), people[-1].phone
        if people and maker.dice.chance(rates.FILLER_RENTAL):
            person.plate, person.car = people[-1].plate, people[-1].car
        people.append(person)
    return people
