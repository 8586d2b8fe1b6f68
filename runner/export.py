"""The dispute pack: which claims go to the platform, read row by row from the server, and the words beside them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runner import database, queries
from runner.errors import BadConfiguration
from runner.settings import Settings

if TYPE_CHECKING:
    from psycopg2.extensions import connection as Connection

AT_ONCE = 1000
DAYS = 14
COLUMNS = (
    "claim_id",
    "lead_source_pk",
    "driver_id",
    "driver_name",
    "lead_date",
    "window_last_day",
    "milestone_value",
    "milestone_day",
    "trips_14d",
    "trips_per_day",
    "expected_amount",
    "paid_amount",
    "due_amount",
    "claim_row_status",
    "days_overdue",
    "payments_seen",
)
MONEY = ("expected_amount", "paid_amount", "due_amount")


@dataclass(frozen=True)
class Choice:
    """Which claims: those of a week, those overdue by so many days, else all with money due."""

    week: date | None = None
    unpaid: bool = False
    overdue: int | None = None

    @property
    def name(self) -> str:
        """Part of the file's name."""
        if self.week:
            return f"week_{self.week}"
        return f"overdue_{self.overdue}" if self.overdue is not None else "unpaid"


@dataclass
class Pack:
    """What is written: run and day, words, and totals that grow as rows go by."""

    run_id: int
    as_of: str
    labels: dict[str, str]
    note_texts: list[tuple[str, str]]
    left_out: int
    left_out_amount: Decimal
    claims: int = 0
    totals: dict[str, Decimal] = field(default_factory=lambda: dict.fromkeys(MONEY, Decimal("0.00")))
    path: Path = Path()

    @property
    def amount_expected(self) -> str:
        """Sum of the claims, in PEN."""
        return f"{self.totals['expected_amount']:.2f}"

    @property
    def amount_due(self) -> str:
        """What is due on them, in PEN."""
        return f"{self.totals['due_amount']:.2f}"

    def header(self) -> list[str]:
        """The column names; trips per day are a column each."""
        names = []
        for name in COLUMNS:
            days = range(1, DAYS + 1) if name == "trips_per_day" else ()
            names += [f"{self.labels[name]} {day}" for day in days] or [self.labels[name]]
        return names

    def count(self, rows: Iterator[tuple[Any, ...]]) -> Iterator[list[Any]]:
        """The rows as they go into the file, counted and summed on the way."""
        places = {name: COLUMNS.index(name) for name in COLUMNS}
        for row in rows:
            self.claims += 1
            for name in MONEY:
                self.totals[name] += row[places[name]]
            days = row[places["trips_per_day"]] or [0] * DAYS
            split = places["trips_per_day"]
            yield [*row[:split], *days, *row[split + 1 :]]

    def total_row(self) -> list[Any]:
        """The last line."""
        cells: list[Any] = [None] * (len(COLUMNS) + DAYS - 1)
        cells[0] = self.labels["total"]
        for name in MONEY:
            cells[COLUMNS.index(name) + DAYS - 1] = self.totals[name]
        return cells

    def notes(self) -> list[tuple[str, str]]:
        """What the reader of the pack must know, with the totals filled in."""
        words = {
            "as_of": self.as_of,
            "run": str(self.run_id),
            "claims": str(self.claims),
            "amount": self.amount_expected,
            "paid": f"{self.totals['paid_amount']:.2f}",
            "due": self.amount_due,
            "left_out": str(self.left_out),
            "left_out_amount": f"{self.left_out_amount:.2f}",
        }
        return [(label, text.format(**words)) for label, text in self.note_texts]

    def as_dict(self) -> dict[str, Any]:
        """JSON form (D-11)."""
        return {
            "path": str(self.path),
            "run_id": self.run_id,
            "as_of": self.as_of,
            "claims": self.claims,
            "amount_expected": self.amount_expected,
            "amount_paid": f"{self.totals['paid_amount']:.2f}",
            "amount_due": self.amount_due,
            "left_out": self.left_out,
        }


def write_claims(settings: Settings, choice: Choice, kind: str, output: Path | None) -> Pack:
    """Write the pack and say what is in it; one snapshot, so that totals and rows agree.

    Raises BadConfiguration before the first build.
    """
    from runner import export_files

    parameters = {"week": choice.week, "overdue": choice.overdue}
    with (
        closing(database.connect(database.server(settings), "export", settings)) as session,
        database.transaction(session) as cursor,
    ):
        cursor.execute("set transaction isolation level repeatable read, read only")
        pack = _begin(cursor, settings, parameters)
        pack.path = output or Path(f"cabinet_claims_{choice.name}_{pack.as_of.replace('-', '')}.{kind}")
        rows = pack.count(_stream(session, parameters))
        export_files.WRITERS[kind](pack, rows)
    return pack


def _begin(cursor: Any, settings: Settings, parameters: dict[str, Any]) -> Pack:
    cursor.execute(queries.get("export", "has_states"))
    if not cursor.fetchone()[0]:
        raise BadConfiguration("Nothing was built yet to export.", "Run 'cabinet14d nightly' first.")
    cursor.execute(queries.get("export", "run"))
    run_id, as_of = cursor.fetchone()
    english = settings["language"] == "en"
    labels, notes = {}, []
    cursor.execute(queries.get("export", "texts"))
    for kind, code, label_es, label_en, detail_es, detail_en in cursor.fetchall():
        label = label_en if english else label_es
        if kind == "export_column":
            labels[code] = label
        else:
            notes.append((label, detail_en if english else detail_es))
    cursor.execute(_chosen("left_out"), parameters)
    return Pack(run_id, as_of, labels, notes, *cursor.fetchone())


def _stream(session: Connection, parameters: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    """Rows as they come: the server keeps the result, we hold a thousand of them."""
    with session.cursor("claims_pack") as cursor:
        cursor.itersize = AT_ONCE
        cursor.execute(_chosen("claims"), parameters)
        yield from cursor


def _chosen(name: str) -> str:
    return queries.get("export", name).replace("{chosen}", queries.get("export", "chosen"))
