"""Draws small, nasty raw worlds, alone or night after night, and puts many of them into one database.

Few distinct ids, so that things collide; days, counts, times and texts crowd around the rules' boundaries.
What the tables' own constraints forbid is never drawn: external_id is unique where not null, links are unique
per source row, claims per person, lead date and milestone; statuses move only as D-4 allows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from itertools import chain
from typing import Any, TypeVar
from uuid import UUID

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from tests.oracle import (
    BLANKS,
    DRIVERS_TABLE,
    LEADS_TABLE,
    PRICES,
    Claim,
    Lead,
    Link,
    Person,
    TripRow,
    World,
    is_blank,
    raise_claims,
    source_keys,
)

Drawn = TypeVar("Drawn")
Key = TypeVar("Key")
Change = Callable[[DrawFn, World], World]

LIMA = timezone(timedelta(hours=-5))
LEAD_IDS = range(1, 9)
PERSONS = tuple(Person(UUID(int=number)) for number in range(1, 5))
DRIVERS = ("d1", "d2", "D2", "3", "d5")  # one differs by case only, one looks like a lead id
STRANGER = "d9"  # has trips, is nobody's driver

LEAD_DAYS = (-14, -13, -15, -1, 0, -27, -28, -40, 1)  # from as-of: the window's edges, today, tomorrow
DAYS_APART = (13, 1, 14, -13, -14, 7)  # between the leads of a world: windows that overlap or touch
LEAD_TIMES = (time(8), time(0), time(8, 0, 0, 1), time(23, 59, 59, 999999))
# Days from a lead date to a trip day: first, last, one before, one after, and in between.
TRIP_DAYS = (0, 13, 14, -1, 5)
TOTALS = (1, 5, 25, 4, 24, 0)
COUNTS = (1, 0, 4, 5, 20, 25, None, -1, 2**31 - 1)  # the last: sums must not overflow an integer
FIRST_LOAD = datetime(2026, 1, 5, 3)
LOADS = (None, FIRST_LOAD, datetime(2026, 1, 6, 3), datetime(2026, 1, 6, 3, 0, 0, 1))
MOSTLY = (True, True, True, True, True, False)
PADS = ("", " ", "\t", " \r\n")

EXTERNAL_IDS = (
    *(None, "a", "A", " a", "a ", "", " ", "\t \r\n", "\u00a0", "\x0b"),
    *(str(lead_id) for lead_id in LEAD_IDS),
    *(f"id:{lead_id}" for lead_id in LEAD_IDS),
    *("ID:2", " id:2", " 3", "03", "id:", "{trips}", "\\1&%s'\"", "ñandú", "0f" * 16),
)
NAMES = (None, "Ana", "", " \t", " Rosa\n", "de  la", "\u00a0", "ÑU")
PHONES = (None, "900000001", "", "+51 900.000.001")
PLATES = (None, "abc-123", "", " ABC123 ")
BAD_DAYS = (
    *(None, "", " \t", "31-02-2026", "2026-02-31", "29-02-2025", "00-01-2026", "01-13-2026", "01-01-0000"),
    *("0000-01-01", "1-1-2026", "2026-1-1", "01/01/2026", "01-01-26", "20260101", "01-01-2026 00:00", "hoy"),
    *("01-01-2026x", "-01-01-2026", "2026-01-01-01", "01-01-2026\u00a0", "٠١-٠١-٢٠٢٦", "01-01-12026"),
)
# The second is the same instant as the first, told in another zone.
LINK_TIMES = (
    datetime(2026, 1, 3, 5, tzinfo=UTC),
    datetime(2026, 1, 3, 0, tzinfo=LIMA),
    datetime(2026, 1, 2, 23, tzinfo=LIMA),
    datetime(2026, 1, 3, 5, 0, 0, 1, tzinfo=UTC),
)
OTHER_TABLES = ("module_ct_scouting_daily", "module_ct_migrations")
WRONG_AMOUNTS = (Decimal("0.01"), Decimal("35.00"), Decimal("25.01"), Decimal("160.00"))
STATUSES = ("expected", "generated", "paid", "rejected", "expired")
LAWFUL_MOVES = {"expected": ("generated",), "generated": ("paid", "rejected", "expired")}  # D-4
RAISED_AT = datetime(2026, 1, 20, 7, 30, tzinfo=UTC)


# Worlds


def sample(strategy: SearchStrategy[Drawn], count: int, seed_number: int = 0) -> list[Drawn]:
    """The same draws every time: for those who want a batch of worlds and not one at a time.

    As many again are drawn first and thrown away: hypothesis begins with the simplest, and those teach little.
    """
    drawn: list[Drawn] = []

    @seed(seed_number)
    @settings(
        max_examples=2 * count,
        phases=[Phase.generate],
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def collect(value: Drawn) -> None:
        drawn.append(value)

    collect()
    return drawn[-count:]


@st.composite
def worlds(draw: DrawFn, as_of: date, repeated_external_ids: bool = False) -> World:
    """One world. `repeated_external_ids` draws what is possible only where the unique index is missing."""
    leads = _draw_leads(draw, as_of, repeated_external_ids)
    persons = PERSONS[: draw(st.sampled_from((2, 1, 1, 3, 2, 4, 1, 0)))]
    drivers = DRIVERS[: draw(st.sampled_from((2, 3, 4, 5, 1, 0)))]
    links = _draw_links(draw, leads, persons, drivers)
    trips = _draw_trips(draw, as_of, leads, links)
    claims = _draw_claims(draw, as_of, leads, persons, links)
    return World(as_of, leads, trips, links, persons, claims)


def _draw_leads(draw: DrawFn, as_of: date, repeated_external_ids: bool) -> tuple[Lead, ...]:
    ids = draw(st.lists(st.sampled_from(LEAD_IDS), max_size=6, unique=True))
    first = as_of + timedelta(days=draw(st.sampled_from(LEAD_DAYS)))
    apart = [0, draw(st.sampled_from(DAYS_APART)), draw(st.sampled_from((0, *DAYS_APART)))]
    leads: list[Lead] = []
    for lead_id in ids:
        taken = set() if repeated_external_ids else {lead.external_id for lead in leads}
        leads.append(_draw_lead(draw, lead_id, [first + timedelta(days=day) for day in apart], taken))
    return tuple(leads)


def _draw_lead(draw: DrawFn, lead_id: int, days: Sequence[date], taken: set[str | None]) -> Lead:
    external_id = draw(st.sampled_from(EXTERNAL_IDS))
    day = draw(st.sampled_from((*days, *days, None)))
    return Lead(
        id=lead_id,
        external_id=None if external_id in taken else external_id,
        lead_created_at=datetime.combine(day, draw(st.sampled_from(LEAD_TIMES))) if day else None,
        first_name=draw(st.sampled_from(NAMES)),
        middle_name=draw(st.sampled_from(NAMES)),
        last_name=draw(st.sampled_from(NAMES)),
        park_phone=draw(st.sampled_from(PHONES)),
        asset_plate_number=draw(st.sampled_from(PLATES)),
    )


def _draw_links(
    draw: DrawFn, leads: Sequence[Lead], persons: Sequence[Person], drivers: Sequence[str]
) -> tuple[Link, ...]:
    """Links by the key that each lead has, of drivers, and stale or foreign ones; unique per source row."""
    if not persons:
        return ()
    keys = list(source_keys(leads).values())
    wanted = [(LEADS_TABLE, key) for key in keys if draw(st.sampled_from(MOSTLY))]
    wanted += [(DRIVERS_TABLE, driver) for driver in drivers if draw(st.sampled_from(MOSTLY))]
    wanted += draw(st.lists(_other_source_rows(leads), max_size=3))
    source_rows = list(dict.fromkeys(wanted))
    ids = draw(st.permutations(range(1, len(source_rows) + 1)))
    return tuple(
        Link(link_id, draw(st.sampled_from(persons)).person_key, table, source_pk, _draw_link_time(draw))
        for link_id, (table, source_pk) in zip(ids, source_rows, strict=True)
    )


def _other_source_rows(leads: Iterable[Lead]) -> SearchStrategy[tuple[str, str]]:
    """Keys that a lead once had or might have had, and rows of other tables: none of them is its link."""
    texts = ["", "99", *DRIVERS]
    for lead in leads:
        texts += [
            str(lead.id),
            f"id:{lead.id}",
            lead.external_id or " ",
            (lead.external_id or "").strip(BLANKS),
        ]
    return st.tuples(st.sampled_from((LEADS_TABLE, *OTHER_TABLES)), st.sampled_from(texts))


def _draw_link_time(draw: DrawFn) -> datetime:
    return draw(st.sampled_from(LINK_TIMES))


def _lead_days(leads: Iterable[Lead], as_of: date) -> list[date]:
    return sorted({lead.lead_created_at.date() for lead in leads if lead.lead_created_at}) or [as_of]


def _draw_trips(
    draw: DrawFn, as_of: date, leads: Sequence[Lead], links: Sequence[Link]
) -> tuple[TripRow, ...]:
    """Windows filled to totals on the boundaries, then rows that disturb them, shuffled."""
    rows: list[TripRow] = []
    for driver, lead_date in _windows(leads, links):
        if draw(st.sampled_from(MOSTLY)):
            rows += _draw_window(draw, driver, lead_date)
    lead_days = _lead_days(leads, as_of)
    rows += [_draw_trip(draw, as_of, lead_days) for _ in range(draw(st.integers(0, 5)))]
    if rows:
        rows += [_draw_reload(draw, draw(st.sampled_from(rows))) for _ in range(draw(st.integers(0, 3)))]
    return tuple(draw(st.permutations(rows)))


def _people(links: Iterable[Link]) -> dict[str, UUID]:
    return {link.source_pk: link.person_key for link in links if link.source_table == LEADS_TABLE}


def _windows(leads: Sequence[Lead], links: Sequence[Link]) -> list[tuple[str, date]]:
    """Each driver of a lead's person with that lead's date: where trips can matter."""
    keys, people = source_keys(leads), _people(links)
    windows = (
        (link.source_pk, lead.lead_created_at.date())
        for lead in leads
        for link in links
        if lead.lead_created_at
        and link.source_table == DRIVERS_TABLE
        and link.person_key == people.get(keys[lead.id])
    )
    return list(dict.fromkeys(windows))


def _draw_window(draw: DrawFn, driver: str, lead_date: date) -> list[TripRow]:
    """A window that holds exactly one of TOTALS, with trips just outside it."""
    total = draw(st.sampled_from(TOTALS))
    first = draw(st.integers(0, total))
    inside = draw(st.lists(st.sampled_from((0, 13, 12, 1)), min_size=2, max_size=2))
    outside = draw(st.lists(st.sampled_from((14, -1)), max_size=2))
    load = draw(st.sampled_from(LOADS))
    counts = [*zip(inside, (first, total - first), strict=True), *((day, 24) for day in outside)]
    return [
        TripRow(driver, _draw_day_text(draw, lead_date + timedelta(days=day)), count, 3600, load)
        for day, count in counts
    ]


def _draw_trip(draw: DrawFn, as_of: date, lead_days: Sequence[date]) -> TripRow:
    near_leads = [lead_date + timedelta(days=day) for lead_date in lead_days for day in TRIP_DAYS]
    day = draw(st.sampled_from((*near_leads, as_of, as_of + timedelta(days=1), date(9999, 12, 31), None)))
    driver = draw(st.sampled_from((*DRIVERS, STRANGER, None, "", " \t")))
    return TripRow(
        driver_id=driver if driver is None else _draw_padded(draw, driver),
        date_file=_draw_day_text(draw, day) if day else draw(st.sampled_from(BAD_DAYS)),
        count_orders_completed=draw(st.sampled_from(COUNTS)),
        sum_work_time_seconds=draw(st.sampled_from((None, 0, 3600))),
        created_at=draw(st.sampled_from(LOADS)),
    )


def _draw_day_text(draw: DrawFn, day: date) -> str:
    form = draw(st.sampled_from(("{0:%d-%m}-{0.year:04d}", "{0.year:04d}-{0:%m-%d}")))
    return _draw_padded(draw, form.format(day))


def _draw_padded(draw: DrawFn, text: str) -> str:
    if draw(st.sampled_from((False, False, True))):
        return draw(st.sampled_from(PADS)) + text + draw(st.sampled_from(PADS))
    return text


def _draw_reload(draw: DrawFn, row: TripRow) -> TripRow:
    """The same driver and day again: in the same load, an older, a later one, or one with a row to reject."""
    later = (row.created_at or FIRST_LOAD) + timedelta(days=1)
    created_at = draw(st.sampled_from((later, row.created_at, None)))
    return replace(row, count_orders_completed=draw(st.sampled_from(COUNTS)), created_at=created_at)


def _draw_claims(
    draw: DrawFn, as_of: date, leads: Sequence[Lead], persons: Sequence[Person], links: Iterable[Link]
) -> tuple[Claim, ...]:
    """Claims of linked leads, and claims that no lead has; unique per person, lead date and milestone."""
    if not persons:
        return ()
    keys = source_keys(leads)
    people = _people(links)
    wanted: dict[tuple[UUID, date, int], str] = {}
    for lead in leads:
        if lead.lead_created_at and keys[lead.id] in people:
            for milestone in PRICES:
                if draw(st.booleans()):
                    key = (people[keys[lead.id]], lead.lead_created_at.date(), milestone)
                    wanted.setdefault(key, keys[lead.id])
    for _ in range(draw(st.integers(0, 2))):
        wanted.setdefault(_draw_claim_key(draw, as_of, leads, persons), "gone")
    ids = draw(st.permutations(range(1, len(wanted) + 1)))
    return tuple(
        _draw_claim(draw, claim_id, key, source_pk, STATUSES)
        for claim_id, (key, source_pk) in zip(ids, wanted.items(), strict=True)
    )


def _draw_claim_key(
    draw: DrawFn, as_of: date, leads: Iterable[Lead], persons: Sequence[Person]
) -> tuple[UUID, date, int]:
    day = draw(st.sampled_from(_lead_days(leads, as_of))) + timedelta(days=draw(st.sampled_from((0, 1))))
    return draw(st.sampled_from(persons)).person_key, day, draw(st.sampled_from(tuple(PRICES)))


def _draw_claim(
    draw: DrawFn, claim_id: int, key: tuple[UUID, date, int], source_pk: str, statuses: Sequence[str]
) -> Claim:
    person_key, lead_date, milestone = key
    price = PRICES[milestone]
    claim = Claim(
        claim_id=claim_id,
        person_key=person_key,
        driver_id=draw(st.sampled_from((*DRIVERS, None))),
        lead_source_pk=source_pk,
        lead_date=lead_date,
        milestone=milestone,
        amount_expected=draw(st.sampled_from((*[price] * 9, *WRONG_AMOUNTS))),
        status="expected",
    )
    return _with_status(claim, draw(st.sampled_from(statuses)))


def _with_status(claim: Claim, status: str) -> Claim:
    """The row with the times that its status asks for."""
    return replace(
        claim,
        status=status,
        generated_at=None if status == "expected" else claim.generated_at or RAISED_AT,
        paid_at=RAISED_AT + timedelta(days=20) if status == "paid" else None,
    )


# Nights


def as_of_runs(first: date) -> SearchStrategy[list[date]]:
    """As-of dates of a first night and 2 to 5 more: mostly forward, at times the same day, rarely back."""
    steps = st.sampled_from((1, 1, 1, 1, 1, 2, 13, 14, 0, 0, -1))

    def walk(days: list[int]) -> list[date]:
        return [first + timedelta(days=sum(days[:night])) for night in range(len(days) + 1)]

    return st.lists(steps, min_size=2, max_size=5).map(walk)


@st.composite
def nights(draw: DrawFn, as_ofs: Sequence[date], repeated_external_ids: bool = False) -> list[World]:
    """The whole world on each night. as_ofs is a parameter, so that the sequences of a batch share them."""
    found = [draw(worlds(as_ofs[0], repeated_external_ids))]
    for as_of in as_ofs[1:]:
        world = replace(found[-1], as_of=as_of)
        for change in draw(st.lists(st.sampled_from(CHANGES), max_size=4).filter(_one_status_change)):
            world = change(draw, world)
        found.append(world)
    return found


def _one_status_change(changes: Sequence[Change]) -> bool:
    """No claim takes two steps of its life in one night: the database only sees the night's end."""
    return sum(change in (_claims_job, _moved_claim) for change in changes) <= 1


