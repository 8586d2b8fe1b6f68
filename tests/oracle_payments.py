"""Says what collection must hold for a raw world with payments: the rules in plain Python, payment by payment.

It shares nothing with the models: where they have a closed form, this walks. Leads and claims come from
tests/oracle.py.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from tests import oracle
from tests.oracle import BLANKS, DRIVERS_TABLE, NO_MONEY, PRICES, Claim, Row, World, is_blank

LIVE = ("expected", "generated", "paid")
PAYABLE = ("generated", "paid")
BUCKETS = ((0, "0_NOT_DUE"), (7, "1_1_7"), (14, "2_8_14"), (30, "3_15_30"), (60, "4_31_60"))


@dataclass(frozen=True)
class Payment:
    id: int
    date: date | None
    driver: str | None = None
    trip_1: bool | None = None
    trip_5: bool | None = None
    trip_25: bool | None = None
    driver_id: str | None = None
    person_key: UUID | None = None

    def paid(self) -> list[int]:
        """The milestones that this row says are paid."""
        return [m for m, stated in ((1, self.trip_1), (5, self.trip_5), (25, self.trip_25)) if stated]


@dataclass(frozen=True)
class Driver:
    driver_id: str
    full_name: str | None


@dataclass(frozen=True)
class Money:
    """A world, its drivers, its payment list now, and every list that a published run saw before."""

    world: World
    drivers: tuple[Driver, ...] = ()
    payments: tuple[Payment, ...] = ()
    before: tuple[tuple[Payment, ...], ...] = ()


@dataclass
class Statement:
    """One payment row and milestone, with whom it pays."""

    payment: Payment
    milestone: int
    driver_id: str | None
    person_key: UUID | None
    match: str
    found_by: str | None
    reversal: str | None = None
    claim: Claim | None = field(default=None)


def name_key(name: str | None) -> str | None:
    """5.7: accents stripped, everything but letters and digits to space, lower-case, tokens sorted."""
    bare = "".join(c for c in unicodedata.normalize("NFD", name or "") if not "\u0300" <= c <= "\u036f")
    return " ".join(sorted(re.sub(r"[^A-Za-z0-9]+", " ", bare).lower().split())) or None


def statements(money: Money) -> dict[tuple[int, int], Statement]:
    """Each payment row and milestone that is or ever was paid; the latest paid version speaks for it (F34)."""
    now = {payment.id: payment for payment in money.payments}
    said: dict[tuple[int, int], Payment] = {}
    for payments in (*money.before, money.payments):
        for payment in payments:
            for milestone in payment.paid():
                said[payment.id, milestone] = payment
    finder = _Finder(money)
    found = {}
    for key, payment in said.items():
        statement = Statement(payment, key[1], *finder.payee(payment))
        if key[0] not in now:
            statement.reversal = "ROW_DELETED"
        elif key[1] not in now[key[0]].paid():
            statement.reversal = "STATEMENT_WITHDRAWN"
        found[key] = statement
    return found


class _Finder:
    """F31, F32: the list's own driver, then its own person, then a name that exactly one driver has."""

    def __init__(self, money: Money) -> None:
        self.by_name: dict[str, set[str]] = defaultdict(set)
        for driver in money.drivers:
            key = name_key(driver.full_name)
            if key and not is_blank(driver.driver_id):
                self.by_name[key].add(driver.driver_id)
        links = oracle._standing_links(money.world.links)
        self.person = {pk: link.person_key for (table, pk), link in links.items() if table == DRIVERS_TABLE}

    def payee(self, payment: Payment) -> tuple[str | None, UUID | None, str, str | None]:
        if not is_blank(payment.driver_id):
            driver = (payment.driver_id or "").strip(BLANKS)
            return driver, self.person.get(driver) or payment.person_key, "FOUND", "DRIVER_ID"
        if payment.person_key:
            return None, payment.person_key, "FOUND", "PERSON_KEY"
        drivers = self.by_name.get(name_key(payment.driver) or "", set())
        if len(drivers) == 1:
            (driver,) = drivers
            return driver, self.person.get(driver), "FOUND", "NAME"
        return None, None, "AMBIGUOUS" if drivers else "NO_CANDIDATES", None


def settle(money: Money) -> dict[tuple[int, int], Statement]:
    """D-16, one payment at a time: by driver first, then by person; the oldest claim that is not taken."""
    found = statements(money)
    standing = sorted(
        (s for s in found.values() if not s.reversal and s.payment.date),
        key=lambda s: (s.payment.date, s.payment.id),
    )
    free = sorted((c for c in money.world.claims if c.status in PAYABLE), key=lambda c: (c.lead_date, c.claim_id))
    for by_driver in (True, False):
        for statement in standing:
            if statement.claim is None:
                statement.claim = next((c for c in free if _fits(statement, c, by_driver)), None)
                if statement.claim:
                    free.remove(statement.claim)
    return found


