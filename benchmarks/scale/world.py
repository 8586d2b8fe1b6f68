"""Fills a migrated database with a fleet's history of any size, and moves it on: a new day, corrections of old days."""

from __future__ import annotations

import re
from contextlib import closing
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import psycopg2

from runner.database import Server

LAST_DAY = date(2026, 1, 14)
PARTS = {
    "letters": "upper(translate(substr(md5('{of} ' || {n}), {begin}, {length}), '0123456789', 'ghijklmnop'))",
    "digits": "translate(substr(md5('{of} ' || {n}), {begin}, {length}), 'abcdef', '012345')",
}
# Everybody has a name and a phone of their own; two in five share a car, so that matching has something to refuse.
CAR = "(n - (n % 5 = 4)::integer)"
PEOPLE = {
    "first": PARTS["letters"].format(of="name", n="n", begin=1, length=7),
    "last": PARTS["letters"].format(of="name", n="n", begin=9, length=7),
    "phone": "'9' || " + PARTS["digits"].format(of="phone", n="n", begin=1, length=8),
    "plate": " || ".join(
        PARTS[kind].format(of="plate", n=CAR, begin=begin, length=4)
        for kind, begin in {"letters": 1, "digits": 9}.items()
    ),
}


def named(path: Path) -> dict[str, str]:
    """Statements of a .sql file by the name that stands above each."""
    pieces = re.split(r"^-- name: (\w+)$", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return dict(zip(pieces[1::2], (text.strip() for text in pieces[2::2]), strict=True))


STATEMENTS = named(Path(__file__).with_name("world.sql"))


@dataclass(frozen=True)
class World:
    """Leads, weeks of history, and the last day that is in it; `leads` / `weeks` is the rate that goes on."""

    leads: int
    weeks: int
    last_day: date = LAST_DAY
    last_lead: int = 0

    @property
    def first_day(self) -> date:
        """Day of the first lead."""
        return LAST_DAY - timedelta(days=self.weeks * 7 - 1)

    def leads_until(self, day: date) -> int:
        """How many leads there are on the evening of a day."""
        days = (day - self.first_day).days + 1
        return -(-days * self.leads // (self.weeks * 7))

    def sql(self, name: str, **more: Any) -> str:
        """One statement with this world's numbers; the names of people first, since they hold none."""
        text = STATEMENTS[name]
        for part, expression in PEOPLE.items():
            text = text.replace(f"{{{part}}}", expression)
        day = "(date '{first}' + ((n - 1)::bigint * {weeks} * 7 / {leads})::integer)"
        text = text.replace("{lead_date}", day.replace("{first}", self.first_day.isoformat()))
        numbers = {"leads": self.leads, "weeks": self.weeks, "first_date": f"date '{self.first_day}'", **more}
        for part, value in numbers.items():
            text = text.replace(f"{{{part}}}", str(value))
        return text


def make(where: Server, leads: int, weeks: int) -> World:
    """All of the history at once, indexes afterwards, analyzed."""
    world = World(leads, weeks)
    with closing(psycopg2.connect(**where.conninfo())) as session, session, session.cursor() as cursor:
        cursor.execute("set jit = off; set maintenance_work_mem = '1GB'; set synchronous_commit = off")
        cursor.execute(STATEMENTS["indexes"])
        indexes = cursor.fetchall()
        for name, _ in indexes:
            cursor.execute(f"drop index {name}")
        for name in ("drivers", "leads", "persons", "links"):
            cursor.execute(world.sql(name, from_lead=1, to_lead=leads))
        cursor.execute(world.sql("trips", to_lead=leads, **_days(world.first_day, LAST_DAY)))
        for _, definition in indexes:
            cursor.execute(definition)
    with closing(psycopg2.connect(**where.conninfo())) as session:
        session.autocommit = True
        with session.cursor() as cursor:
            cursor.execute("vacuum analyze")
            cursor.execute("checkpoint")
    return World(leads, weeks, LAST_DAY, leads)


def next_day(where: Server, world: World) -> World:
    """The leads and trips of one more day, as loads bring them; drivers too, links not: those are the night's work."""
    day = world.last_day + timedelta(days=1)
    until = world.leads_until(day)
    with closing(psycopg2.connect(**where.conninfo())) as session, session, session.cursor() as cursor:
        for name in ("drivers", "leads"):
            cursor.execute(world.sql(name, from_lead=world.last_lead + 1, to_lead=until))
        cursor.execute(world.sql("trips", to_lead=until, **_days(day, day)))
    return World(world.leads, world.weeks, day, until)


def correct(where: Server, world: World, seed: int) -> int:
    """One old driver-day in a hundred gets another count; how many."""
    with closing(psycopg2.connect(**where.conninfo())) as session, session, session.cursor() as cursor:
        cursor.execute(world.sql("correct", seed=seed))
        return int(cursor.rowcount)


def _days(first: date, last: date) -> dict[str, str]:
    return {"from_date": f"date '{first}'", "to_date": f"date '{last}'"}
