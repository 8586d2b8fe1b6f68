"""A hand-made world for traces of leads: one lead for each way of standing still; as-of is 20 January 2026."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from runner import chain
from runner.database import Server, server
from runner.settings import Settings
from tests import harness
from tests.conftest import administrate, settings_at

AS_OF = date(2026, 1, 20)
CLOSED, OPEN = date(2026, 1, 2), date(2026, 1, 12)
LEADS = "module_ct_cabinet_leads"
# Key: id, lead date, first and last name, phone, plate.
PEOPLE: dict[str, tuple[int, date | None, str, str, str | None, str | None]] = {
    "nobody": (1, CLOSED, "Ana", "Huamán Rojas", None, "GHI-789"),
    "dropped": (2, CLOSED, "Percy", "Chávez Salazar", "900333444", "DEF-456"),
    "kept": (3, CLOSED, "Rubén", "Trujillo Peña", None, "ABC-123"),
    "half": (4, CLOSED, "Luis", "Quispe Mamani", None, None),
    "torn": (5, CLOSED, "Rosa", "Condori Ttito", "900999111", "MNO-345"),
    "still": (6, CLOSED, "Juan", "Flores Vega", None, None),
    "young": (7, OPEN, "Eva", "Solis Paz", None, None),
    "gap": (8, CLOSED, "Hugo", "Reyes Luna", None, None),
    "paid": (9, CLOSED, "Nora", "Arias Cruz", None, None),
    "refused": (10, CLOSED, "Iván", "Soto Gil", None, None),
    "bearer": (11, CLOSED, "Olga", "Ríos Mora", None, None),
    "twin": (12, CLOSED, "Olga", "Ríos Mora", None, None),
    "later": (13, date(2026, 1, 7), "Olga", "Ríos Mora", None, None),
    "chosen": (14, CLOSED, "Raúl", "Peña Díaz", None, None),
    "ignored": (15, CLOSED, "Test", "Zegarra", "900777000", None),
    "undated": (16, None, "Sin", "Tafur", None, None),
    "tomorrow": (17, date(2026, 1, 25), "Con", "Yarlequé", None, None),
    "a/b %25'\"ñ\u202e": (18, CLOSED, "Zoe", "Ñahui", None, None),
    "id:7": (19, CLOSED, "\x1b[31mRojo\u0007", "=1+1", None, None),
    "matched": (20, OPEN, "Sara", "Inga Vela", "900111222", None),
    "awaited": (21, OPEN, "Tito", "Luque Sanz", None, None),
    "moved": (22, CLOSED, "Ciro", "Valle", None, None),
}
# What staging makes of an external_id that looks like a lead's number (D-19).
KEYS = {key: "id:19" if key == "id:7" else key for key in PEOPLE}
# Person, its leads and its drivers, the last of which is the one that counts.
LINKED: dict[int, tuple[tuple[str, ...], tuple[str, ...]]] = {
    1: (("half",), ()),
    2: (("torn",), ()),
    3: (("nobody else",), ("d-torn",)),
    4: (("still",), ("d-old", "d-still")),
    5: (("young",), ("d-young",)),
    6: (("gap",), ("d-gap",)),
    7: (("paid",), ("d-paid",)),
    8: (("refused",), ("d-refused",)),
    9: (("bearer", "twin", "later"), ("d-olga",)),
    10: (("chosen",), ("d-chosen",)),
    11: (("awaited",), ("d-awaited",)),
    12: (("moved",), ("d-moved",)),
}
DRIVERS = (
    ("d-brother", "Miguel", "Chávez Salazar", "900333444", None),
    ("d-ruben1", "Rubén", "Trujillo Peña", None, "ABC-123"),
    ("d-ruben2", "Rubén", "Trujillo Peña", None, "ABC123"),
    ("d-torn", "Rosa", "Condori Ttito", "900999111", "MNO-345"),
    ("d-sara", "Sara", "Inga Vela", "900111222", None),
)
TRIPS = (
    ("d-old", "03-01-2026", 4),
    ("d-young", "12-01-2026", 1),
    ("d-young", "2026-01-15", 2),
    ("d-young", "21-01-2026", 9),  # after as-of: does not exist yet
    ("d-gap", "01-01-2026", 3),  # the day before the window
    ("d-gap", "02-01-2026", 4),
    ("d-gap", "15-01-2026", 2),  # the last day of the window
    ("d-gap", "16-01-2026", 7),  # the day after it
    ("d-paid", "05-01-2026", 24),
    ("d-paid", "06-01-2026", 1),
    ("d-refused", "05-01-2026", 1),
    ("d-olga", "08-01-2026", 1),
    ("d-chosen", "05-01-2026", 1),
    ("d-awaited", "13-01-2026", 5),
)
# Claim: person, driver, lead, date, milestone, amount, status.
CLAIMS = (
    (7, "d-paid", "paid", CLOSED, 1, 25, "generated"),
    (7, "d-paid", "paid", CLOSED, 5, 35, "generated"),
    (7, "d-paid", "paid", CLOSED, 25, 100, "generated"),
    (8, "d-refused", "refused", CLOSED, 1, 25, "generated"),
    (9, "d-olga", "bearer", CLOSED, 1, 25, "generated"),
    (9, "d-olga", "later", date(2026, 1, 7), 1, 25, "generated"),
    (3, "d-chosen", "chosen", CLOSED, 1, 25, "generated"),  # under another person
    (11, "d-awaited", "awaited", OPEN, 1, 25, "generated"),
    (12, "d-moved", "moved", CLOSED, 5, 35, "generated"),  # no trips support it
)
PAYMENTS = (
    (501, "2026-01-10", "d-paid", True, True, None),
    (502, "2026-01-11", "d-refused", True, None, None),
)


_BUILT: dict[str, tuple[Server, Settings]] = {}


def built(settings: Settings, template: str) -> tuple[Server, Settings]:
    """The world, built and published once per session: modules share it, so they put back what they change.

    In the session's home, where dbt has parsed the project already.
    """
    if template not in _BUILT:
        name = f"{template}_explained"
        administrate(settings, f"create database {name} template {template}")
        where = replace(server(settings), dbname=name)
        ours = settings_at(where, settings.home)
        write(where)
        refuse(where)
        chain.build(ours, AS_OF, progress=harness.QUIET)
        _BUILT[template] = where, ours
    return _BUILT[template]


def person(number: int) -> UUID:
    """Key of a person of the world."""
    return UUID(int=0xA0 + number)


def write(where: Server) -> None:
    """Raw rows, links, decisions and claims, as the outside and earlier jobs left them."""
    with closing(harness.connect(where)) as session, session, session.cursor() as cursor:
        _write_raw(cursor)
        _write_links(cursor)
        _decide(cursor, "chosen", "d-chosen", "ACCEPT", "la llamé")
        _decide(cursor, "ignored", None, "IGNORE", "es una prueba")
        _decide(cursor, "dropped", "d-nobody", "REJECT", "no es él")
        cursor.executemany(
            "insert into canon.claims_yango_cabinet_14d (person_key, driver_id, lead_source_pk, lead_date, milestone,"
            " amount_expected, status, generated_at) values (%s, %s, %s, %s, %s, %s, %s, '2026-01-19 07:30Z')",
            [(person(its[0]), *its[1:]) for its in CLAIMS],
        )


def _write_raw(cursor: Any) -> None:
    cursor.executemany(
        "insert into public.module_ct_cabinet_leads (id, external_id, lead_created_at, first_name, last_name,"
        " park_phone, asset_plate_number)"
        " values (%s, %s, %s::date + interval '9 hours' + %s * interval '1 minute', %s, %s, %s, %s)",
        [(its[0], key, its[1], its[0], *its[2:]) for key, its in PEOPLE.items()],
    )
    cursor.executemany(
        "insert into public.drivers (driver_id, first_name, last_name, phone, car_number, hire_date)"
        " values (%s, %s, %s, %s, %s, '2026-01-03')",
        DRIVERS,
    )
    cursor.executemany(
        "insert into public.summary_daily (driver_id, date_file, count_orders_completed) values (%s, %s, %s)", TRIPS
    )
    cursor.executemany(
        "insert into public.module_ct_cabinet_payments (id, date, driver_id, trip_1, trip_5, trip_25)"
        " values (%s, %s, %s, %s, %s, %s)",
        PAYMENTS,
    )


def _write_links(cursor: Any) -> None:
    for number, (leads, drivers) in LINKED.items():
        cursor.execute(
            "insert into canon.identity_registry (person_key, confidence_level) values (%s, 'HIGH')", (person(number),)
        )
        rule = "MANUAL" if leads == ("chosen",) else "R1_PHONE_EXACT"
        evidence = json.dumps({"driver_id": "d-chosen", "phone": "SAME", "phone_normalized": "900111333", "run_id": 3})
        rows = [(LEADS, lead, rule, evidence) for lead in leads]
        rows += [("drivers", driver, "DRIVER_MATCH", None) for driver in drivers]
        cursor.executemany(
            "insert into canon.identity_links (person_key, source_table, source_pk, snapshot_date, match_rule,"
            " match_score, confidence_level, evidence, linked_at)"
            " values (%s, %s, %s, '2026-01-02', %s, 95, 'HIGH', %s,"
            " '2026-01-03 07:30Z'::timestamptz + %s * interval '1 hour')",
            [(person(number), *row, place) for place, row in enumerate(rows)],
        )


def _decide(cursor: Any, lead: str, driver: str | None, verdict: str, why: str) -> None:
    cursor.execute(
        "insert into canon.identity_decisions (lead_source_pk, driver_id, verdict, decided_by, why)"
        " values (%s, %s, %s, 'ana', %s)",
        (lead, driver, verdict, why),
    )


def refuse(where: Server) -> None:
    """A person rejects the claim of `refused`, as `claims reject` does."""
    with closing(harness.connect(where)) as session, session, session.cursor() as cursor:
        cursor.execute("set local cabinet14d.manual_act = 'ana: reject'")
        cursor.execute(
            "update canon.claims_yango_cabinet_14d set status = 'rejected', reason = 'No procede'"
            " where lead_source_pk = 'refused'"
        )
