"""A labelled set of leads and drivers in raw columns, the same for one seed, with every planted difficulty named."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from benchmarks.identity import rates, writing
from benchmarks.identity.people import Extra, Maker, Person, deal, fillers, share_keys, shuffled, with_case
from runner.demo_people import CARS, OTHER_PARKS, TARGET_PARK, Dice

FIRST_LEAD, LEAD_DAYS = date(2025, 11, 3), 230
HIRE_RANGE = (timedelta(days=-90), timedelta(days=30))  # MR3's; only names the case hired_out_of_range


@dataclass(frozen=True, slots=True)
class Lead:
    id: int
    external_id: str | None
    lead_created_at: datetime
    first_name: str | None
    middle_name: str | None
    last_name: str | None
    park_phone: str | None
    asset_plate_number: str | None
    asset_model: str | None


@dataclass(frozen=True, slots=True)
class Driver:
    driver_id: str
    park_id: str | None
    first_name: str | None
    last_name: str | None
    middle_name: str | None
    full_name: str | None
    phone: str | None
    hire_date: date | None
    fire_date: date | None
    car_brand: str | None
    car_model: str | None
    car_number: str | None
    license_number: str | None
    document_number: str | None


@dataclass(frozen=True)
class LabelledSet:
    leads: list[Lead]
    drivers: list[Driver]
    truth: dict[int, frozenset[str]]  # lead id -> every driver that is this person; empty: nobody
    cases: dict[int, tuple[str, ...]]  # lead id -> the difficulties planted in it, and those that came about
    person_of_lead: dict[int, int]
    person_of_driver: dict[str, int]


@dataclass(frozen=True)
class Account:
    """A driver row to be written."""

    person: Person
    hired: date | None
    fired: date | None = None
    second: bool = False


@dataclass(frozen=True)
class Visit:
    """A lead row to be written."""

    place: int  # of its person
    person: Person
    moment: datetime
    again: bool = False


def generate(seed: int, leads: int = 20_000, drivers: int = 50_000) -> LabelledSet:
    """`leads` leads and `drivers` drivers; what is planted is in rates.py."""
    dice = Dice(seed)
    maker = Maker(dice)
    again = round(leads * rates.RE_LEAD)
    people = [maker.person() for _ in range(leads - again)]
    hired = _hired(dice, len(people))
    extras = share_keys(maker, people, hired)
    visits = _visits(dice, people, again)
    origin = {place: hired[visit.place] for place, visit in enumerate(visits)}
    planted = _plant(dice, visits, origin)
    phones, recruiters = _recruiters(maker, planted)
    first = {visit.place: visit.moment.date() for visit in reversed(visits)}
    accounts = _accounts(maker, people, hired, first, [*extras, *recruiters])
    if len(accounts) > drivers:
        raise ValueError(f"{leads} leads need {len(accounts)} drivers, more than {drivers}")
    accounts += [_filler(dice, person) for person in fillers(maker, drivers - len(accounts))]
    rows, troubles = _driver_rows(dice, accounts)
    written = [_lead_row(maker, number, visit, planted[place], phones.get(place))
               for number, (place, visit) in enumerate(enumerate(visits), 1)]
    return _labelled(written, visits, planted, accounts, rows, troubles)


def _hired(dice: Dice, count: int) -> dict[int, bool]:
    """Which persons became drivers."""
    never = set(shuffled(dice, range(count))[:round(count * rates.NEVER_DRIVER)])
    return {place: place not in never for place in range(count)}


def _visits(dice: Dice, people: Sequence[Person], again: int) -> list[Visit]:
    """When each person came as a lead, and who came again; by date, as ids are given."""
    visits = [Visit(place, person, dice.moment(FIRST_LEAD + timedelta(days=dice.below(LEAD_DAYS))))
              for place, person in enumerate(people)]
    for place in shuffled(dice, range(len(people)))[:again]:
        later = visits[place].moment + timedelta(days=dice.weighted(((3, 0), (7, 1))) * dice.between(1, 120), minutes=5)
        visits.append(Visit(place, people[place], later, again=True))
    return sorted(visits, key=lambda visit: (visit.moment, visit.place))


# --- leads ------------------------------------------------------------------------------------------------

def _plant(dice: Dice, visits: Sequence[Visit], origin: Mapping[int, bool]) -> list[dict[str, str]]:
    """The cases of each lead by group."""
    def fits(case: str, place: int) -> bool:
        person = visits[place].person
        if case == "plate_lookalike":
            return bool(set(person.plate) & writing.LOOKALIKES.keys())
        return case not in writing.NEEDS or writing.NEEDS[case](person.name)

    planted: list[dict[str, str]] = [{} for _ in visits]
    keyless = deal(dice, rates.OF_LEADS, "keys", origin)
    for group, taken in (("keys", ()), ("phone", keyless), ("plate", keyless), ("name", ())):
        dealt = keyless if group == "keys" else deal(dice, rates.OF_LEADS, group, origin, taken, fits)
        for place, case in dealt.items():
            planted[place][group] = case
    return planted


def _recruiters(maker: Maker, planted: Sequence[Mapping[str, str]]) -> tuple[dict[int, str], list[Extra]]:
    """The phones that recruiters put on leads, thirty leads each, and the recruiters who drive."""
    places = {place: its["phone"] for place, its in enumerate(planted) if "phone" in its}
    phones, driving = {}, []
    for turn, place in enumerate(shuffled(maker.dice, with_case(places, "recruiter_phone"))):
        if turn % rates.RECRUITED == 0:
            recruiter = maker.person()
            if maker.dice.chance(rates.RECRUITER_DRIVES):
                driving.append(Extra(recruiter, 0, earlier=True))
        phones[place] = recruiter.phone
    return phones, driving


def _lead_row(maker: Maker, number: int, visit: Visit, planted: Mapping[str, str], recruiter: str | None) -> Lead:
    """The lead as the file has it."""
    dice, person = maker.dice, visit.person
    case = planted.get("name", "")
    name = writing.NAME_CHANGES[case](dice, person.name) if case in writing.NAME_CHANGES else person.name
    first, middle, last = writing.written_parts(dice, name, case == "broken_letters")
    model = None if dice.chance(rates.MODEL_MISSING) else " ".join(
        dice.pick(CARS) if planted.get("plate") == "plate_other" or dice.chance(rates.MODEL_OTHER) else person.car)
    return Lead(number, dice.hex32(), visit.moment, first, middle, last,
                _lead_phone(maker, person.phone, planted, recruiter), _lead_plate(maker, person.plate, planted), model)


def _lead_phone(maker: Maker, digits: str, planted: Mapping[str, str], recruiter: str | None) -> str | None:
    dice, case = maker.dice, planted.get("phone")
    if case == "phone_missing" or "keys" in planted:
        return dice.pick(writing.BLANK)
    if case == "phone_junk":
        return dice.pick(writing.JUNK_PHONES)
    if case == "phone_other":
        digits = maker.phone()
    if case == "phone_digit_wrong":
        digits = writing.slip_wrong(dice, digits)
    if case == "phone_digits_swapped":
        digits = writing.slip_swap(dice, digits)
    return writing.written_phone(dice, recruiter or digits, case)


def _lead_plate(maker: Maker, plate: str, planted: Mapping[str, str]) -> str | None:
    dice, case = maker.dice, planted.get("plate")
    if case == "plate_missing" or "keys" in planted:
        return dice.pick(writing.BLANK)
    if case == "plate_junk":
        return dice.pick(writing.JUNK_PLATES)
    if case == "plate_other":
        plate = maker.plate()
    slips = {"plate_char_wrong": writing.slip_wrong, "plate_chars_swapped": writing.slip_swap,
             "plate_lookalike": writing.slip_lookalike}
    if case in slips:
        plate = slips[case](dice, plate)
    return writing.written_plate(dice, plate, case == "plate_spelling")


# --- drivers ----------------------------------------------------------------------------------------------

def _accounts(maker: Maker, people: Sequence[Person], hired: Mapping[int, bool], first: Mapping[int, date],
              extras: Sequence[Extra]) -> list[Account]:
    """The driver rows of leads' persons and of those who stand beside them."""
    dice = maker.dice
    accounts = []
    for place, person in enumerate(people):
        if hired[place]:
            day = _hire_date(dice, first[place])
            accounts.append(Account(person, day))
            if "two_parks" in person.cases:
                accounts.append(_second_account(maker, person, day or first[place]))
    for extra in extras:
        near = first[extra.beside]
        if extra.earlier:
            start = near - timedelta(days=dice.between(200, 1500))
            end = start + timedelta(days=dice.between(10, 190)) if dice.chance(rates.RESOLD_FIRED) else None
            accounts.append(Account(extra.person, start, end))
        else:
            accounts.append(Account(extra.person, _hire_date(dice, near + timedelta(days=dice.between(-400, 60)))))
    return accounts