def _is_payee(statement: Statement, claim: Claim, by_driver: bool) -> bool:
    if by_driver:
        return statement.driver_id is not None and claim.driver_id == statement.driver_id
    return statement.person_key is not None and claim.person_key == statement.person_key


def _fits(statement: Statement, claim: Claim, by_driver: bool) -> bool:
    assert statement.payment.date is not None
    same = claim.milestone == statement.milestone and claim.lead_date <= statement.payment.date
    return same and _is_payee(statement, claim, by_driver)


def _cause(statement: Statement, claims: Iterable[Claim]) -> str | None:
    if statement.reversal or statement.claim:
        return statement.reversal
    if statement.match != "FOUND":
        return "NO_DRIVER"
    if statement.payment.date is None:
        return "NO_PAY_DATE"
    own = [
        c for c in claims
        if c.status in PAYABLE and (_is_payee(statement, c, True) or _is_payee(statement, c, False))
    ]
    same = [c for c in own if c.milestone == statement.milestone]
    if any(c.lead_date <= statement.payment.date for c in same):
        return "ALREADY_PAID"
    if same:
        return "BEFORE_LEAD"
    return "OTHER_MILESTONE" if own else "NO_CLAIM"


def payment_statements(money: Money) -> dict[tuple[int, int], Row]:
    """v_payments_statements: how each ended."""
    return {
        key: {
            "outcome": "REVERSED" if s.reversal else "SETTLES" if s.claim else "UNAPPLIED",
            "cause": _cause(s, money.world.claims),
            "claim_id": s.claim.claim_id if s.claim else None,
            "driver_match": s.match,
            "found_by": s.found_by,
            "amount": PRICES[s.milestone],
            "pay_date": s.payment.date,
        }
        for key, s in settle(money).items()
    }


def payment_status(money: Money) -> dict[int, Row]:
    """v_claims_payment_status_cabinet: each claim row's payment, due and age."""
    payments = {s.claim.claim_id: s for s in settle(money).values() if s.claim}
    supported = {
        row["claim_id"]: row["amount_expected"]
        for row in oracle.expected_vs_present(money.world).values()
        if row["claim_expected"] and row["claim_id"] is not None
    }
    rows = {}
    for claim in money.world.claims:
        statement, live = payments.get(claim.claim_id), claim.status in LIVE
        amount = supported.get(claim.claim_id, claim.amount_expected)
        due_date = claim.lead_date + timedelta(days=14)
        overdue = max((money.world.as_of - due_date).days, 0)
        is_paid = live and (statement is not None or claim.status == "paid")
        paid = NO_MONEY
        if is_paid:
            paid = PRICES[claim.milestone] if statement else amount
        rows[claim.claim_id] = {
            "milestone_value": claim.milestone,
            "claim_row_status": claim.status,
            "expected_amount": amount,
            "due_date": due_date,
            "days_overdue": overdue if live else 0,
            "bucket_overdue": bucket(overdue),
            "paid_flag": is_paid,
            "paid_date": statement.payment.date if statement else None,
            "payment_key": f"{statement.payment.id}:{statement.milestone}" if statement else None,
            "paid_amount": paid,
            "due_amount": amount - paid if live else NO_MONEY,
            "is_supported": claim.claim_id in supported,
            "action_priority": _priority(is_paid, live, overdue),
        }
    return rows


def bucket(overdue: int) -> str:
    """5.5."""
    return next((name for last, name in BUCKETS if overdue <= last), "5_60_PLUS")


def _priority(is_paid: bool, live: bool, overdue: int) -> str:
    """5.5 with F33 mended: what is overdue is never told as not due."""
    if is_paid:
        return "P0_CONFIRMED_PAID"
    if not live:
        return "P3_CLOSED"
    if overdue == 0:
        return "P2_NOT_DUE"
    return "P1_WATCH" if overdue < 15 else "P0_COLLECT_NOW"


def aging(money: Money) -> dict[tuple[str, int], Row]:
    """v_collection_aging: what is due by age."""
    rows: dict[tuple[str, int], Row] = defaultdict(
        lambda: {
            "claims_due": 0,
            "amount_due": NO_MONEY,
            "unsupported_claims_due": 0,
            "unsupported_amount_due": NO_MONEY,
        }
    )
    for row in payment_status(money).values():
        if row["due_amount"]:
            kind = "" if row["is_supported"] else "unsupported_"
            cell = rows[row["bucket_overdue"], row["milestone_value"]]
            cell[f"{kind}claims_due"] += 1
            cell[f"{kind}amount_due"] += row["due_amount"]
    return dict(rows)


