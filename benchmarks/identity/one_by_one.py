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
    NAME_ROWS,
    THRESHOLD,
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
    drop table if exists bench.drivers_index, bench.links;
    create table bench.drivers_index (driver_id text primary key, phone text, plate text, full_name text, hired date);
    create table bench.links (lead_id integer primary key, driver_id text, rule text, reason text)
"""
BY_PHONE = f"select driver_id from bench.drivers_index where phone = %s limit {EXACT_ROWS}"
BY_PLATE = f"""
    select driver_id, full_name from bench.drivers_index
    where plate = %s and (hired is null or hired between %s - 90 and %s + 30) limit {NAME_ROWS}
"""
LINK = "insert into bench.links values (%s, %s, %s, %s)"


def index(settings: Settings, drivers: Iterable[Driver]) -> float:
    """The drivers' normalised copy with an index per key, made once for all leads; seconds."""
    began = time.perf_counter()
    with closing(scratch.connect(settings)) as session, session, session.cursor() as cursor:
        cursor.execute(INDEX)
        rows = [_Indexed(driver) for driver in drivers]
        copy_rows(cursor, "bench.drivers_index", ("driver_id", "phone", "plate", "full_name", "hired"), rows)
        cursor.execute("create index on bench.drivers_index (phone); create index on bench.drivers_index (plate);"
                       "analyze bench.drivers_index")
    return time.perf_counter() - began


class _Indexed:
    """A driver as the original's index has it."""

    def __init__(self, driver: Driver) -> None:
        self.driver_id, self.hired = driver.driver_id, driver.hire_date
        self.phone, self.plate = index_phone(driver.phone), index_plate(driver.car_number)
        self.full_name = index_name(driver.full_name)


def link(settings: Settings, leads: Iterable[Lead]) -> float:
    """Decide and write every lead; seconds."""
    began = time.perf_counter()
    with closing(scratch.connect(settings)) as session, session.cursor() as cursor:
        for lead in leads:
            cursor.execute(LINK, (lead.id, *_decide(cursor, lead)))
            session.commit()
    return time.perf_counter() - began


def _decide(cursor: Any, lead: Lead) -> tuple[str | None, str | None, str | None]:
    """Driver, rule, and the reason if there is none."""
    its = mapped(lead)
    hits = {}
    if its.phone:
        cursor.execute(BY_PHONE, (index_phone(its.phone),))
        found = cursor.fetchall()
        if len(found) == 1:
            hits["R1_PHONE_EXACT"] = found[0][0]
    if its.plate and its.name:
        cursor.execute(BY_PLATE, (its.plate, its.lead_date, its.lead_date))
        near = [driver for driver, name in cursor.fetchall() if similarity(its.name, tokens(name)) >= THRESHOLD]
        if len(near) == 1:
            hits["R3_PLATE_EXACT_NAME_SIMILAR"] = near[0]
    if len(set(hits.values())) == 1:
        rule, driver = next(iter(hits.items()))
        return driver, rule, None
    return None, None, "MULTIPLE_CANDIDATES" if hits else "NO_CANDIDATES"