def _hire_date(dice: Dice, lead_day: date) -> date | None:
    """When the driver of a lead of that day was hired."""
    if dice.chance(rates.HIRE_DATE_NULL / (rates.HIRE_DATE_NULL + sum(w for w, _, _ in rates.HIRED_AFTER_LEAD))):
        return None
    low, high = dice.weighted([(weight, (low, high)) for weight, low, high in rates.HIRED_AFTER_LEAD])
    return lead_day + timedelta(days=dice.between(low, high))


def _second_account(maker: Maker, person: Person, day: date) -> Account:
    """The same person's account in another park, perhaps with another phone or car."""
    dice = maker.dice
    phone = person.phone if dice.chance(rates.SECOND_PARK_SAME_PHONE) else maker.phone()
    plate = person.plate if dice.chance(rates.SECOND_PARK_SAME_PLATE) else maker.plate()
    hired = day + timedelta(days=dice.between(-200, 120))
    return Account(replace(person, phone=phone, plate=plate), hired, second=True)


def _filler(dice: Dice, person: Person) -> Account:
    """A driver hired at any time, some fired since."""
    start = FIRST_LEAD + timedelta(days=LEAD_DAYS - dice.below(rates.FILLER_HIRED))
    fired = start + timedelta(days=dice.between(5, 600)) if dice.chance(rates.FILLER_FIRED) else None
    return Account(person, start, fired)


