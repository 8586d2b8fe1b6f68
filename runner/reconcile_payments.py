"""`reconcile payments`: what the models say is settled moves claims to paid, and back when a payment is reversed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from runner import database, queries
from runner.errors import BadConfiguration
from runner.kept_rows import KeptRows, asked

if TYPE_CHECKING:
    from psycopg2.extensions import connection as Connection

OUTCOMES = ("SETTLES", "UNAPPLIED", "REVERSED")


@dataclass
class PaymentsResult:
    """Counters, money in PEN, causes of what is not settled, and for a dry run what would be paid."""

    counters: dict[str, Any]
    causes: dict[str, dict[str, Any]] = field(default_factory=dict)
    listing: KeptRows = field(default_factory=KeptRows)

    @property
    def wrote(self) -> bool:
        """Whether any claim row changed, so that the states must follow."""
        return bool(self.counters["claims_paid"] or self.counters["claims_taken_back"])

    @property
    def summary(self) -> str:
        """One line for people."""
        counters = self.counters
        text = f"{counters['claims_paid']} paid, S/ {counters['paid_amount']}"
        if counters["claims_taken_back"]:
            text += f", {counters['claims_taken_back']} taken back, S/ {counters['taken_back_amount']}"
        return text

    def as_dict(self) -> dict[str, Any]:
        """JSON form: decimals as text with two places (D-11)."""
        return {**self.counters, "causes": self.causes, "would_pay": self.listing}


def settle(session: Connection, run_id: int) -> PaymentsResult:
    """Record the candidate settlements and move their claims; one transaction, and nothing to do the second time."""
    parameters = {"run_id": run_id, "actor": f"reconcile payments, run {run_id}"}
    with database.transaction(session) as cursor:
        cursor.execute(queries.get("runs", "own_changes"))
        counters, causes = _told(cursor, "candidate")
        cursor.execute(queries.get("payments", "act"), parameters)
        cursor.execute(_sql("take_back", "candidate"), parameters)
        removed, taken_back, taken_back_amount = cursor.fetchone()
        cursor.execute(_sql("record", "candidate"), parameters)
        recorded = cursor.fetchone()[0]
        cursor.execute(_sql("pay", "candidate"), parameters)
        paid, paid_amount = cursor.fetchone()
    counters.update(
        claims_paid=paid,
        paid_amount=_money(paid_amount),
        claims_taken_back=taken_back,
        taken_back_amount=_money(taken_back_amount),
        settlements_recorded=recorded,
        settlements_removed=removed,
    )
    return PaymentsResult(counters, causes)


def preview(session: Connection) -> PaymentsResult:
    """What the live run's settlements would make this command do; reads only.

    Raises BadConfiguration before the first build.
    """
    with database.transaction(session) as cursor:
        cursor.execute("set transaction isolation level repeatable read, read only")
        cursor.execute(queries.get("payments", "has_states"))
        if not cursor.fetchone()[0]:
            raise BadConfiguration("Nothing was built yet to settle.", "Run 'cabinet14d build' first.")
        counters, causes = _told(cursor, "live")
        rows = asked(session, _sql("would_pay", "live"))
        listing = KeptRows({name: _plain(value) for name, value in row.items()} for row in rows)
        cursor.execute(_sql("would_take_back", "live"))
        back, back_amount = cursor.fetchone()
    amount = sum((Decimal(row["amount_expected"]) for row in listing), Decimal(0))
    counters.update(
        claims_paid=0,
        claims_taken_back=0,
        would_pay=len(listing),
        would_pay_amount=_money(amount),
        would_take_back=back,
        would_take_back_amount=_money(back_amount),
    )
    return PaymentsResult(counters, causes, listing)


def _told(cursor: Any, states: str) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """Statements and money per outcome and cause."""
    cursor.execute(_sql("outcomes", states))
    found = {outcome: (count, amount) for outcome, count, amount in cursor.fetchall()}
    counters: dict[str, Any] = {"processed": sum(count for count, _ in found.values())}
    for outcome in OUTCOMES:
        count, amount = found.get(outcome, (0, Decimal(0)))
        counters[f"payments_{outcome.lower()}"] = count
        counters[f"{outcome.lower()}_amount"] = _money(amount)
    cursor.execute(_sql("causes", states))
    causes = {cause: {"payments": count, "amount": _money(amount)} for cause, count, amount in cursor.fetchall()}
    return counters, causes


def _sql(name: str, states: str) -> str:
    return queries.get("payments", name).replace("{states}", queries.get("claims", states))


def _money(amount: Any) -> str:
    return f"{Decimal(amount):.2f}"


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, Decimal | date) else value
