"""What all lists share: named SQL with its parts put in, rows one more than asked, and the meta block."""

from __future__ import annotations

from typing import Any

from runner import queries
from runner.web.cursors import Cursor
from runner.web.filters import Filter, Page
from runner.web.memory import remembered
from runner.web.problems import nothing_built

Row = dict[str, Any]


def statement(file: str, name: str, **parts: str) -> str:
    """A named statement; `{part}` is another name of the file or a text given here, never one of a request."""
    text = queries.get(file, name)
    for part, value in parts.items():
        text = text.replace(f"{{{part}}}", value)
    for other in queries.load(file):
        if f"{{{other}}}" in text:
            text = text.replace(f"{{{other}}}", statement(file, other, **parts))
    return text


def ask(cursor: Any, text: str, parameters: Row) -> list[Row]:
    """All rows of a statement."""
    cursor.execute(text, parameters)
    return list(cursor.fetchall())


def of_run(cursor: Any, fresh: Row, file: str, name: str, wanted: Filter) -> list[Row]:
    """Rows of a statement that sums up, as copies: asked once per run and filter, since a run never changes."""
    key = (fresh["run_id"], fresh["built_at"], file, name, wanted)
    found = remembered(cursor, key, lambda: ask(cursor, statement(file, name), wanted.parameters()))
    return [dict(row) for row in found]


def freshness(cursor: Any) -> Row:
    """As of which day, by which run, published when. Raises a 503 Problem before the first publication."""
    if cursor.fresh is None:  # one snapshot per request: the answer can't change within it
        found = ask(cursor, queries.get("web", "freshness"), {})
        if not found:
            raise nothing_built()
        cursor.fresh = {"as_of": found[0]["as_of"], "built_at": found[0]["built_at"], "run_id": found[0]["run_id"]}
    return dict(cursor.fresh)


def place(cursor: Any, form: Cursor, text: str) -> Row:
    """Where a cursor says that the page before ended, as parameters."""
    parameters = form.read(text)
    if "after_lead_date" in parameters:
        parameters |= ask(cursor, queries.get("web", "week_of"), parameters)[0]
    return parameters


def begin(cursor: Any, fresh: Row, file: str, form: Cursor, wanted: Filter, page: Page) -> tuple[Row, str] | None:
    """Where a page begins: parameters, and the statement of `file` that holds to it ('' when the rows are sorted).

    A cursor says it, else the day on which the offset falls, which the file's `place` finds, once per run. None:
    beyond the last row.
    """
    parameters = {**wanted.parameters(), "limit": page.limit + 1, "offset": page.offset}
    if page.cursor:
        return parameters | place(cursor, form, page.cursor), "after"
    if page.sort:
        return parameters, ""
    key = (fresh["run_id"], fresh["built_at"], file, "place", wanted, page.offset)
    found = remembered(cursor, key, lambda: ask(cursor, statement(file, "place"), parameters))
    return (parameters | found[0], "from_day") if found else None


def listed(rows: list[Row], page: Page, total: int, fresh: Row, form: Cursor | None) -> Row:
    """Meta and data of one page, from rows read one beyond its limit; the next cursor is where the page ends."""
    more, rows = len(rows) > page.limit, rows[: page.limit]
    following = form.write(rows[-1]) if form and more and (page.cursor or not page.sort) else None
    return {
        "meta": {
            "limit": page.limit,
            "offset": page.offset,
            "returned": len(rows),
            "total": total,
            "next_cursor": following,
            **fresh,
        },
        "data": rows,
    }


def ordered(sort: str | None, default: str, sorts: dict[str, str], last: str) -> str:
    """An order by clause: the list's own, or one of its sorts; it ends in a key, so that pages never repeat a row."""
    if sort is None:
        return default
    direction = "desc nulls last" if sort.startswith("-") else "asc nulls last"
    return f"{sorts[sort.lstrip('-')]} {direction}, {last}"
