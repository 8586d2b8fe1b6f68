"""`validate sources`: each expectation of sources.yml with the fault it finds; Data Docs that ask nobody."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from runner import sources
from runner.database import Server
from runner.errors import CLEAN, CRITICAL, FINDINGS
from runner.settings import Settings
from runner.validate_parts import FAILED, NOT_CHECKED, PASSED, Part
from tests import harness
from tests.conftest import new_database, settings_at
from tests.oracle import World

DAY = date(2026, 3, 18)
WHOLE = """
insert into public.module_ct_cabinet_leads
    (id, external_id, lead_created_at, first_name, park_phone, asset_plate_number)
select
    n, md5(n::text), timestamp '2026-03-10 09:00' + n * interval '1 hour', 'Zoraida', '98765' || 1000 + n, 'ABC-' || n
from generate_series(1, 150) as n;
insert into public.drivers (driver_id, id, park_id, full_name, phone, hire_date)
select md5(n::text), n, 'park', 'Zoraida', '98765' || 1000 + n, '2026-01-01' from generate_series(1, 120) as n;
insert into public.summary_daily (driver_id, date_file, count_orders_completed, sum_work_time_seconds, created_at)
select md5(n::text), case when n % 2 = 0 then '2026-03-17' else '16-03-2026' end, 5, 3600, '2026-03-18'
from generate_series(1, 120) as n;
insert into public.module_ct_cabinet_payments (id, date, driver, trip_1, driver_id)
select n, '2026-03-15', 'Zoraida', true, md5(n::text) from generate_series(1, 110) as n;
"""
LEADS, TRIPS = "public.module_ct_cabinet_leads", "public.summary_daily"
DRIVERS, PAYMENTS = "public.drivers", "public.module_ct_cabinet_payments"
FAULTS = {
    "leads.id_is_unique": f"alter table {LEADS} drop constraint module_ct_cabinet_leads_pkey cascade;"
                          f"update {LEADS} set id = 1 where id = 2",
    "leads.has_rows": f"delete from {LEADS}",
    "leads.external_id_is_unique": "drop index public.module_ct_cabinet_leads_external_id_key;"
                                   f"update {LEADS} set external_id = md5('1') where id = 2",
    "leads.external_id_is_hex": f"update {LEADS} set external_id = 'x' || id where id <= 10",
    "leads.has_a_date": f"update {LEADS} set lead_created_at = null where id <= 3",
    "leads.phone_has_digits": f"update {LEADS} set park_phone = '12 34' where id <= 20",
    "leads.plate_has_a_digit": f"update {LEADS} set asset_plate_number = 'ABC' where id <= 20",
    "leads.date_is_no_future": f"update {LEADS} set lead_created_at = '2099-01-01' where id = 1",
    "leads.date_is_no_past": f"update {LEADS} set lead_created_at = '1970-01-01' where id = 1",
    "leads.is_fresh": f"update {LEADS} set lead_created_at = lead_created_at - interval '30 days'",
    "trips.has_rows": f"delete from {TRIPS}",
    "trips.has_a_driver": f"update {TRIPS} set driver_id = null where driver_id = md5('1')",
    "trips.date_has_a_form": f"update {TRIPS} set date_file = 'hoy' where driver_id = md5('1')",
    "trips.count_is_there": f"update {TRIPS} set count_orders_completed = null where driver_id = md5('1')",
    "trips.count_in_range": f"update {TRIPS} set count_orders_completed = -1 where driver_id = md5('1')",
    "trips.work_time_in_range": f"update {TRIPS} set sum_work_time_seconds = 90000 where driver_id = md5('1')",
    "trips.driver_day_once_a_load": f"insert into {TRIPS} select * from {TRIPS} where driver_id = md5('1')",
    "trips.drivers_are_known": f"update {TRIPS} set driver_id = 'x' || driver_id",
    "trips.is_fresh": f"update {TRIPS} set date_file = '2026-03-14' where date_file like '2026%';"
                      f"update {TRIPS} set date_file = '13-03-2026' where date_file like '%2026'",
    "drivers.has_rows": f"delete from {DRIVERS}",
    "drivers.driver_id_is_unique": f"alter table {DRIVERS} drop constraint drivers_pkey;"
                                   f"update {DRIVERS} set driver_id = md5('1') where id = 2",
    "drivers.driver_id_is_there": f"alter table {DRIVERS} drop constraint drivers_pkey;"
                                  f"alter table {DRIVERS} alter driver_id drop not null;"
                                  f"update {DRIVERS} set driver_id = null where id = 2",
    "drivers.has_a_park": f"update {DRIVERS} set park_id = null where id <= 20",
    "drivers.phone_has_digits": f"update {DRIVERS} set phone = '1' where id <= 20",
    "drivers.hire_date_is_no_future": f"update {DRIVERS} set hire_date = '2099-01-01' where id = 1",
    "payments.id_is_unique": f"alter table {PAYMENTS} drop constraint module_ct_cabinet_payments_pkey;"
                             f"update {PAYMENTS} set id = 1 where id = 2",
    "payments.has_a_date": f"update {PAYMENTS} set date = null where id <= 3",
    "payments.date_is_no_future": f"update {PAYMENTS} set date = '2099-01-01' where id = 1",
    "payments.says_something": f"update {PAYMENTS} set trip_1 = null where id = 1",
    "payments.drivers_are_known": f"update {PAYMENTS} set driver_id = 'nobody' where id = 1",
    "leads.row_count_drifts": f"delete from {LEADS} where id <= 5",
    "trips.row_count_drifts": f"delete from {TRIPS} where driver_id <= md5('1')",
    "drivers.row_count_drifts": f"insert into {DRIVERS} (driver_id, id, park_id, phone) select 'n' || n, 1000 + n, 'p',"
                                " '987654321' from generate_series(1, 200) as n",
    "payments.row_count_drifts": f"delete from {PAYMENTS} where id <= 5",
    "leads.has_its_columns": f"alter table {LEADS} rename asset_plate_number to plate",
    "leads.type_of_lead_created_at": f"alter table {LEADS} alter lead_created_at type text",
    "payments.type_of_trip_1": f"alter table {PAYMENTS} alter trip_1 type text",
    "trips.type_of_count_orders_completed": f"alter table {TRIPS} alter count_orders_completed type numeric",
    "drivers.table_exists": f"alter table {DRIVERS} rename to gone",
}


def execute(where: Server, sql: str) -> list[tuple[Any, ...]]:
    """One script; its rows, if its last statement has some."""
    with closing(harness.connect(where)) as session, session, session.cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall()) if cursor.description else []


@pytest.fixture(scope="module")
def filled(settings: Settings, migrated_template: str) -> Iterator[str]:
    """The name of a database with nothing to complain of, measured on the day before."""
    with new_database(settings, migrated_template) as where:
        execute(where, WHOLE)
        harness.build(settings_at(where, settings.home), World(date(2026, 3, 17)))
        # The models' views would keep the raw columns as they are.
        execute(where, "drop schema ops_staging cascade; drop view ops.v_lead_trace_rows cascade")
        yield where.dbname


def checked(where: Server, settings: Settings, docs: Path | None = None) -> tuple[dict[str, str], Part]:
    """What did not pass, and all of it."""
    part = sources.validate(settings_at(where, settings.home), DAY, docs)
    return {check.name: check.status for check in part.open}, part


def test_whole_tables_pass_and_are_kept_as_rows(filled: str, settings: Settings) -> None:
    with new_database(settings, filled) as where:
        found, part = checked(where, settings)
        assert (found, part.exit_code) == ({}, CLEAN)
        assert execute(where, "select count(*), count(distinct source), min(status), max(status) from ops.source_checks"
                       ) == [(len(part.checks), 4, PASSED, PASSED)]
        assert execute(where, "select command, status, exit_code, counters from ops.runs order by run_id desc limit 1"
                       ) == [("validate sources", "SUCCEEDED", 0, {})]


def test_every_fault_is_found(filled: str, settings: Settings) -> None:
    """One after the other, each in a whole database; a failure is a finding, never a crash."""
    unseen = []
    for name, sql in FAULTS.items():
        with new_database(settings, filled) as where:
            execute(where, sql)
            found, part = checked(where, settings)
            if found.get(name) != FAILED or part.exit_code not in (FINDINGS, CRITICAL):
                unseen.append((name, found, part.exit_code))
    assert unseen == []


def test_every_expectation_has_its_fault() -> None:
    """Types and columns are tried on some."""
    declared = {f"{source}.{check['name']}" for source, spec in sources.specification().items()
                for check in spec["checks"]}
    assert declared <= set(FAULTS)


def test_what_cannot_be_judged_has_not_passed(filled: str, settings: Settings) -> None:
    """No column, no table, no day before: NOT_CHECKED, and the rest is judged all the same."""
    with new_database(settings, filled) as where:
        execute(where, f"alter table {LEADS} rename lead_created_at to at; alter table {DRIVERS} rename to gone;"
                       "delete from ops_intermediate.int_metrics__daily")
        found, part = checked(where, settings)
        assert part.exit_code == CRITICAL
        assert {found["leads.has_a_date"], found["leads.is_fresh"], found["drivers.driver_id_is_unique"],
                found["trips.row_count_drifts"], found["trips.drivers_are_known"]} == {NOT_CHECKED}
        assert found["leads.has_its_columns"] == FAILED and "leads.id_is_unique" not in found


def test_data_docs_ask_nobody_and_tell_nobody(filled: str, settings: Settings, tmp_path: Path) -> None:
    """Nothing is fetched from another host, and no value of a row is in it: neither name nor phone nor password."""
    with new_database(settings, filled) as where:
        execute(where, FAULTS["leads.phone_has_digits"] + ";" + FAULTS["leads.date_is_no_past"])
        checked(where, settings, tmp_path / "docs")
    pages = [path.read_text(encoding="utf-8") for path in (tmp_path / "docs").rglob("*") if path.suffix in
             (".html", ".css")]
    text = "\n".join(pages)
    assert any("leads" in page for page in pages) and "fewer than 8 digits" in text
    assert re.findall(r"<(?:script|link|img|iframe)\b[^>]*(?:src|href)=[\"']?(?:https?:)?//[^>]*>", text) == []
    assert re.findall(r"(?:@import|url\()\s*[\"']?(?:https?:)?//", text) == []
    for value in ("Zoraida", "12 34", "9876510", "postgresql+psycopg2"):
        assert value not in text


def test_the_command(filled: str, settings: Settings,
                     environment_for: Callable[[Server], dict[str, str]]) -> None:
    """Exit codes of D-12, talk only about what did not pass, nothing on stderr that is not ours."""
    with new_database(settings, filled) as where:
        words = [sys.executable, "-m", "runner", "validate", "sources", "--as-of", "2026-03-18"]
        done = subprocess.run(words, env=environment_for(where), text=True, capture_output=True)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.splitlines()[0].startswith("sources: ")
        execute(where, FAULTS["leads.date_is_no_past"])
        assert subprocess.run(words, env=environment_for(where), capture_output=True).returncode == 1
        execute(where, FAULTS["leads.id_is_unique"])
        assert subprocess.run(words, env=environment_for(where), capture_output=True).returncode == 3
