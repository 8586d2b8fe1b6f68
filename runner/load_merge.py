"""One file's rows inside the server: checked, compared with what is stored, written; in one transaction."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from psycopg2 import sql
from psycopg2.sql import SQL, Composable, Composed, Identifier, Literal

from runner import queries
from runner.load_copy import Feed
from runner.load_kinds import RULES, TYPES, Kind


class Merge:
    """One file on its way into its table: begin, create, copy, check, write, read the counts, keep."""

    def __init__(self, cursor: Any, kind: Kind, file: str, sha256: str, run_id: int | None) -> None:
        self.cursor, self.kind = cursor, kind
        self.seen = False  # the same content was loaded before
        self.table_columns: set[str] = set()
        self.told: list[str] = []  # the file's columns that are read
        self.written: list[str] = []  # the table's columns that are written
        self.parameters: dict[str, Any] = {
            "source": kind.name, "table": f"public.{kind.table}", "lock": kind.lock, "key": kind.key,
            "file": file, "sha256": sha256, "run_id": run_id, "rules": json.dumps(RULES)}

    def begin(self) -> bool:
        """Take the table's lock and look at it; true when this file need not be read again."""
        self._run("take_lock")
        self.seen, filled = self._rows("is_known_file")[0]
        if self.seen and filled and self.kind.skip_known:
            return True
        self.table_columns = {name for (name,) in self._rows("table_columns")}
        self.parameters["loaded_at"] = self._rows("load_time")[0][0]
        self.cursor.execute(queries.get("load", "functions"))
        return False

    def create(self, told: list[str]) -> None:
        """Make the temporary tables for a file that has these columns."""
        ours = [name for name in (*self.kind.stamps, *self.kind.filled) if name in self.table_columns]
        self.told, self.written = told, [*told, *(name for name in ours if name not in told)]
        self._run("clear")
        self._run("create_rows", cells=_list(SQL("{} text").format(Identifier(name)) for name in told))

    def copy(self, feed: Feed) -> None:
        """Stream the rows to the server. Raises what reading the file raised."""
        self.cursor.copy_expert(self._statement("copy_rows", names=_names(self.told)), feed)
        if feed.error:
            raise feed.error

    def check(self) -> None:
        """List rows that can't be loaded, give the others their types."""
        self._run("reject_problems")
        checks = [*self._missing(), *self._badly_typed()]
        if checks:
            self._run("reject_cells", checks=SQL(" ").join(checks))
        self._run("type_rows", values=_list(map(self._value, self.written)))
        if self.kind.key:
            self._run("reject_repeated")
            self._run("forget_rejected")

    def write(self) -> None:
        """Plan each row (new, changed, unchanged) and write the first two."""
        if self.kind.upserts:
            self._write_by_key()
        elif self.kind.key:
            self._write_leads()
        else:
            self._write_trips()

    def outcomes(self) -> dict[str, int]:
        """Rows per outcome."""
        return dict(self._rows("count_outcomes"))

    def reasons(self) -> dict[str, int]:
        """Rejected rows per reason."""
        return dict(self._rows("count_rejects"))

    def examples(self, limit: int | None) -> list[tuple[int, str | None, str | None, str]]:
        """Row, column, value and reason of the first rejects in the order of the file (None: all)."""
        return self._rows("reject_examples", examples=limit)

    def keep(self, counts: dict[str, int]) -> None:
        """Keep the rejects (once per content) and the fact that the file was loaded."""
        if not self.seen:
            self._run("keep_rejects")
        self._run("keep_file", **counts)

    def _write_leads(self) -> None:
        frozen = [SQL("when {0} <> {1} then {2}").format(Identifier("s", name), Identifier("t", name), Literal(name))
                  for name in self.kind.frozen]
        self._run("leads_reject_differing", differences=SQL(" ").join(frozen))
        self._run("forget_rejected")
        compared = [name for name in self._compared() if name != self.kind.key]
        self._run("leads_plan", told=self._content("s", compared), stored=self._content("t", compared),
                  differs=SQL(" or ").join(SQL("coalesce({0}, {1}) is distinct from {1}").format(
                      self._comparable("told", name), self._comparable("known", name)) for name in compared))
        self._run("update_changed", assignments=_list(
            SQL("{0} = coalesce({1}, {2})").format(Identifier(name), Identifier("s", name), Identifier("t", name))
            for name in compared))
        self._insert("insert_new", self.written)

    def _write_trips(self) -> None:
        compared = [name for name in self._compared() if name not in ("driver_id", "date_file")]
        self._run("trips_stored", stored=self._content("t", compared))
        plan = "trips_plan_by_row" if "created_at" in self.told else "trips_plan_by_load"
        self._run(plan, told=self._content("s", compared))
        self._insert("trips_insert", [name for name in self.written if name != "created_at"])

    def _write_by_key(self) -> None:
        if "id" in self.kind.filled:
            self._run("drivers_fill_id")
        self._run("upsert_plan", differences=self._differences())
        changing = [name for name in (*self.told, "updated_at") if name in self.written]
        changing = [name for name in dict.fromkeys(changing) if name not in (self.kind.key, "created_at")]
        if changing:
            self._run("update_changed", assignments=_list(
                SQL("{0} = {1}").format(Identifier(name), Identifier("s", name)) for name in changing))
        self._insert("insert_new", self.written)

    def _insert(self, name: str, columns: list[str]) -> None:
        told_columns = _list(Identifier("s", column) for column in columns)
        self._run(name, columns=_names(columns), told_columns=told_columns)

    def _compared(self) -> list[str]:
        """Columns whose values say whether a row is the same."""
        return [name for name in self.told if name not in self.kind.stamps]

    def _missing(self) -> list[Composable]:
        """A key that rows are updated by must be there."""
        if not self.kind.upserts:
            return []
        return [SQL("when pg_temp.cell({}) is null then {}").format(
            Identifier("r", self.kind.key), Literal(f"{self.kind.key} MISSING_VALUE"))]

    def _badly_typed(self) -> list[Composable]:
        checked = [(name, TYPES[self.kind.columns[name]]) for name in self.told]
        # An index can't hold a longer one, and would end the load for all rows.
        long: list[Composable] = [
            SQL("when length({}) > 600 then {}").format(Identifier("r", name), Literal(f"{name} VALUE_TOO_LONG"))
            for name, _ in checked if self.kind.columns[name] in ("text", "trimmed", "key")]
        return long + [SQL("when not ({}) then {}").format(SQL(type_.check).format(cell=Identifier("r", name)),
                                                   Literal(f"{name} {type_.reason}"))
                for name, type_ in checked if type_.check]

    def _value(self, name: str) -> Composable:
        """The typed value of a cell; a stamp that the file does not give is the time of this load."""
        if name not in self.told:
            return SQL("%(loaded_at)s") if name in self.kind.stamps else SQL("null")
        value = SQL(TYPES[self.kind.columns[name]].cast).format(cell=Identifier("r", name))
        # A trip row without load time belongs to the oldest load (D-17): it stays without.
        stamped = name in self.kind.stamps and self.kind.key
        return SQL("coalesce({}, %(loaded_at)s)").format(value) if stamped else value

    def _comparable(self, row: str, name: str) -> Composable:
        """A value in the form in which equal values are equal: '' is no text, 1.50 is 1.5."""
        type_name = self.kind.columns[name]
        form = {"text": "nullif({}, '')", "number": "trim_scale(cast({} as numeric))"}.get(type_name, "{}")
        return SQL(form).format(Identifier(row, name))

    def _content(self, row: str, names: list[str]) -> Composable:
        """Values as one text: equal values give equal texts, and null is a value."""
        return SQL("cast(row({}) as text)").format(_list(self._comparable(row, name) for name in names))

    def _differences(self) -> Composable:
        """Branches of a case that name the first column in which the file's row s and the stored t differ."""
        branch = SQL("when {} is distinct from {} then {}")
        return SQL(" ").join([
            branch.format(self._comparable("s", name), self._comparable("t", name), Literal(name))
            for name in self._compared()])

    def _statement(self, name: str, **words: Composable) -> Composed:
        shared = {"table": Identifier("public", self.kind.table), "key": Identifier(self.kind.key or "id"),
                  "columns": _names(self.written)}
        return SQL(queries.get("load", name)).format(**shared | words)

    def _run(self, name: str, **words: Composable | int | None) -> None:
        parts = {word: value for word, value in words.items() if isinstance(value, Composable)}
        values = {word: value for word, value in words.items() if word not in parts}
        self.cursor.execute(self._statement(name, **parts), self.parameters | values)

    def _rows(self, name: str, **words: Any) -> list[Any]:
        self._run(name, **words)
        return list(self.cursor.fetchall())


def _list(parts: Iterable[Composable]) -> Composed:
    return sql.SQL(", ").join(list(parts))


def _names(names: list[str]) -> Composed:
    return _list(map(Identifier, names))
