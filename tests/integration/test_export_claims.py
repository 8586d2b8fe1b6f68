"""The dispute pack: what the claims say, in both formats, safe to open, and small in memory with 10,000 claims."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from xml.etree import ElementTree

import pytest

from runner import chain, export
from runner.database import Server
from runner.errors import BadConfiguration
from runner.settings import Settings
from tests import harness
from tests.conftest import new_database, settings_at
from tests.integration.test_collection_example import DRIVERS, PAYMENTS, WORLD
from tests.oracle_payments import Driver, Money
from tests.payment_worlds import write_money

SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def rosa(where: Server, home: Path) -> Settings:
    """Rosa's claims after payment 2 was reversed, in this database; her name is a formula."""
    drivers = (Driver("d1", '=HYPERLINK("http://x";"Rosa")'), *DRIVERS[1:])
    write_money(where, Money(WORLD, drivers, (replace(PAYMENTS[0], driver_id="d1"), PAYMENTS[2])))
    ours = settings_at(where, home)
    chain.nightly(ours, WORLD.as_of, progress=harness.QUIET)
    return ours


@pytest.fixture(scope="module")
def ours(settings: Settings, migrated_template: str) -> Iterator[Settings]:
    """The same for all tests that only read."""
    with new_database(settings, migrated_template) as where:
        yield rosa(where, settings.home)


def read_csv(path: Path) -> list[list[str]]:
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def read_xlsx(path: Path) -> list[list[list[str]]]:
    """Every sheet's cells as text, by the file format and not by the library that wrote it."""
    with zipfile.ZipFile(path) as book:
        shared = []
        if "xl/sharedStrings.xml" in book.namelist():
            shared = ["".join(item.itertext()) for item in ElementTree.fromstring(book.read("xl/sharedStrings.xml"))]
        sheets = []
        for name in sorted(name for name in book.namelist() if name.startswith("xl/worksheets/sheet")):
            text = book.read(name).decode("utf-8")
            assert "<f>" not in text and "hyperlink" not in text.replace("HYPERLINK", "")
            rows = ElementTree.fromstring(text).iter(f"{SHEET}row")
            sheets.append([[_cell(cell, shared) for cell in row] for row in rows])
        return sheets


def _cell(cell: ElementTree.Element, shared: list[str]) -> str:
    text = "".join(cell.itertext())
    return shared[int(text)] if cell.get("t") == "s" else text


def test_unpaid_claims_with_their_proof(ours: Settings, tmp_path: Path) -> None:
    """B's M1 and M5: days, trips per day, the day of the milestone, payments seen, totals."""
    pack = export.write_claims(ours, export.Choice(unpaid=True), "csv", tmp_path / "pack.csv")
    header, *lines, total = read_csv(pack.path)
    assert len(header) == 29 and header[:4] == ["Claim", "Lead", "Conductor", "Nombre"] and header[9] == "Día 1"
    assert [line[1:9] for line in lines] == [
        ["B", "d1", '\'=HYPERLINK("http://x";"Rosa")', "2025-12-20", "2026-01-02", "1", "2025-12-20", "25"],
        ["B", "d1", '\'=HYPERLINK("http://x";"Rosa")', "2025-12-20", "2026-01-02", "5", "2025-12-20", "25"],
    ]
    assert lines[0][9:23] == ["20", *["0"] * 12, "5"]
    assert lines[0][23:28] == ["25.00", "0.00", "25.00", "generated", "29"]
    assert lines[0][28] == "1:1 2025-12-10 SETTLES; 3:5 2026-01-08 SETTLES; 3:25 2026-01-08 SETTLES"
    assert (total[0], total[23:26]) == ("TOTAL", ["60.00", "0.00", "60.00"])
    assert (pack.claims, pack.amount_due) == (2, "60.00")
    notes = (tmp_path / "pack_notes.txt").read_text(encoding="utf-8")
    assert "2 claims, S/ 60.00" in notes and "2026-02-01" in notes and "{" not in notes
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == ["pack.csv", "pack_notes.txt"]


def test_the_workbook_says_the_same(ours: Settings, tmp_path: Path) -> None:
    """Same claims and totals; a sheet of notes; no formula, no link."""
    export.write_claims(ours, export.Choice(unpaid=True), "xlsx", tmp_path / "pack.xlsx")
    claims, notes = read_xlsx(tmp_path / "pack.xlsx")
    assert [len(row) for row in claims[:3]] == [29, 29, 29]
    assert claims[1][3] == '=HYPERLINK("http://x";"Rosa")'
    assert [Decimal(cell) for cell in claims[1][9:23]] == [20, *[0] * 12, 5]
    assert [Decimal(cell) for cell in claims[3][1:]] == [60, 0, 60]
    assert len(notes) == 7 and notes[0][0] == "Corte"


