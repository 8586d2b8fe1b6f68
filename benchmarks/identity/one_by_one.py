"""Leads matched one at a time, as the original's job works: queries, names compared in Python, a commit per lead."""

from __future__ import annotations

import time
from collections.abc import Iterable
from contextlib import closing
from typing import Any

from benchmarks.identity import scratch
from benchmarks.identity.copying import copy_rows
from benchmarks.identity.generator import Driver, Lead
from benchmarks.identity.original import (
    EXACT_ROWS,
    MR1,
    MR3,
    NAME_ROWS,
    THRESHOLD,
    index_licence,
    index_name,
    index_phone,
    index_plate,
    mapped,
    similarity,
    tokens,
)
from runner.settings import Settings

INDEX = """
    create schema if not exists bench;
    drop table if exists bench.drivers_index, bench.persons, bench.links, bench.unmatched;
    create table bench.drivers_index (
        driver_id text primary key, phone text, plate text, licence text, full_name text, hired date
    );
    create table bench.persons (person_key uuid primary key default gen_random_uuid(), phone text, licence text);
    create table bench.links (
        source text, source_pk text, person_key uuid references bench.persons, rule text, score integer,
        primary key (source, source_pk)
    );
    create table bench.unmatched (lead_id integer primary key, reason text)
"""
KEYS = """
    create index on bench.drivers_index (phone);
    create index on bench.drivers_index (plate);
    create index on bench.persons (phone);
    create index on bench.persons (licence);
    analyze bench.drivers_index
"""
BY_PHONE = f"select driver_id from bench.drivers_index where phone = %s limit {EXACT_ROWS}"
BY_PLATE = f"""
    select driver_id, full_name from bench.drivers_index
    where plate = %s and (hired is null or hired between %s - 90 and %s + 30) limit {NAME_ROWS}
"""
LINK_OF = "select person_key from bench.links where source = 'drivers' and source_pk = %s"
DRIVER = "select phone, licence from bench.drivers_index where driver_id = %s"
PERSON_BY_PHONE = "select person_key from bench.persons where phone = %s limit 1"
PERSON_BY_LICENCE = "select person_key from bench.persons where licence = %s limit 1"
NEW_PERSON = "insert into bench.persons (phone, licence) values (%s, %s) returning person_key"
NEW_LINK = "insert into bench.links values (%s, %s, %s, %s, %s) on conflict do nothing"
NEW_UNMATCHED = "insert into bench.unmatched values (%s, %s) on conflict do nothing"


def index(settings: Settings, drivers: Iterable[Driver]) -> float:
    """The drivers' normalised copy with an index per key, made once for all leads; seconds."""
    began = time.perf_counter()
    with closing(scratch.connect(settings)) as session, session, session.cursor() as cursor:
        cursor.execute(INDEX)
        rows = [_Indexed(driver) for driver in drivers]
        copy_rows(cursor, "bench.drivers_index", ("driver_id", "phone", "plate", "licence", "full_name", "hired"), rows)
        cursor.execute(KEYS)
    return time.perf_counter() - began


class _Indexed:
    """A driver as the original's index has it."""

    def __init__(self, driver: Driver) -> None:
        self.driver_id, self.hired = driver.driver_id, driver.hire_date
        self.phone, self.plate = index_phone(driver.phone), index_plate(driver.car_number)
        self.licence, self.full_name = index_licence(driver.license_number), index_name(driver.full_name)


def link(settings: Settings, leads: Iterable[Lead]) -> float:
    """Decide and write every lead; seconds."""
    began = time.perf_counter()
    with closing(scratch.connect(settings)) as session, session.cursor() as cursor:
        for lead in leads:
            _write(cursor, lead, *_decide(cursor, lead))
            session.commit()
    return time.perf_counter() - began


def _decide(cursor: Any, lead: Lead) -> tuple[str | None, str]:
    """Driver and rule, or the reason why there is none; of the rules those that a Cabinet lead can meet."""
    its = mapped(lead)
    hits = {}
    if its.phone:
        hits.update(dict.fromkeys(_only(_rows(cursor, BY_PHONE, index_phone(its.phone))), MR1))
    if its.plate and its.name:
        rows = _rows(cursor, BY_PLATE, its.plate, its.lead_date, its.lead_date)
        near = [row for row in rows if similarity(its.name, tokens(row[1])) >= THRESHOLD]
        hits.update(dict.fromkeys((driver for driver in _only(near) if driver not in hits), MR3))
    if len(hits) == 1:
        return next(iter(hits.items()))
    return None, "MULTIPLE_CANDIDATES" if hits else "NO_CANDIDATES"


def _only(rows: list[Any]) -> list[str]:
    return [row[0] for row in rows] if len(rows) == 1 else []


def _write(cursor: Any, lead: Lead, driver: str | None, rule: str) -> None:
    """The person of the driver, made if there is none, and a link of each; or why there is no link."""
    if driver is None:
        cursor.execute(NEW_UNMATCHED, (lead.id, rule))
        return
    person = _rows(cursor, LINK_OF, driver)
    if not person:
        phone, licence = _rows(cursor, DRIVER, driver)[0]
        person = (_rows(cursor, PERSON_BY_PHONE, phone) or _rows(cursor, PERSON_BY_LICENCE, licence)
                  or _rows(cursor, NEW_PERSON, phone, licence))
        cursor.execute(NEW_LINK, ("drivers", driver, person[0][0], "DRIVER_MATCH", 100))
    cursor.execute(NEW_LINK, ("leads", str(lead.id), person[0][0], rule, 95 if rule == MR1 else 85))


def _rows(cursor: Any, query: str, *values: Any) -> list[Any]:
    cursor.execute(query, values)
    return list(cursor.fetchall())
