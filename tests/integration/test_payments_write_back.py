"""`reconcile payments`: hand-worked cases of D-16, what is written and taken back, and nothing the second time."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from runner import chain
from runner.database import Server
from runner.settings import Settings
from tests import harness
from tests.integration.test_reconcile_claims import RUN_LOG, contents, rows
from tests.oracle import PRICES, Claim, Link, Person, World
from tests.oracle_payments import Driver, Money, Payment
from tests.payment_worlds import combined, monies, unbalanced, write_money, write_payments

AS_OF = date(2026, 1, 14)
ANA, EVA = UUID(int=1), UUID(int=2)
SINCE = datetime(2025, 12, 2, tzinfo=UTC)
FIRST, SECOND = date(2025, 12, 1), date(2025, 12, 20)
DRIVERS = (Driver("d1", "Ana Ñúñez"), Driver("d2", "Eva Paz"), Driver("d3", "Eva Paz"), Driver("d4", "Zoe"))
LINKS = (
    Link(1, ANA, "drivers", "d1", SINCE),
    Link(2, ANA, "drivers", "d4", SINCE),
    Link(3, EVA, "drivers", "d2", SINCE),
)
STATUS = "select claim_id, status::text, paid_at is not null, reason from canon.claims_yango_cabinet_14d order by 1"


def claim(claim_id: int, milestone: int, day: date = FIRST, person: UUID = ANA, **more: Any) -> Claim:
    """A raised claim of Ana and driver d1, unless said otherwise."""
    fields = {"driver_id": "d1", "status": "generated", "generated_at": SINCE} | more
    return Claim(claim_id, person, lead_source_pk="a", lead_date=day, milestone=milestone,
                 amount_expected=PRICES[milestone], **fields)


def pay(number: int, day: date | None, *milestones: int, **more: Any) -> Payment:
    """A payment of these milestones to driver d1, unless said otherwise."""
    flags = {f"trip_{milestone}": True for milestone in milestones}
    return Payment(number, day, **(flags | (more or {"driver_id": "d1"})))


def money(claims: tuple[Claim, ...], *payments: Payment) -> Money:
    """Claims of Ana and Eva, and a payment list."""
    world = World(AS_OF, links=LINKS, persons=(Person(ANA), Person(EVA)), claims=claims)
    return Money(world, DRIVERS, payments)


TWO = (claim(1, 1), claim(2, 1, SECOND), claim(3, 5))
LATE, EARLY = date(2026, 1, 5), date(2025, 12, 10)
CASES = {
    "the oldest first": (TWO, (pay(1, LATE, 1),), {(1, 1): 1}),
    "the next when the oldest is taken": (TWO, (pay(1, LATE, 1), pay(2, LATE, 1)), {(1, 1): 1, (2, 1): 2}),
    "a third has nothing left": (TWO, (*(pay(n, LATE, 1) for n in (1, 2, 3)),), {(3, 1): "ALREADY_PAID"}),
    "by pay date and not by id": (TWO, (pay(1, LATE, 1), pay(2, EARLY, 1)), {(2, 1): 1, (1, 1): 2}),
    "on the lead date": (TWO, (pay(1, FIRST, 1),), {(1, 1): 1}),
    "a day before": (TWO, (pay(1, date(2025, 11, 30), 1),), {(1, 1): "BEFORE_LEAD"}),
    "another milestone": (TWO, (pay(1, LATE, 25),), {(1, 25): "OTHER_MILESTONE"}),
    "two milestones of one row": (TWO, (pay(1, LATE, 1, 5),), {(1, 1): 1, (1, 5): 3}),
    "no claim at all": ((), (pay(1, LATE, 1),), {(1, 1): "NO_CLAIM"}),
    "no pay date": (TWO, (pay(1, None, 1),), {(1, 1): "NO_PAY_DATE"}),
    "by the one who has the name": (TWO, (pay(1, LATE, 1, driver="nunez, ANA"),), {(1, 1): 1}),
    "a name of two": (TWO, (pay(1, LATE, 1, driver="Eva Paz"),), {(1, 1): "NO_DRIVER"}),
    "a name of nobody": (TWO, (pay(1, LATE, 1, driver="Nadie"),), {(1, 1): "NO_DRIVER"}),
    "an unknown name with a driver_id": (TWO, (pay(1, LATE, 1, driver="Nadie", driver_id="d1"),), {(1, 1): 1}),
    "by person": (TWO, (pay(1, LATE, 1, person_key=ANA),), {(1, 1): 1}),
    "another account of the person": (TWO, (pay(1, LATE, 1, driver_id="d4"),), {(1, 1): 1}),
    "the driver's own claim before the person's older one": (
        (claim(1, 1), claim(2, 1, SECOND, driver_id="d4")), (pay(1, LATE, 1, driver_id="d4"),), {(1, 1): 2}),
    "somebody else's": (TWO, (pay(1, LATE, 1, driver_id="d2"),), {(1, 1): "NO_CLAIM"}),
    "a rejected claim": ((claim(1, 1, status="rejected"),), (pay(1, LATE, 1),), {(1, 1): "NO_CLAIM"}),
    "a claim that was paid before": (
        (claim(1, 1, status="paid", paid_at=SINCE),), (pay(1, LATE, 1), pay(2, LATE, 1)),
        {(1, 1): 1, (2, 1): "ALREADY_PAID"}),
}


@pytest.fixture
def placed(migrated_database: Server, settings_for: Callable[..., Settings]) -> Callable[[Money], Settings]:
    """Writes a world with payments and gives settings for its database."""
    def place(what: Money) -> Settings:
        write_money(migrated_database, what)
        return settings_for(migrated_database)

    return place


def reconcile(settings: Settings) -> Any:
    """The command's function."""
    return chain.reconcile_payments_chain(settings, AS_OF, progress=harness.QUIET).payments


