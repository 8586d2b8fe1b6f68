"""`reconcile claims`: what the models say is missing becomes claim rows, in one transaction of set-based statements."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from runner import database, queries
from runner.errors import BadConfiguration
from runner.kept_rows import KeptRows, asked

if TYPE_CHECKING:
    from psycopg2.extensions import connection as Connection


@dataclass(frozen=True)
class ClaimsFilter:
    """Which gaps a run may raise; None means all (D-6: no horizon by default)."""

    days_back: int | None = None
    limit: int | None = None
    milestone: int | None = None
    week_start: date | None = None

    def parameters(self, as_of: date) -> dict[str, Any]:
        """Query parameters; days_back counts from the as-of date, in days."""
        since = as_of - timedelta(days=self.days_back) if self.days_back is not None else None
        return {"since": since, "limit": self.limit, "milestone": self.milestone, "week_start": self.week_start}


@dataclass
class ClaimsResult:
    """Counters of section 7.1 plus money in PEN, all and per milestone."""

    counters: dict[str, Any]
    by_milestone: dict[int, dict[str, Any]] = field(default_factory=dict)
    listing: KeptRows = field(default_factory=KeptRows)

    @property
    def wrote(self) -> bool:
        """Whether any claim row changed, so that the states must follow."""
        return bool(self.counters["claims_inserted"] or self.counters["claims_updated"])

    @property
    def summary(self) -> str:
        """One line for people."""
        counters = self.counters
        text = f"{counters['claims_inserted']} raised, S/ {counters['inserted_amount']}"
        if counters["claims_updated"]:
            text += f", {counters['claims_updated']} advanced"
        if counters["left_over"]:
            text += f", {counters['left_over']} left over"
        return text

    def as_dict(self) -> dict[str, Any]:
        """JSON form: decimals as text with two places (D-11)."""
        return {**self.counters, "by_milestone": self.by_milestone, "would_insert": self.listing}


def raise_claims(session: Connection, chosen: ClaimsFilter, as_of: date) -> ClaimsResult:
    """Insert every chosen missing claim as `generated`, advance waiting `expected` rows; one transaction (D-4, D-5)."""
    parameters = chosen.parameters(as_of)
    with database.transaction(session) as cursor:
        cursor.execute(queries.get("runs", "own_changes"))
        cursor.execute(_sql("find_missing", "candidate"), parameters)
        gaps = _gaps(cursor, queries.get("claims", "gaps").replace("{missing}", "missing"), parameters)
        cursor.execute(_sql("advance_expected", "candidate"), parameters)
        advanced, advanced_amount = cursor.fetchone()
        cursor.execute(_sql("raise_missing", "candidate"), parameters)
        inserted = {milestone: (count, amount) for milestone, count, amount in cursor.fetchall()}
    return _result(gaps, inserted, advanced, advanced_amount)


def preview(session: Connection, chosen: ClaimsFilter, as_of: date) -> ClaimsResult:
    """What the live run's gap would make this command raise; reads only.

    Raises BadConfiguration before the first build.
    """
    parameters = chosen.parameters(as_of)
    with database.transaction(session) as cursor:
        cursor.execute("set transaction read only")
        cursor.execute(queries.get("claims", "has_states"))
        if not cursor.fetchone()[0]:
            raise BadConfiguration(
                "Nothing was built yet, so there is no gap to look at.", "Run 'cabinet14d build' first."
            )
        of_live = queries.get("claims", "gaps").replace("{missing}", f"({_sql('missing', 'live')})")
        gaps = _gaps(cursor, of_live, parameters)
        cursor.execute(_sql("expected_rows", "live"), parameters)
        waiting, waiting_amount = cursor.fetchone()
        rows = asked(session, _sql("listing", "live"), parameters)
        listing = KeptRows({name: _plain(value) for name, value in row.items()} for row in rows)
    result = _result(gaps, None, 0, Decimal("0.00"))
    result.counters.update(would_advance=waiting, would_advance_amount=_money(waiting_amount))
    result.listing = listing
    return result


def _sql(name: str, states: str) -> str:
    text = queries.get("claims", name).replace("{missing}", queries.get("claims", "missing"))
    return text.replace("{states}", queries.get("claims", states))


def _gaps(cursor: Any, statement: str, parameters: dict[str, Any]) -> dict[int, tuple[Any, ...]]:
    cursor.execute(statement, parameters)
    return {row[0]: row[1:] for row in cursor.fetchall()}


def _result(
    gaps: dict[int, tuple[Any, ...]],
    inserted: dict[int, tuple[int, Decimal]] | None,
    advanced: int,
    advanced_amount: Decimal,
) -> ClaimsResult:
    """Counters; `inserted` is None for a dry run."""
    wrote, inserted = inserted is not None, inserted or {}
    found = sum(row[0] for row in gaps.values())
    picked = sum(row[2] for row in gaps.values())
    written = sum(count for count, _ in inserted.values())
    counters = {
        "processed": picked + advanced,
        "gaps_found": found,
        "claims_inserted": written,
        "claims_updated": advanced,
        "claims_skipped_paid": 0,
        "claims_skipped_rejected": 0,
        "claims_already_exist": 0,
        "claims_conflicting": sum(row[4] for row in gaps.values()),
        # Picked and not written: the registry lacks the person, or the row appeared meanwhile.
        "invalid_conditions": picked - written if wrote else 0,
        "errors": 0,
        "left_over": found - picked,
        "gap_amount": _money(sum((row[1] for row in gaps.values()), Decimal(0))),
        "picked": picked,
        "picked_amount": _money(sum((row[3] for row in gaps.values()), Decimal(0))),
        "inserted_amount": _money(sum((amount for _, amount in inserted.values()), Decimal(0))),
        "updated_amount": _money(advanced_amount),
    }
    by_milestone = {
        milestone: {
            "gaps": row[0],
            "gap_amount": _money(row[1]),
            "picked": row[2],
            "picked_amount": _money(row[3]),
            "inserted": inserted.get(milestone, (0, 0))[0],
            "inserted_amount": _money(inserted.get(milestone, (0, Decimal(0)))[1]),
        }
        for milestone, row in gaps.items()
    }
    return ClaimsResult(counters, by_milestone)


def _money(amount: Any) -> str:
    return f"{Decimal(amount):.2f}"


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, Decimal | date) else value
