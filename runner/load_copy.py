"""Turns the rows of a file into lines for COPY: the columns we know, and what is wrong with a row's shape."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import islice

from runner.errors import BadFile
from runner.load_file import Row, Sheet
from runner.load_kinds import Kind

ROWS_AT_ONCE = 5000  # rows per chunk sent to the server: what bounds our memory
BLANKS = " \t\r\n"
Progress = Callable[[int], None]
_SPECIAL = re.compile(r"[\\\t\n\r]")
_ESCAPES = {"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"}


def places(sheet: Sheet, kind: Kind, name: str) -> dict[str, int]:
    """Known column -> its place in the file. Raises BadFile for repeated names and missing columns."""
    names = [cell.strip().lower() for cell in sheet.header]
    for place, column in enumerate(names):
        if column and column in names[:place]:
            first = names.index(column)
            raise BadFile(f"{name} names the same column in places {first + 1} and {place + 1}.",
                          "Give each column its own name.")
    missing = [column for column in kind.required if column not in names]
    if missing:
        raise BadFile(f"{name} has no column {', '.join(missing)}.",
                      f"The first row of a {kind.name} file must name: {', '.join(kind.required)}.")
    return {column: names.index(column) for column in kind.columns if column in names}


def ignored(sheet: Sheet, used: dict[str, int]) -> tuple[str, ...]:
    """Names of the columns that are not read."""
    return tuple(cell.strip() or f"column {place + 1} (no name)" for place, cell in enumerate(sheet.header)
                 if place not in used.values())


def lines(sheet: Sheet, used: dict[str, int]) -> Iterator[str]:
    """One line of COPY's text format per row: number, problem with its column and value, the cells we use."""
    width, wanted = len(sheet.header), list(used.values())
    nothing = [""] * len(wanted)
    for row in sheet.rows:
        problem = _shape(row, sheet) if row.problem or len(row.cells) != width else None
        if problem:
            yield _line([str(row.number), *problem, *nothing])
            continue
        cells = [row.cells[place] for place in wanted]
        empty = not any(cell.strip(BLANKS) for cell in cells)
        yield _line([str(row.number), "EMPTY_ROW" if empty else "", "", "", *cells])


def _shape(row: Row, sheet: Sheet) -> tuple[str, str, str] | None:
    """Problem, column and value of a row with too few or too many cells. Blank ones at its end do no harm."""
    width = len(sheet.header)
    if row.problem:
        return row.problem, "", ""
    if len(row.cells) < width:
        return "TOO_FEW_COLUMNS", sheet.header[len(row.cells)].strip(), ""
    extra = [place for place in range(width, len(row.cells)) if row.cells[place].strip(BLANKS)]
    return ("TOO_MANY_COLUMNS", f"column {extra[0] + 1}", row.cells[extra[0]]) if extra else None


def _line(cells: list[str]) -> str:
    text = "\t".join(cells)
    if "\\" in text or "\n" in text or "\r" in text or text.count("\t") != len(cells) - 1:
        text = "\t".join(_SPECIAL.sub(lambda found: _ESCAPES[found[0]], cell) for cell in cells)
    return text + "\n"


class Counter:
    """Tells `progress` how many rows were read so far, over all files that share it."""

    def __init__(self, progress: Progress | None) -> None:
        self.progress, self.rows = progress, 0

    def add(self, rows: int) -> None:
        """Count rows that were read just now."""
        self.rows += rows
        if self.progress and rows:
            self.progress(self.rows)


class Feed:
    """The lines as a file that copy_expert reads in chunks; `total` counts them. copy_expert hides errors of
    `read`, so one is kept in `error` for the caller to raise."""

    def __init__(self, rows: Iterator[str], counter: Counter) -> None:
        self.rows, self.counter = rows, counter
        self.total = 0
        self.error: BaseException | None = None

    def read(self, size: int = -1) -> bytes:
        """The next chunk; empty at the end and after an error."""
        try:
            chunk = list(islice(self.rows, ROWS_AT_ONCE))
            self.total += len(chunk)
            self.counter.add(len(chunk))
            return "".join(chunk).encode()
        except BaseException as error:
            self.error = error
            return b""