def _driver_rows(dice: Dice, accounts: Sequence[Account]) -> tuple[list[Driver], list[list[str]]]:
    """Every account as the fleet master has it, and what is wrong with each row."""
    everyone = dict.fromkeys(range(len(accounts)), True)

    def fits(case: str, place: int) -> bool:  # only letters that are there can break
        return case != "driver_broken_letters" or writing.has_accent(accounts[place].person.name)

    dealt = {group: deal(dice, rates.OF_DRIVERS, group, everyone, (), fits)
             for group in ("phone", "plate", "name", "park")}
    rows: list[Driver] = []
    troubles: list[list[str]] = []
    park: str | None = None
    for place, account in enumerate(accounts):
        its = {group: cases[place] for group, cases in dealt.items() if place in cases}
        if account.second:  # stands right after the person's first account
            its["park"] = "no_park" if its.get("park") == "no_park" else "other_park"
            park = OTHER_PARKS[1] if park == OTHER_PARKS[0] else OTHER_PARKS[0]
            park = None if its["park"] == "no_park" else park
        else:
            park = {"no_park": None, "other_park": dice.pick(OTHER_PARKS)}.get(its.get("park", ""), TARGET_PARK)
        rows.append(_driver_row(dice, account, park, its))
        troubles.append(list(its.values()))
    return rows, troubles


def _driver_row(dice: Dice, account: Account, park: str | None, its: Mapping[str, str]) -> Driver:
    person, case = account.person, its.get("name", "").removeprefix("driver_")
    name = writing.NAME_CHANGES[case](dice, person.name) if case in writing.NAME_CHANGES else person.name
    first, middle, last = writing.written_parts(dice, name, case == "broken_letters")
    order = (first, middle, last) if dice.chance(0.5) else (last, first, middle)
    phone_case = its.get("phone", "").removeprefix("driver_")
    phone: str | None = writing.written_phone(dice, person.phone, phone_case)
    plate: str | None = writing.written_plate(dice, person.plate, its.get("plate") == "driver_plate_spelling")
    if phone_case in ("phone_missing", "phone_junk"):
        phone = None if phone_case == "phone_missing" else dice.pick(writing.JUNK_PHONES)
    if its.get("plate") in ("driver_plate_missing", "driver_plate_junk"):
        plate = None if its["plate"] == "driver_plate_missing" else dice.pick(writing.JUNK_PLATES)
    licence = None if dice.chance(rates.LICENCE_MISSING) else person.licence
    return Driver(dice.hex32(), park, first, last, middle, " ".join(part for part in order if part), phone,
                  account.hired, account.fired, *person.car, plate, licence, person.document)


# --- labels -----------------------------------------------------------------------------------------------

def _labelled(leads: list[Lead], visits: Sequence[Visit], planted: Sequence[Mapping[str, str]],
              accounts: Sequence[Account], rows: Sequence[Driver], troubles: Sequence[list[str]]) -> LabelledSet:
    """The rows with their truth; drivers in the order of their ids, which says nothing."""
    own: dict[int, list[int]] = defaultdict(list)
    bearers: dict[tuple[str, ...], set[int]] = defaultdict(set)
    for place, account in enumerate(accounts):
        own[account.person.number].append(place)
        bearers[_words(account.person)].add(account.person.number)
    truth, cases = {}, {}
    for lead, visit, its in zip(leads, visits, planted, strict=True):
        person = visit.person
        places = own.get(person.number, [])
        truth[lead.id] = frozenset(rows[place].driver_id for place in places)
        everywhere = [case for p in places[:1] for case in troubles[p] if all(case in troubles[q] for q in places)]
        derived = {"never_driver": not places, "re_lead": visit.again,
                   "homonym": "twin_name" not in person.cases and bool(bearers[_words(person)] - {person.number}),
                   "hired_out_of_range": bool(places) and all(_out_of_range(rows[p], visit) for p in places)}
        cases[lead.id] = (*person.cases, *its.values(), *everywhere, *(case for case, so in derived.items() if so))
    return LabelledSet(leads, sorted(rows, key=lambda row: row.driver_id), truth, cases,
                       {lead.id: visit.person.number for lead, visit in zip(leads, visits, strict=True)},
                       {row.driver_id: account.person.number for row, account in zip(rows, accounts, strict=True)})


def _words(person: Person) -> tuple[str, ...]:
    return tuple(sorted(writing.fold(person.name.full).split()))


def _out_of_range(row: Driver, visit: Visit) -> bool:
    if row.hire_date is None:
        return False
    low, high = HIRE_RANGE
    return not low <= row.hire_date - visit.moment.date() <= high
