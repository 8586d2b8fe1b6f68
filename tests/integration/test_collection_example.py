"""docs/collection-example.md, night by night: every table of the page equals the relation it names."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID

from runner import chain
from runner.database import Server
from runner.settings import Settings
from tests import harness
from tests.integration.test_reconcile_claims import rows
from tests.oracle import Lead, Link, Person, TripRow, World
from tests.oracle_payments import Driver, Money, Payment
from tests.payment_worlds import unbalanced, write_money, write_payments

PAGE = Path(__file__).parents[2] / "docs" / "collection-example.md"
ROSA, SINCE = UUID(int=1), datetime(2025, 12, 2, tzinfo=UTC)
WORLD = World(
    as_of=date(2026, 2, 1),
    leads=(Lead(1, "A", datetime(2025, 12, 1, 9)), Lead(2, "B", datetime(2025, 12, 20, 9))),
    trips=(
        TripRow("d1", "01-12-2025", 2),
        TripRow("d1", "14-12-2025", 4),
        TripRow("d1", "15-12-2025", 3),
        TripRow("d1", "20-12-2025", 20),
        TripRow("d1", "02-01-2026", 5),
    ),
    links=(
        Link(1, ROSA, "module_ct_cabinet_leads", "A", SINCE),
        Link(2, ROSA, "module_ct_cabinet_leads", "B", SINCE),
        Link(3, ROSA, "drivers", "d1", SINCE),
    ),
    persons=(Person(ROSA),),
)
DRIVERS = (Driver("d1", "Rosa Quispe"), Driver("d2", "Rosa Quispe Mamani"))
PAYMENTS = (
    Payment(1, date(2025, 12, 10), "QUISPE, rosa", trip_1=True),
    Payment(2, date(2026, 1, 5), trip_1=True, trip_5=True, driver_id="d1"),
    Payment(3, date(2026, 1, 8), trip_1=False, trip_5=True, trip_25=True, driver_id="d1"),
)


def tables(text: str) -> list[tuple[str, list[str], set[tuple[str, ...]]]]:
    """Relation, columns and rows of every table in a part of the page."""
    found = []
    for relation, block in re.findall(r"^`(v_\w+)`\n\n((?:\|.*\n)+)", text, re.MULTILINE):
        lines = [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in block.strip().splitlines()]
        found.append((relation, list(lines[0]), set(lines[2:])))
    return found


def test_every_table_of_the_page_is_what_the_relation_says(
    migrated_database: Server, settings_for: Callable[..., Settings]
) -> None:
    settings = settings_for(migrated_database)
    parts = PAGE.read_text(encoding="utf-8").split("\n## ")[1:]
    assert [len(tables(part)) for part in parts] == [1, 3, 4]
    write_money(migrated_database, Money(WORLD, DRIVERS))
    for part, payments in zip(parts, ((), PAYMENTS, PAYMENTS[::2]), strict=True):
        write_payments(migrated_database, payments)
        chain.nightly(settings, WORLD.as_of, progress=harness.QUIET)
        for relation, columns, wanted in tables(part):
            found = rows(migrated_database, f"select {', '.join(columns)} from ops.{relation}")
            assert {tuple("" if value is None else str(value) for value in row) for row in found} == wanted, relation
        assert unbalanced(migrated_database) == []
    told = rows(
        migrated_database,
        "select reason from canon.claim_events where old_status = 'paid' and new_status = 'generated' order by 1",
    )
    assert told == [("PAYMENT_MOVED 3:5 TO CLAIM 3",), ("PAYMENT_REVERSED 2:1 ROW_DELETED",)]