def funnel(money: Money) -> dict[date, Row]:
    """v_cabinet_14d_funnel_audit_weekly (5.4)."""
    limbo, claims = oracle.limbo(money.world).values(), oracle.expected_vs_present(money.world).values()
    weeks = {}
    for week in {row["week_start"] for row in limbo}:
        leads = [row for row in limbo if row["week_start"] == week]
        own = [row for row in claims if row["week_start"] == week and row["claim_expected"]]
        row: Row = {
            "leads_total": len(leads),
            "leads_distinct_pk": len({lead["lead_source_pk"] for lead in leads}),
            **_reach(leads, ""),
            "distinct_person_keys": len({lead["person_key"] for lead in leads} - {None}),
            "distinct_drivers": len({lead["driver_id"] for lead in leads} - {None}),
            "total_trips_14d_sum": sum(lead["trips_14d"] for lead in leads),
            "debt_expected_total": sum((c["amount_expected"] for c in own), NO_MONEY),
            "debt_missing_total": sum((c["missing_amount"] for c in own), NO_MONEY),
            "leads_closed": sum(lead["window_closed"] for lead in leads),
        }
        for name, value in _reach([lead for lead in leads if lead["window_closed"]], "_closed").items():
            if name.startswith("pct"):
                row[name] = value
        for milestone in PRICES:
            of_milestone = [c for c in own if c["milestone"] == milestone]
            row[f"reached_m{milestone}_14d"] = len(
                {lead["driver_id"] for lead in leads if lead[f"reached_m{milestone}_14d"]} - {None}
            )
            row[f"claims_expected_m{milestone}"] = len(of_milestone)
            row[f"claims_present_m{milestone}"] = sum(c["claim_present"] for c in of_milestone)
            row[f"claims_missing_m{milestone}"] = sum(c["claim_missing"] for c in of_milestone)
        for stage in ("NO_IDENTITY", "NO_DRIVER", "NO_TRIPS_14D", "TRIPS_NO_CLAIM", "OK"):
            row[f"limbo_{stage.lower()}"] = sum(lead["limbo_stage"] == stage for lead in leads)
        weeks[week] = row
    return weeks


def _reach(leads: list[Row], suffix: str) -> Row:
    identity = sum(lead["person_key"] is not None for lead in leads)
    driver = sum(lead["driver_id"] is not None for lead in leads)
    active = len({lead["driver_id"] for lead in leads if lead["trips_14d"] > 0})
    return {
        "leads_with_identity": identity,
        "leads_with_driver": driver,
        "drivers_with_trips_14d": active,
        f"pct_with_identity{suffix}": _percent(identity, len(leads)),
        f"pct_with_driver{suffix}": _percent(driver, identity),
        f"pct_with_trips_14d{suffix}": _percent(active, driver),
    }


def _percent(part: int, whole: int) -> Decimal:
    """Half a hundredth goes up; nothing of nothing is 0."""
    return (Decimal(part) * 100 / whole).quantize(Decimal("0.01"), "ROUND_HALF_UP") if whole else NO_MONEY


def financial(money: Money) -> dict[str, Row]:
    """v_cabinet_financial_14d: per driver of a lead, over all expected claims (F21)."""
    status, rows = payment_status(money), {}
    limbo = [lead for lead in oracle.limbo(money.world).values() if lead["driver_id"] is not None]
    claims = [row for row in oracle.expected_vs_present(money.world).values() if row["claim_expected"]]
    for driver in {lead["driver_id"] for lead in limbo}:
        own = [row for row in claims if row["driver_id"] == driver]
        expected = sum((row["amount_expected"] for row in own), NO_MONEY)
        paid = sum((status[row["claim_id"]]["paid_amount"] for row in own if row["claim_id"] is not None), NO_MONEY)
        due = sum((status[row["claim_id"]]["due_amount"] for row in own if row["claim_id"] is not None), NO_MONEY)
        leads = [lead for lead in limbo if lead["driver_id"] == driver]
        rows[driver] = {
            "lead_date": max(lead["lead_date"] for lead in leads),
            "leads": len(leads),
            "total_trips_14d": sum(lead["trips_14d"] for lead in leads),
            "reached_m1_14d": any(lead["reached_m1_14d"] for lead in leads),
            "reached_m25_14d": any(lead["reached_m25_14d"] for lead in leads),
            "expected_total_yango": expected,
            "total_paid_yango": paid,
            "amount_due_yango": expected - paid,
            "claimed_due_amount": due,
            "missing_amount": sum((row["missing_amount"] for row in own), NO_MONEY),
        }
    return rows


ANSWERS: dict[str, tuple[tuple[str, ...], Any]] = {
    "v_payments_statements": (("payment_id", "milestone_value"), payment_statements),
    "v_claims_payment_status_cabinet": (("claim_id",), payment_status),
    "v_collection_aging": (("bucket_overdue", "milestone_value"), aging),
    "v_cabinet_14d_funnel_audit_weekly": (("week_start",), funnel),
    "v_cabinet_financial_14d": (("driver_id",), financial),
}
"""Relation, key, and this oracle's answer: the columns it knows are compared."""