CHOICES = (
    (export.Choice(week=date(2025, 12, 1)), 2),
    (export.Choice(week=date(2025, 12, 15)), 3),
    (export.Choice(overdue=29), 2),
    (export.Choice(overdue=30), 0),
    (export.Choice(), 2),
)


@pytest.mark.parametrize(("choice", "claims"), CHOICES)
def test_the_choices(ours: Settings, tmp_path: Path, choice: export.Choice, claims: int) -> None:
    """A week's claims, paid ones too; money due for so many days; all money due."""
    assert export.write_claims(ours, choice, "csv", tmp_path / "pack.csv").claims == claims


def test_what_nothing_supports_is_left_out_and_told(
    migrated_database: Server, settings: Settings, tmp_path: Path
) -> None:
    """D-21: no false invoice is sent."""
    ours = rosa(migrated_database, settings.home)
    with closing(harness.connect(migrated_database)) as session, session, session.cursor() as cursor:
        cursor.execute("delete from public.summary_daily where date_file = '02-01-2026'")
        cursor.execute("update public.summary_daily set count_orders_completed = 2 where date_file = '20-12-2025'")
    chain.nightly(ours, WORLD.as_of, progress=harness.QUIET)
    pack = export.write_claims(ours, export.Choice(), "csv", tmp_path / "pack.csv")
    assert (pack.claims, pack.amount_due, pack.left_out) == (1, "25.00", 1)
    assert "1 claims por S/ 35.00" in (tmp_path / "pack_notes.txt").read_text(encoding="utf-8")


def test_before_the_first_build(
    migrated_database: Server, settings_for: Callable[..., Settings], tmp_path: Path
) -> None:
    """One sentence, and no file."""
    with pytest.raises(BadConfiguration, match="Nothing was built yet"):
        export.write_claims(settings_for(migrated_database), export.Choice(), "csv", tmp_path / "pack.csv")
    assert not (tmp_path / "pack.csv").exists()


def test_ten_thousand_claims_in_little_memory(
    migrated_database: Server,
    settings_for: Callable[..., Settings],
    environment_for: Callable[[Server], dict[str, str]],
    tmp_path: Path,
) -> None:
    """The whole command stays under 300 MB, measured as the system saw it."""
    with closing(harness.connect(migrated_database)) as session, session, session.cursor() as cursor:
        cursor.execute("""
            insert into canon.identity_registry (person_key, confidence_level)
            select cast(lpad(n::text, 32, '0') as uuid), 'HIGH' from generate_series(1, 3400) as n;
            insert into public.module_ct_cabinet_leads (external_id, lead_created_at)
            select 'L' || n, timestamp '2025-12-01' + n % 30 * interval '1 day' from generate_series(1, 3400) as n;
            insert into canon.identity_links
                (person_key, source_table, source_pk, snapshot_date, match_rule, match_score, confidence_level)
            select cast(lpad(n::text, 32, '0') as uuid), kind, prefix || n, now(), 'TEST', 100, 'HIGH'
            from generate_series(1, 3400) as n
            cross join (values ('module_ct_cabinet_leads', 'L'), ('drivers', 'D')) as kinds (kind, prefix);
            insert into public.summary_daily
            select 'D' || n, to_char(date '2025-12-01' + n % 30 + day, 'DD-MM-YYYY'), 3, 60, now()
            from generate_series(1, 3400) as n cross join generate_series(0, 13) as day""")
    chain.nightly(settings_for(migrated_database), WORLD.as_of, progress=harness.QUIET)
    code = (
        "import re, sys; from pathlib import Path; from runner.cli import cli\n"
        "cli.main(sys.argv[1:], standalone_mode=False)\n"
        # Not getrusage: a child begins with what its parent, pytest, had at its peak.
        "print(re.search(r'VmHWM:\\s+(\\d+)', Path('/proc/self/status').read_text())[1])"
    )
    for kind in ("csv", "xlsx"):
        words = ["export", "claims", "--unpaid", "--format", kind, "--output", str(tmp_path / f"pack.{kind}"), "--json"]
        environment = environment_for(migrated_database)
        command = [sys.executable, "-c", code, *words]
        done = subprocess.run(command, env=environment, text=True, capture_output=True, check=True)
        told, kilobytes = done.stdout.strip().splitlines()
        assert json.loads(told)["claims"] == 10_200
        print(f"{kind}: {int(kilobytes) / 1024:.0f} MB")
        assert int(kilobytes) < 300 * 1024