def _next_id(ids: Iterable[int]) -> int:
    return max(ids, default=0) + 1


def _swapped(rows: tuple[Drawn, ...], old: Drawn, *new: Drawn) -> tuple[Drawn, ...]:
    """The rows with one of them replaced, or taken out."""
    place = next(place for place, row in enumerate(rows) if row is old)
    return (*rows[:place], *new, *rows[place + 1 :])


def _new_lead(draw: DrawFn, world: World) -> World:
    lead_id = _next_id(lead.id for lead in world.leads)
    days = [world.as_of + timedelta(days=day) for day in (0, -2, -13, 1)] + _lead_days(
        world.leads, world.as_of
    )
    lead = _draw_lead(draw, lead_id, days, {lead.external_id for lead in world.leads})
    return replace(world, leads=(*world.leads, lead))


def _edited_lead(draw: DrawFn, world: World) -> World:
    """The source corrects a lead: its texts mostly, at times its date or its external_id."""
    if not world.leads:
        return world
    lead = draw(st.sampled_from(world.leads))
    others = {other.external_id for other in world.leads if other is not lead}
    fresh = _draw_lead(draw, lead.id, _lead_days(world.leads, world.as_of), others)
    columns = (
        "first_name",
        "last_name",
        "park_phone",
        "asset_plate_number",
        "lead_created_at",
        "external_id",
    )
    column = draw(st.sampled_from(columns))
    return replace(
        world, leads=_swapped(world.leads, lead, replace(lead, **{column: getattr(fresh, column)}))
    )