def test_hand_worked_cases(migrated_database: Server, placed: Callable[[Money], Settings]) -> None:
    """All in one database, none touching another: each case has its own people."""
    cases = [money(claims, *payments) for claims, payments, _ in CASES.values()]
    settings = placed(combined(cases))
    reconcile(settings)
    found = {
        (payment_id, milestone): claim_id or cause
        for payment_id, milestone, claim_id, cause in rows(
            migrated_database, "select payment_id, milestone_value, claim_id, cause from ops.v_payments_statements")
    }
    statuses = dict(rows(migrated_database, "select claim_id, status::text from canon.claims_yango_cabinet_14d"))
    for place, (name, (_, _, wanted)) in enumerate(CASES.items()):
        for (payment_id, milestone), end in wanted.items():
            moved = end + 1000 * place if isinstance(end, int) else end
            assert found[payment_id + 1000 * place, milestone] == moved, name
            assert isinstance(end, str) or statuses[moved] == "paid", name
    matches = dict(rows(migrated_database, "select payment_id % 1000000, driver_match from ops.v_payments_unapplied"))
    names = list(CASES)
    assert matches[1000 * names.index("a name of two") + 1] == "AMBIGUOUS"
    assert matches[1000 * names.index("a name of nobody") + 1] == "NO_CANDIDATES"
    assert unbalanced(migrated_database) == []


def status(where: Server) -> list[tuple[Any, ...]]:
    return rows(where, STATUS)


def test_paid_taken_back_and_paid_again(migrated_database: Server, placed: Callable[[Money], Settings]) -> None:
    """F34: true, false, true ends as paid; a corrected name is the same payment; a deleted row is a reversal."""
    settings = placed(money((claim(1, 1),)))
    steps = (
        (pay(7, LATE, 1, driver="Ana Nuñez"), "paid", "PAYMENT 7:1", "SETTLES"),
        (
            *(pay(7, LATE, driver="Ana Nuñez", trip_1=False), "generated"),
            *("PAYMENT_REVERSED 7:1 STATEMENT_WITHDRAWN", "REVERSED"),
        ),
        (pay(7, LATE, 1, driver="NÚÑEZ ANA"), "paid", "PAYMENT 7:1", "SETTLES"),
        (pay(7, LATE, 1, driver="Nadie"), "generated", "PAYMENT_UNAPPLIED 7:1 NO_DRIVER", "UNAPPLIED"),
        (pay(7, LATE, 1, driver_id="d1"), "paid", "PAYMENT 7:1", "SETTLES"),
        (None, "generated", "PAYMENT_REVERSED 7:1 ROW_DELETED", "REVERSED"),
    )
    for payment, wanted, reason, outcome in steps:
        write_payments(migrated_database, [payment] if payment else [])
        assert reconcile(settings).wrote
        assert status(migrated_database) == [(1, wanted, wanted == "paid", reason)]
        assert rows(migrated_database, "select outcome from ops.v_payments_statements") == [(outcome,)]
        assert unbalanced(migrated_database) == []
    assert rows(migrated_database, "select count(*) from ops.v_payments_history") == [(5,)]
    codes = rows(migrated_database, "select reason_code from ops.v_claims_payment_status_cabinet")
    assert codes == [("PAYMENT_REVERSED",)]
    told = rows(
        migrated_database,
        "select distinct actor like 'reconcile payments, run%', run_id is not null from canon.claim_events"
        " where kind = 'CHANGED' and old_status <> new_status",
    )
    assert told == [(True, True)]


