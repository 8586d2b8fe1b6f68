"""What tests of loading share: a door that loads texts as files into a database, small files of each kind."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg2

from runner.database import Server
from runner.load import LoadResult, load_files
from runner.settings import Settings

LEADS = "public.module_ct_cabinet_leads"
TRIPS = "public.summary_daily"
DRIVERS = "public.drivers"
PAYMENTS = "public.module_ct_cabinet_payments"
TABLES = {"leads": LEADS, "trips": TRIPS, "drivers": DRIVERS, "payments": PAYMENTS}
LEAD_HEADER = "external_id,lead_created_at,first_name,active_1,last_active_date"
TRIP_HEADER = "driver_id,date_file,count_orders_completed,sum_work_time_seconds"
DRIVER_HEADER = "driver_id,id,full_name,hire_date"
PAYMENT_HEADER = "id,date,time,scout_id,driver,trip_1,trip_5,trip_25,driver_id,person_key"


def lead_rows(count: int) -> list[str]:
    return [f"lead{n},2025-12-{n % 28 + 1:02d} 10:00:00,Nombre {n},{'sí' if n % 2 else ''}," for n in range(count)]


def trip_rows(count: int) -> list[str]:
    return [f"d{n % 7},{n // 7 + 1:02d}-12-2025,{n % 5},{n * 60}.50" for n in range(count)]


def driver_rows(count: int) -> list[str]:
    return [f"d{n},{n + 50},Nombre {n},2025-01-01" for n in range(count)]


def payment_rows(count: int) -> list[str]:
    return [f"{n},2025-12-01,,,Ana {n},true,,false,," for n in range(count)]


FILES: dict[str, tuple[str, Callable[[int], list[str]]]] = {
    "leads": (LEAD_HEADER, lead_rows),
    "trips": (TRIP_HEADER, trip_rows),
    "drivers": (DRIVER_HEADER, driver_rows),
    "payments": (PAYMENT_HEADER, payment_rows),
}


def text(*lines: str) -> str:
    """Lines of a file, each with its end."""
    return "".join(f"{line}\n" for line in lines)


@dataclass
class Door:
    """Loads texts as files, and looks at what came of it. Every load must account for every row."""

    where: Server
    settings: Settings
    folder: Path

    def file(self, content: str | bytes, name: str = "file.csv") -> Path:
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def load(self, kind: str, content: str | bytes, name: str = "file.csv", **options: Any) -> LoadResult:
        [result] = load_files(self.where, self.settings, kind, [self.file(content, name)], **options)
        return conserved(result)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with closing(psycopg2.connect(**self.where.conninfo())) as connection, connection.cursor() as cursor:
            cursor.execute(query)
            return list(cursor.fetchall())

    def run(self, statement: str) -> None:
        with closing(psycopg2.connect(**self.where.conninfo())) as connection:
            connection.autocommit = True
            connection.cursor().execute(statement)

    def forget(self, kind: str) -> None:
        """Empty the table and the memory of loaded files."""
        self.run(f"truncate {TABLES[kind]}; truncate ops.loaded_files")

    def content(self, kind: str) -> list[Any]:
        """All rows of the table, without the ids and times that differ from load to load."""
        vary = "- 'created_at' - 'updated_at'" + (" - 'id'" if kind == "leads" else "")
        return self.rows(f"select to_jsonb(t) {vary} from {TABLES[kind]} as t order by 1")

    def nothing_was_kept(self) -> bool:
        return not any(
            self.rows(f"select 1 from {table} limit 1")
            for table in (*TABLES.values(), "ops.load_rejects", "ops.loaded_files")
        )


def conserved(result: LoadResult) -> LoadResult:
    """The result, if each of its rows has one fate."""
    assert result.total == result.new + result.changed + result.unchanged + result.rejected
    assert result.rejected == sum(result.rejected_by_reason.values())
    return result


def fates(result: LoadResult) -> tuple[int, int, int, int]:
    """New, changed, unchanged and rejected rows."""
    return result.new, result.changed, result.unchanged, result.rejected
