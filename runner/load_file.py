"""Reads files of rows, one form per reader: a header, then numbered rows of text cells (CSV for now)."""

from __future__ import annotations

import codecs
import csv
import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from runner.errors import BadFile

CHUNK = 1 << 20  # bytes read at a time
SAVE_AS_UTF8 = "Save it as 'CSV UTF-8' and load it again."


class Row(NamedTuple):
    """One row of a file: its number as a spreadsheet shows it (the header is row 1, a value with line breaks
    still one row) and its cells, or the reason why it has none."""

    number: int
    cells: list[str]
    problem: str = ""


@dataclass(frozen=True)
class Sheet:
    """A file opened for reading: the header's names as they stand; rows are read when asked for."""

    header: list[str]
    rows: Iterator[Row]


def fingerprint(path: Path) -> str:
    """SHA-256 of the file's bytes, in hex. Raises BadFile when it is no readable file or is empty."""
    if not path.is_file():
        raise BadFile(f"{path.name or path} is not a file.", "Give the path of a CSV file.")
    digest, size = hashlib.sha256(), 0
    with _opened(path, "rb") as file:
        while data := file.read(CHUNK):
            digest.update(data)
            size += len(data)
    if not size:
        raise BadFile(f"{path.name} is empty.", "It must have a header row.")
    return digest.hexdigest()


def state(path: Path) -> tuple[int, int]:
    """Size and time of last change: two equal states say that nobody wrote in between."""
    try:
        stat = path.stat()
    except OSError as error:
        raise BadFile(f"{path.name} went away while it was read.", "Nothing of it was kept.") from error
    return stat.st_size, stat.st_mtime_ns


@contextmanager
def open_sheet(path: Path) -> Iterator[Sheet]:
    """Open a file with the reader of its form (by suffix, else CSV). Raises BadFile, also in mid-reading."""
    with READERS.get(path.suffix.lower(), _open_csv)(path) as sheet:
        yield sheet


@contextmanager
def _open_csv(path: Path) -> Iterator[Sheet]:
    _check_text(path)
    with _opened(path, "r", encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file, delimiter=_delimiter(path), strict=True)
        header = _header(reader, path.name)
        yield Sheet(header, _csv_rows(reader, path.name, len(header)))


@contextmanager
def _opened(path: Path, mode: str, **options: Any) -> Iterator[Any]:
    try:
        with path.open(mode, **options) as file:
            yield file
    except OSError as error:
        raise BadFile(f"{path.name} can't be read: {error.strerror}.", "Check its permissions.") from error


def _check_text(path: Path) -> None:
    """Raises BadFile naming the line that is not UTF-8 or holds a NUL byte, before anything is loaded."""
    decoder, line = codecs.getincrementaldecoder("utf-8")(), 1
    with _opened(path, "rb") as file:
        while True:
            data = file.read(CHUNK)
            _check_chunk(path.name, decoder, data, line)
            line += data.count(b"\n")
            if not data:
                return


def _check_chunk(name: str, decoder: codecs.IncrementalDecoder, data: bytes, line: int) -> None:
    pending = decoder.getstate()[0]
    if (at := data.find(b"\0")) >= 0:
        line += data[:at].count(b"\n")
        raise BadFile(f"{name} is not text: line {line} holds a NUL byte.", SAVE_AS_UTF8)
    try:
        decoder.decode(data, final=not data)
    except UnicodeDecodeError as error:
        line += (pending + data)[:error.start].count(b"\n")
        raise BadFile(f"{name} is not UTF-8 text: see line {line}.", SAVE_AS_UTF8) from error


def _delimiter(path: Path) -> str:
    """`;` or `,`: whichever the header line has more of, outside quotes."""
    with _opened(path, "r", encoding="utf-8-sig", newline="") as file:
        outside = "".join(file.readline().split('"')[::2])
    return ";" if outside.count(";") > outside.count(",") else ","


def _header(reader: Iterator[list[str]], name: str) -> list[str]:
    try:
        header = next(reader, [])
    except csv.Error as error:
        raise BadFile(f"{name} has a header row with quotes that don't pair up.", "Mend row 1.") from error
    if not any(cell.strip() for cell in header):
        raise BadFile(f"{name} has no header in its first row.", "Its first row must name the columns.")
    return header


def _csv_rows(reader: Any, name: str, width: int) -> Iterator[Row]:
    """Rows after the header; completely empty lines are numbered and passed over. Raises BadFile where quotes
    may have swallowed rows: where a row over several lines is broken or has not `width` cells."""
    number, line = 1, reader.line_num
    while True:
        number += 1
        row = _next_row(reader, number, name)
        if row is None:
            return
        if reader.line_num - line > 1 and (row.problem or len(row.cells) != width):
            raise _swallowed(name, line + 1, reader.line_num)
        if row.cells or row.problem:
            yield row
        line = reader.line_num


def _next_row(reader: Any, number: int, name: str) -> Row | None:
    """The next row, None at the end. Wrong quotes on one line cost that row only: csv goes on after it."""
    try:
        cells = next(reader, None)
    except csv.Error as error:
        if "end of data" in str(error):
            raise _swallowed(name, reader.line_num, reader.line_num) from error
        return Row(number, [], "CELL_TOO_LONG" if "larger than" in str(error) else "BAD_QUOTES")
    except (UnicodeDecodeError, OSError) as error:
        raise BadFile(f"{name} changed or went away while it was read.", "Load it again.") from error
    return None if cells is None else Row(number, cells)


def _swallowed(name: str, first: int, last: int) -> BadFile:
    return BadFile(f"{name} has quotes that don't pair up between line {first} and line {last}.",
                   "Mend them (a quote inside a quoted value is written twice) and load the file again.")


Reader = Callable[[Path], Any]
READERS: dict[str, Reader] = {".csv": _open_csv}