def test_the_second_time_and_a_dry_run_write_nothing(
    migrated_database: Server, placed: Callable[[Money], Settings]
) -> None:
    """On drawn worlds: what would be paid is paid, and then nothing moves any more, night or command."""
    settings = placed(combined(monies(AS_OF, 60, 9)))
    chain.build(settings, AS_OF, progress=harness.QUIET)
    before = contents(migrated_database)
    told = chain.preview_payments(settings)
    assert contents(migrated_database) == before
    done = reconcile(settings)
    assert (told.counters["would_pay"], told.counters["would_pay_amount"]) == (
        done.counters["claims_paid"], done.counters["paid_amount"])
    assert done.counters["claims_paid"] > 10
    chain.nightly(settings, AS_OF, progress=harness.QUIET)
    before = contents(migrated_database)
    outcome = chain.nightly(settings, AS_OF, progress=harness.QUIET)
    after = contents(migrated_database)
    assert not outcome.payments.wrote
    assert [table for table in after if after[table] != before.get(table)] == sorted(RUN_LOG)
    tied = """select count(*) from ops.v_payments_statements as s
        left join canon.claims_yango_cabinet_14d as c on c.claim_id = s.claim_id
        left join canon.claim_settlements as r on r.claim_id = s.claim_id and r.payment_id = s.payment_id
        where s.outcome = 'SETTLES' and (c.status <> 'paid' or r.claim_id is null)"""
    assert rows(migrated_database, tied) == [(0,)]


def test_what_no_payment_was_seen_for_stays_paid(
    migrated_database: Server, placed: Callable[[Money], Settings]
) -> None:
    """R22: a claim paid by hand or before is left alone, and told as such."""
    settings = placed(money((claim(1, 1, status="paid", paid_at=SINCE),)))
    assert not reconcile(settings).wrote
    columns = "reason_code, paid_amount, due_amount"
    found = rows(migrated_database, f"select {columns} from ops.v_claims_payment_status_cabinet")
    assert found == [("PAID_WITHOUT_PAYMENT", Decimal("25.00"), Decimal("0.00"))]


def test_an_amount_is_honoured_where_the_list_has_one(
    migrated_database: Server, placed: Callable[[Money], Settings]
) -> None:
    """D-9: it fills the row's milestones in their order; a short payment leaves a rest, a large one a negative."""
    settings = placed(money((claim(1, 1), claim(2, 5), claim(3, 25)), pay(1, LATE, 1, 5), pay(2, LATE, 25)))
    with closing(harness.connect(migrated_database)) as session, session, session.cursor() as cursor:
        cursor.execute("alter table public.module_ct_cabinet_payments add column amount numeric(12, 2)")
        cursor.execute("update public.module_ct_cabinet_payments set amount = case id when 1 then 50 else 120.5 end")
    reconcile(settings)
    columns = "claim_id, paid_amount, due_amount"
    found = rows(migrated_database, f"select {columns} from ops.v_claims_payment_status_cabinet order by 1")
    assert found == [
        (1, Decimal("25.00"), Decimal("0.00")),
        (2, Decimal("25.00"), Decimal("10.00")),
        (3, Decimal("120.50"), Decimal("-20.50")),
    ]
    assert unbalanced(migrated_database) == []


def test_what_an_unpublished_run_saw_is_no_version(
    migrated_database: Server, placed: Callable[[Money], Settings]
) -> None:
    """Versions are those that published runs saw: an unpublished run leaves none behind."""
    what = money((claim(1, 1),), pay(1, LATE, 1))
    settings = placed(what)
    chain.build(settings, AS_OF, select="+int_payments__versions", progress=harness.QUIET)
    write_payments(migrated_database, [replace(what.payments[0], trip_1=False)])
    chain.build(settings, AS_OF, progress=harness.QUIET)
    assert rows(migrated_database, "select count(*) from ops.v_payments_statements") == [(0,)]
    assert rows(migrated_database, "select count(*) from ops.v_payments_history") == [(1,)]