def _deleted_lead(draw: DrawFn, world: World) -> World:
    if not world.leads:
        return world
    return replace(world, leads=_swapped(world.leads, draw(st.sampled_from(world.leads))))


def _late_trips(draw: DrawFn, world: World) -> World:
    lead_days = _lead_days(world.leads, world.as_of)
    aimed = draw(st.booleans())
    if aimed:
        rows = _draw_window(draw, draw(st.sampled_from(DRIVERS)), draw(st.sampled_from(lead_days)))
    else:
        rows = [_draw_trip(draw, world.as_of, lead_days)]
    return replace(world, trips=(*world.trips, *rows))


def _new_load(draw: DrawFn, world: World) -> World:
    """A day, however old, comes again."""
    if not world.trips:
        return world
    return replace(world, trips=(*world.trips, _draw_reload(draw, draw(st.sampled_from(world.trips)))))


def _edited_trip(draw: DrawFn, world: World) -> World:
    if not world.trips:
        return world
    row = draw(st.sampled_from(world.trips))
    fresh = _draw_trip(draw, world.as_of, _lead_days(world.leads, world.as_of))
    column = draw(st.sampled_from(("count_orders_completed", "date_file", "driver_id", "created_at")))
    return replace(world, trips=_swapped(world.trips, row, replace(row, **{column: getattr(fresh, column)})))


