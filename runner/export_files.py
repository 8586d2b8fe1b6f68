"""The dispute pack as a file: a workbook of two sheets, or CSV with notes beside it; no cell can be a formula."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from runner.errors import BadFile
from runner.export import COLUMNS, DAYS, MONEY, Pack

SHEET_ROWS = 1_048_000
MONEY_PLACES = {COLUMNS.index(name) + DAYS - 1 for name in MONEY}
RISKY = ("=", "+", "-", "@", "\t", "\r", "\n")

Rows = Iterator[list[Any]]


@contextmanager
def finished(path: Path) -> Iterator[Path]:
    """A file beside `path` that takes its place when it is complete: nobody reads half a pack."""
    part = path.with_name(f".{path.name}.part")
    try:
        yield part
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def safe(value: Any) -> Any:
    """A text that a spreadsheet would run is kept from it by an apostrophe; numbers and dates are what they are."""
    return "'" + value if isinstance(value, str) and value.startswith(RISKY) else value


def write_csv(pack: Pack, rows: Rows) -> None:
    """UTF-8 with BOM, so that spreadsheets show accents; the notes are a text file of the same name."""
    with finished(pack.path) as part, part.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(pack.header())
        for row in rows:
            writer.writerow([safe(value) for value in row])
        writer.writerow(pack.total_row())
    with finished(pack.path.with_name(f"{pack.path.stem}_notes.txt")) as part:
        part.write_text("".join(f"{label}: {text}\n" for label, text in pack.notes()), encoding="utf-8")


def write_xlsx(pack: Pack, rows: Rows) -> None:
    """A workbook written row by row: sheet of claims with totals, sheet of notes."""
    import xlsxwriter

    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with finished(pack.path) as part:
        book = xlsxwriter.Workbook(str(part), options)
        try:
            _claims_sheet(book, pack, rows)
            _notes_sheet(book, pack)
        finally:
            book.close()


def _claims_sheet(book: Any, pack: Pack, rows: Rows) -> None:
    sheet = book.add_worksheet(pack.labels["claims_sheet"])
    bold = book.add_format({"bold": True})
    formats = {
        Decimal: book.add_format({"num_format": "#,##0.00"}),
        date: book.add_format({"num_format": "yyyy-mm-dd"}),
    }
    sheet.freeze_panes(1, 2)
    sheet.set_column(0, len(pack.header()) - 1, 12)
    for place, name in enumerate(pack.header()):
        sheet.write_string(0, place, name, bold)
    number = 0
    for number, row in enumerate(rows, 1):
        if number > SHEET_ROWS:
            raise BadFile("There are more claims than a sheet can hold.", "Choose --format csv, or one week.")
        _write_row(sheet, number, row, formats)
    _write_row(sheet, number + 1, pack.total_row(), {**formats, str: bold})


def _write_row(sheet: Any, number: int, row: list[Any], formats: dict[type, Any]) -> None:
    for place, value in enumerate(row):
        if isinstance(value, str):
            sheet.write_string(number, place, value, formats.get(str))
        elif isinstance(value, date):
            sheet.write_datetime(number, place, value, formats[date])
        elif value is not None:
            sheet.write_number(number, place, float(value), formats[Decimal] if place in MONEY_PLACES else None)


def _notes_sheet(book: Any, pack: Pack) -> None:
    sheet = book.add_worksheet(pack.labels["notes_sheet"])
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    sheet.set_column(0, 0, 20, wrapped)
    sheet.set_column(1, 1, 100, wrapped)
    for number, (label, text) in enumerate(pack.notes()):
        sheet.write_string(number, 0, label)
        sheet.write_string(number, 1, text)


WRITERS: dict[str, Callable[[Pack, Rows], None]] = {"csv": write_csv, "xlsx": write_xlsx}
