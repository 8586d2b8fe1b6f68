"""Rows of Python objects into a table, by COPY."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

NULL = "\\N"


def copy_rows(cursor: Any, table: str, columns: Sequence[str], rows: Iterable[Any]) -> None:
    """Append one row per object; its attributes are the columns. None is null, '' stays ''."""
    text = io.StringIO()
    writer = csv.writer(text)
    for row in rows:
        values = (getattr(row, column) for column in columns)
        writer.writerow([NULL if value is None else value for value in values])
    text.seek(0)
    cursor.copy_expert(f"copy {table} ({', '.join(columns)}) from stdin with (format csv, null '{NULL}')", text)