def _deleted_trip(draw: DrawFn, world: World) -> World:
    if not world.trips:
        return world
    return replace(world, trips=_swapped(world.trips, draw(st.sampled_from(world.trips))))


def _new_link(draw: DrawFn, world: World) -> World:
    """A lead or a driver that has no link yet gets one, also to a new person."""
    linked = {(link.source_table, link.source_pk) for link in world.links}
    rows = [(LEADS_TABLE, key) for key in source_keys(world.leads).values()]
    unlinked = [row for row in [*rows, *((DRIVERS_TABLE, driver) for driver in DRIVERS)] if row not in linked]
    if not unlinked:
        return world
    person = draw(st.sampled_from(PERSONS))
    link_id = _next_id(link.id for link in world.links)
    table, source_pk = draw(st.sampled_from(unlinked))
    link = Link(link_id, person.person_key, table, source_pk, _draw_link_time(draw))
    persons = tuple(dict.fromkeys((*world.persons, person)))
    return replace(world, links=(*world.links, link), persons=persons)


def _moved_link(draw: DrawFn, world: World) -> World:
    """By hand, with or without a new linked_at."""
    if not world.links:
        return world
    link = draw(st.sampled_from(world.links))
    linked_at = draw(st.sampled_from((link.linked_at, *LINK_TIMES)))
    moved = replace(link, person_key=draw(st.sampled_from(world.persons)).person_key, linked_at=linked_at)
    return replace(world, links=_swapped(world.links, link, moved))


