"""A database for one measurement: made on the server that is named (else on the embedded one), migrated, dropped."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import psycopg2

from benchmarks.identity.copying import copy_rows
from runner import chain, database, migrate, warehouse
from runner import settings as settings_module
from runner.database import Server
from runner.progress import Progress
from runner.settings import Settings, Value

AS_OF = date(2027, 1, 1)  # after every lead of the generator, whenever it is run
DECISIONS = "+int_identity__decisions"
LEADS, DRIVERS = "public.module_ct_cabinet_leads", "public.drivers"
LEAD_COLUMNS = ("id", "external_id", "lead_created_at", "first_name", "middle_name", "last_name", "park_phone",
                "asset_plate_number", "asset_model")
DRIVER_COLUMNS = ("driver_id", "park_id", "first_name", "last_name", "middle_name", "full_name", "phone", "hire_date",
                  "fire_date", "car_brand", "car_model", "car_number", "license_number", "document_number")

Rows = Sequence[Any]  # of objects that have the columns as attributes


@contextmanager
def scratch_database(database_url: str | None, home: Path | None = None) -> Iterator[Settings]:
    """Settings that name a new migrated database, which is dropped at the end."""
    chosen = settings_module.load({"database_url": database_url, "home": home})
    server = database.server(chosen)
    name = f"identity_{uuid.uuid4().hex[:12]}"
    _administrate(server, f"create database {name}")
    try:
        ours = settings_of(chosen, replace(server, dbname=name))
        migrate.upgrade(database.server(ours), ours)
        yield ours
    finally:
        _administrate(server, f"drop database {name} with (force)")


def settings_of(chosen: Settings, server: Server) -> Settings:
    """The same settings for another database of the server."""
    parts = {"database_url": None, "db_host": server.host, "db_port": server.port, "db_name": server.dbname,
             "db_user": server.user, "db_password": server.password or None}
    return Settings({**chosen.values, **{name: Value(part, "benchmark") for name, part in parts.items()}})


def _administrate(server: Server, statement: str) -> None:
    with closing(psycopg2.connect(**server.conninfo())) as connection:
        connection.autocommit = True
        connection.cursor().execute(statement)


def fill(settings: Settings, leads: Rows, drivers: Rows) -> None:
    """Make the raw tables hold exactly these rows, in this order."""
    with closing(connect(settings)) as connection, connection, connection.cursor() as cursor:
        cursor.execute(f"truncate {LEADS}, {DRIVERS}")
        copy_rows(cursor, LEADS, LEAD_COLUMNS, leads)
        copy_rows(cursor, DRIVERS, DRIVER_COLUMNS, drivers)
        cursor.execute(f"analyze {LEADS}; analyze {DRIVERS}")


def build(settings: Settings, *, full_refresh: bool = False, select: str = DECISIONS) -> warehouse.BuildResult:
    """Decide about every unsettled lead, tests of the models included, as `cabinet14d build --select` does."""
    quiet = Progress(9, quiet=True)
    outcome = chain.build(settings, AS_OF, select=select, full_refresh=full_refresh, progress=quiet)
    return outcome.builds[0]


def connect(settings: Settings) -> Any:
    """A plain connection to the scratch database."""
    return psycopg2.connect(**database.server(settings).conninfo(), options="-c timezone=UTC")


def read(settings: Settings, query: str) -> list[tuple[Any, ...]]:
    """All rows of a query."""
    with closing(connect(settings)) as connection, connection, connection.cursor() as cursor:
        cursor.execute(query)
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found
