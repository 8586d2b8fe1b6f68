"""A table as a workbook: written row by row to a file of its own, then sent in pieces."""

from __future__ import annotations

import tempfile
from collections.abc import Generator
from datetime import date
from decimal import Decimal
from typing import Any

from runner.web.exports import Reading, Table

PIECE = 65_536
KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


def xlsx(reading: Reading, table: Table) -> Generator[bytes, None, None]:
    """The workbook in pieces. A text stays a text, so no cell can be a formula."""
    import xlsxwriter

    with tempfile.TemporaryFile() as file:
        book = xlsxwriter.Workbook(file, OPTIONS)
        sheet = book.add_worksheet(table.name[:31])
        formats = {
            Decimal: book.add_format({"num_format": "#,##0.00"}),
            date: book.add_format({"num_format": "yyyy-mm-dd"}),
        }
        sheet.freeze_panes(1, 1)
        sheet.set_column(0, len(table.labels) - 1, 14)
        bold = book.add_format({"bold": True})
        for place, label in enumerate(table.labels):
            sheet.write_string(0, place, label, bold)
        number = 0
        for batch in reading.batches(table):
            for row in batch:
                number += 1
                for place, value in enumerate(row):
                    _write(sheet, number, place, table, value, formats)
        book.close()
        file.seek(0)
        while piece := file.read(PIECE):
            yield piece
    reading.whole = True


def _write(sheet: Any, row: int, place: int, table: Table, value: Any, formats: dict[type, Any]) -> None:
    if isinstance(value, bool):
        sheet.write_string(row, place, table.yes_no[0] if value else table.yes_no[1])
    elif isinstance(value, Decimal | int):
        sheet.write_number(row, place, value, formats.get(type(value)))
    elif isinstance(value, date):
        sheet.write_datetime(row, place, value, formats[date])
    elif value is not None:
        sheet.write_string(row, place, str(value))