def _deleted_link(draw: DrawFn, world: World) -> World:
    if not world.links:
        return world
    return replace(world, links=_swapped(world.links, draw(st.sampled_from(world.links))))


def after_claims_job(world: World) -> World:
    """What `reconcile claims` leaves behind."""
    raised = raise_claims(world)
    kept = [
        _with_status(claim, "generated") if claim.claim_id in raised.advance else claim
        for claim in world.claims
    ]
    first_id = _next_id(claim.claim_id for claim in world.claims)
    added = [
        Claim(first_id + place, **vars(claim), generated_at=RAISED_AT)
        for place, claim in enumerate(raised.insert)
    ]
    return replace(world, claims=(*kept, *added))


def _claims_job(_: DrawFn, world: World) -> World:
    return after_claims_job(world)


def _new_claim(draw: DrawFn, world: World) -> World:
    """By hand, in a status that a row may begin with."""
    if not world.persons:
        return world
    key = _draw_claim_key(draw, world.as_of, world.leads, world.persons)
    if key in {(claim.person_key, claim.lead_date, claim.milestone) for claim in world.claims}:
        return world
    claim_id = _next_id(claim.claim_id for claim in world.claims)
    claim = _draw_claim(draw, claim_id, key, "by hand", ("generated", "expected"))
    return replace(world, claims=(*world.claims, claim))


def _moved_claim(draw: DrawFn, world: World) -> World:
    """D-4: only the lawful transitions."""
    movable = [claim for claim in world.claims if claim.status in LAWFUL_MOVES]
    if not movable:
        return world
    claim = draw(st.sampled_from(movable))
    moved = _with_status(claim, draw(st.sampled_from(LAWFUL_MOVES[claim.status])))
    return replace(world, claims=_swapped(world.claims, claim, moved))


CHANGES: tuple[Change, ...] = (
    *(_new_lead, _edited_lead, _deleted_lead),
    *(_late_trips, _late_trips, _new_load, _new_load, _edited_trip, _deleted_trip),
    *(_new_link, _new_link, _moved_link, _deleted_link),
    *(_claims_job, _new_claim, _moved_claim, _moved_claim),
)


# Many worlds in one database

ROOM = 1000  # ids from 0 to 999 belong to a world; world n has those from n * ROOM


def combine(worlds_: Sequence[World]) -> World:
    """One world holding all of them, none touching another. The oracle is simply asked about the result."""
    moved = [place(world, index) for index, world in enumerate(worlds_)]
    (as_of,) = {world.as_of for world in worlds_}
    return World(
        as_of=as_of,
        leads=tuple(chain.from_iterable(world.leads for world in moved)),
        trips=tuple(chain.from_iterable(world.trips for world in moved)),
        links=tuple(chain.from_iterable(world.links for world in moved)),
        persons=tuple(chain.from_iterable(world.persons for world in moved)),
        claims=tuple(chain.from_iterable(world.claims for world in moved)),
    )


def home(grain: Any) -> int:
    """Which world a lead id, a claim id, or a key that begins with one came from."""
    first: int = grain[0] if isinstance(grain, tuple) else grain
    return first // ROOM


def split(rows: Mapping[Key, Drawn], count: int) -> list[dict[Key, Drawn]]:
    """The rows of a combined world, world by world, keys as the database has them."""
    parts: list[dict[Key, Drawn]] = [{} for _ in range(count)]
    for grain, row in rows.items():
        parts[home(grain)][grain] = row
    return parts


def place(world: World, index: int) -> World:
    """The world as it stands at its place in a combined one; the same place every night."""
    return World(
        as_of=world.as_of,
        leads=tuple(
            replace(
                lead,
                id=place_id(lead.id, index),
                external_id=_place_external_id(lead, index),
            )
            for lead in world.leads
        ),
        trips=tuple(replace(row, driver_id=_place_driver(row.driver_id, index)) for row in world.trips),
        links=tuple(
            replace(
                link,
                id=place_id(link.id, index),
                person_key=place_person(link.person_key, index),
                source_pk=place_text(link.source_pk, index, place_id(link.id, index)),
            )
            for link in world.links
        ),
        persons=tuple(Person(place_person(person.person_key, index)) for person in world.persons),
        claims=tuple(
            replace(
                claim,
                claim_id=place_id(claim.claim_id, index),
                person_key=claim.person_key and place_person(claim.person_key, index),
                driver_id=_place_driver(claim.driver_id, index),
                lead_source_pk=place_text(claim.lead_source_pk, index, place_id(claim.claim_id, index)),
            )
            for claim in world.claims
        ),
    )


def place_id(number: int, index: int) -> int:
    if not 0 <= number < ROOM:
        raise ValueError(f"id {number} does not fit into a world's {ROOM}")
    return number + index * ROOM


def place_person(person_key: UUID, index: int) -> UUID:
    return UUID(int=person_key.int + (index << 64))


def _place_external_id(lead: Lead, index: int) -> str | None:
    if lead.external_id is None:
        return None
    return place_text(lead.external_id, index, place_id(lead.id, index))


def place_text(text: str, index: int, number: int) -> str:
    """A key or external_id moved so that it collides with exactly what it collided with before.

    What reads as a lead's id, also after `id:`, moves with that id. What is blank stays blank, but spelt by
    `number`, since the unique index counts blank texts too; the first world keeps its ''. Padding stays.
    """
    if text == "" and index == 0:
        return text
    core = text.strip(BLANKS)
    if not core:
        return _blank(number)
    start = text.index(core)
    return text[:start] + _place_core(core, index) + text[start + len(core) :]


def _place_core(core: str, index: int) -> str:
    prefix, rest = (core[:3], core[3:]) if core[:3].lower() == "id:" else ("", core)
    if re.fullmatch("0|[1-9][0-9]{0,2}", rest):
        return f"{prefix}{place_id(int(rest), index)}"
    if rest.isspace():  # a no-break space and its like must not gain a visible character
        return prefix + rest + _blank(index + 1) + rest
    return f"{prefix}w{index}~{rest}"


def _place_driver(driver_id: str | None, index: int) -> str | None:
    return driver_id if driver_id is None or is_blank(driver_id) else place_text(driver_id, index, index)


def _blank(number: int) -> str:
    """A text of blank characters, another one for each number from 1 on."""
    text = ""
    while number:
        number, digit = divmod(number, len(BLANKS))
        text += BLANKS[digit]
    return text
