"""Checks the oracle against cases worked by hand from the domain's text, and the worlds it is asked about."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import worlds
from tests.oracle import (
    DRIVERS_TABLE,
    LEADS_TABLE,
    PRICES,
    Claim,
    Lead,
    Link,
    NewClaim,
    Person,
    Row,
    TripRow,
    World,
    driver_days,
    excluded_leads,
    expected,
    expected_vs_present,
    gap,
    limbo,
    parse_day,
    raise_claims,
    rejected_trips,
    source_keys,
    unsupported,
)

DAY = date(2025, 12, 1)
AS_OF = date(2026, 1, 31)
ROSA, LUIS = UUID(int=1), UUID(int=2)
NOON = datetime(2025, 12, 2, 12, tzinfo=UTC)
FIRST_LOAD, SECOND_LOAD = datetime(2025, 12, 3), datetime(2025, 12, 4)


def a_lead(lead_id: int = 1, day: date = DAY, hour: int = 8, external_id: str | None = None) -> Lead:
    return Lead(lead_id, external_id, datetime(day.year, day.month, day.day, hour), "Ana")


def trips(count: int | None, day: date = DAY, driver: str = "d1", load: datetime | None = None) -> TripRow:
    return TripRow(driver, f"{day:%d-%m-%Y}", count, created_at=load)


def a_claim(milestone: int = 1, status: str = "generated", **columns: Any) -> Claim:
    claim = Claim(milestone, ROSA, "d1", "1", DAY, milestone, PRICES.get(milestone, Decimal(1)), status, NOON)
    return replace(claim, **columns)


def lead_link(link_id: int, source_pk: str, person_key: UUID = ROSA) -> Link:
    return Link(link_id, person_key, LEADS_TABLE, source_pk, NOON)


def driver_link(link_id: int, driver: str, person_key: UUID = ROSA, linked_at: datetime = NOON) -> Link:
    return Link(link_id, person_key, DRIVERS_TABLE, driver, linked_at)


def rosas_world(*rows: TripRow, claims: tuple[Claim, ...] = (), leads: tuple[Lead, ...] = (a_lead(),)) -> World:
    """Every lead is Rosa's, and she drives as d1."""
    keys = source_keys(leads)
    links = tuple(lead_link(10 + lead.id, keys[lead.id]) for lead in leads)
    return World(AS_OF, leads, rows, (*links, driver_link(1, "d1")), (Person(ROSA), Person(LUIS)), claims)


def days_of(*offsets: int) -> list[date]:
    return [DAY + timedelta(days=offset) for offset in offsets]


# Window, milestones, money


def test_window_is_half_open() -> None:
    """R5: a lead of 1 Dec counts 1 to 14 Dec; trips of 15 Dec and of 30 Nov do not count."""
    inside = [trips(1, day) for day in days_of(0, 13)]
    outside = [trips(25, day) for day in days_of(-1, 14)]
    row = limbo(rosas_world(*inside, *outside))[1]
    assert (row["trips_14d"], row["window_end_14d"]) == (2, date(2025, 12, 15))


@pytest.mark.parametrize(
    ("count", "reached", "money"),
    [(0, [], 0), (1, [1], 25), (4, [1], 25), (5, [1, 5], 60), (24, [1, 5], 60), (25, [1, 5, 25], 160)],
)
def test_milestones_and_money(count: int, reached: list[int], money: int) -> None:
    """R7, R8: exactly 1, 5 and 25; per lead 0, 25, 60 or 160."""
    world = rosas_world(trips(count))
    row = limbo(world)[1]
    assert [m for m in PRICES if row[f"reached_m{m}_14d"]] == reached
    assert str(row["expected_amount_14d"]) == f"{money}.00"
    assert [m for (_, m), found in expected(world).items() if found["claim_expected"]] == reached
    assert sum(found["missing_amount"] for found in expected_vs_present(world).values()) == money
    assert [m for _, m in gap(world)] == reached


def test_list_price_is_told_also_when_not_expected() -> None:
    """5.2: three rows per lead, always."""
    rows = expected(World(AS_OF, (a_lead(),)))
    assert [(m, str(row["amount_expected"])) for (_, m), row in rows.items()] == [
        (1, "25.00"),
        (5, "35.00"),
        (25, "100.00"),
    ]
    assert {row["expected_reason_detail"] for row in rows.values()} == {"NO_IDENTITY"}


@pytest.mark.parametrize(
    ("as_of", "closed"), [(date(2025, 12, 1), False), (date(2025, 12, 14), False), (date(2025, 12, 15), True)]
)
def test_window_closes_on_the_first_day_that_does_not_count(as_of: date, closed: bool) -> None:
    row = limbo(replace(rosas_world(), as_of=as_of))[1]
    assert row["window_closed"] is closed
    opening = "Sin viajes: el conductor d1" if closed else "Aún sin viajes: la ventana del conductor d1"
    assert row["limbo_reason_detail"].startswith(opening)
    assert "2025-12-14" in row["limbo_reason_detail"]


def test_trips_after_as_of_do_not_exist_yet() -> None:
    """D-7."""
    world = replace(rosas_world(*[trips(1, day) for day in days_of(2, 3, 4)]), as_of=DAY + timedelta(days=3))
    assert limbo(world)[1]["trips_14d"] == 2
    assert max(day for _, day in driver_days(world)) == world.as_of


def test_week_starts_on_monday() -> None:
    """R4, over the turn of the ISO year: 1 January 2027 is a Friday of week 53."""
    world = World(date(2027, 2, 1), (a_lead(1, date(2027, 1, 1)), a_lead(2, date(2026, 12, 28))))
    assert {row["week_start"] for row in limbo(world).values()} == {date(2026, 12, 28)}


# Trips


def test_rows_of_one_load_add_up_and_a_later_load_replaces() -> None:
    """D-17."""
    assert driver_days(World(AS_OF, trips=(trips(2), trips(3)))) == {("d1", DAY): 5}
    older = (trips(9, load=FIRST_LOAD), trips(9, load=None))
    later = (trips(1, load=SECOND_LOAD), trips(1, load=SECOND_LOAD))
    assert driver_days(World(AS_OF, trips=(*later, *older))) == {("d1", DAY): 2}
    assert driver_days(World(AS_OF, trips=(trips(9), trips(0, load=FIRST_LOAD)))) == {("d1", DAY): 0}


def test_a_rejected_row_replaces_nothing() -> None:
    """D-17, D-18."""
    for bad in (None, -3):
        assert driver_days(World(AS_OF, trips=(trips(4), trips(bad, load=SECOND_LOAD)))) == {("d1", DAY): 4}


def test_a_day_written_in_both_forms_is_one_day() -> None:
    padded = TripRow(" d1\t", " 2025-12-01\r\n", 3)
    assert driver_days(World(AS_OF, trips=(trips(2), padded))) == {("d1", DAY): 5}


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("29-02-2024", date(2024, 2, 29)),
        ("\t2024-02-29 ", date(2024, 2, 29)),
        *[(text, None) for text in worlds.BAD_DAYS],
    ],
)
def test_dates(text: str | None, day: date | None) -> None:
    """D-18: DD-MM-YYYY or YYYY-MM-DD, and such a day exists."""
    assert parse_day(text) == day


def test_reasons_of_rejected_trips() -> None:
    """D-18: each reason, and the first of several."""
    rows = (
        trips(1),
        TripRow(" \t", "31-02-2025", None),
        TripRow("d1", "31-02-2025", None),
        trips(None),
        trips(-1),
        trips(0),
    )
    reasons = ["MISSING_DRIVER", "BAD_DATE", "MISSING_COUNT", "NEGATIVE_COUNT"]
    assert rejected_trips(World(AS_OF, trips=rows)) == list(enumerate(reasons, start=1))


# Keys, identity, driver


@pytest.mark.parametrize(
    ("external_ids", "keys"),
    [
        ({1: "abc", 2: None, 3: "  ", 4: "", 5: "\t\r\n"}, ["abc", "2", "3", "4", "5"]),
        ({1: " abc", 2: "abc ", 3: "\u00a0"}, [" abc", "abc ", "\u00a0"]),
        ({1: "2", 2: None, 3: "3"}, ["2", "id:2", "3"]),
        ({1: "2", 2: " "}, ["2", "id:2"]),
        ({1: "id:9", 2: "ID:9", 3: " id:9"}, ["id:1", "ID:9", " id:9"]),
        ({1: "id:2", 2: None, 3: "2"}, ["id:1", "id:2", "2"]),
        ({2: "twice", 1: "twice", 3: "twice"}, ["twice", "id:2", "id:3"]),
    ],
)
def test_source_keys(external_ids: dict[int, str | None], keys: list[str]) -> None:
    """D-19 and decisions, case by case."""
    leads = [a_lead(lead_id, external_id=external_id) for lead_id, external_id in external_ids.items()]
    assert source_keys(leads) == dict(enumerate(keys, start=1))


def test_undated_leads_take_part_in_keys() -> None:
    world = World(AS_OF, (Lead(1, "2", None), a_lead(2)))
    assert limbo(world)[2]["lead_source_pk"] == "id:2"


def test_excluded_leads() -> None:
    """D-20; a lead of the as-of date itself is in."""
    tomorrow = AS_OF + timedelta(days=1)
    world = World(AS_OF, (Lead(1, None, None), a_lead(2, tomorrow, hour=0), a_lead(3, AS_OF, hour=23)))
    assert excluded_leads(world) == {1: "MISSING_LEAD_DATE", 2: "FUTURE_LEAD_DATE"}
    assert list(limbo(world)) == [3]


def test_latest_linked_driver_then_highest_link_id() -> None:
    """D-3, and what the person's other drivers did in the window."""
    base = rosas_world(trips(1), trips(5, driver="d2"), trips(7, driver="d3"), trips(9, driver="d4"))
    links = (*base.links, driver_link(3, "d3"), driver_link(2, "d2"), driver_link(9, "d4", LUIS))
    row = limbo(replace(base, links=links))[1]
    assert (row["driver_id"], row["driver_count"]) == ("d3", 3)
    assert (row["trips_14d"], row["trips_other_drivers_14d"]) == (7, 6)
    newer = driver_link(0, "d5", linked_at=NOON + timedelta(microseconds=1))
    row = limbo(replace(base, links=(*links, newer)))[1]
    assert (row["driver_id"], row["trips_14d"], row["trips_other_drivers_14d"]) == ("d5", 0, 13)


def test_links_of_other_tables_and_keys_do_not_count() -> None:
    """R9: only the lead's own key, letter by letter."""
    links = (lead_link(1, "abc "), lead_link(2, "1"), Link(3, ROSA, "module_ct_migrations", "abc", NOON))
    row = limbo(World(AS_OF, (a_lead(1, external_id="abc"),), links=links, persons=(Person(ROSA),)))[1]
    assert (row["person_key"], row["limbo_stage"], row["driver_count"]) == (None, "NO_IDENTITY", 0)


def test_lead_name() -> None:
    """5.1: trimmed, blanks skipped, single spaces between; null if nothing is left."""
    lead = replace(a_lead(), first_name=" Ana\t", middle_name=" ", last_name="de  la")
    assert limbo(World(AS_OF, (lead,)))[1]["lead_name"] == "Ana de  la"
    nameless = replace(lead, first_name=None, last_name="\r\n")
    assert limbo(World(AS_OF, (nameless,)))[1]["lead_name"] is None


# Repeated and overlapping leads


@pytest.mark.parametrize(("hours", "bearer"), [((8, 7), 2), ((8, 8), 1), ((7, 8), 1)])
def test_two_leads_on_one_date_make_one_claim(hours: tuple[int, int], bearer: int) -> None:
    """D-2: the earlier lead_created_at, then the lower id, bears the claim."""
    leads = tuple(a_lead(lead_id, hour=hour) for lead_id, hour in enumerate(hours, start=1))
    world = rosas_world(trips(1), leads=leads)
    other = 3 - bearer
    assert list(gap(world)) == [(bearer, 1)]
    assert {lead_id: row["duplicate_of_lead_source_pk"] for lead_id, row in limbo(world).items()} == {
        bearer: None,
        other: str(bearer),
    }
    assert [row["limbo_stage"] for row in limbo(world).values()] == ["TRIPS_NO_CLAIM"] * 2
    assert [expected(world)[other, m]["expected_reason_detail"] for m in PRICES] == [
        "DUPLICATE_LEAD",
        "INSUFFICIENT_TRIPS",
        "INSUFFICIENT_TRIPS",
    ]
    claimed = replace(world, claims=(a_claim(),))
    assert [row["limbo_stage"] for row in limbo(claimed).values()] == ["OK"] * 2
    duplicate = expected_vs_present(claimed)[other, 1]
    assert (duplicate["claim_status"], duplicate["gap_reason"]) == ("INVALID", "DUPLICATE_LEAD")
    assert (duplicate["claim_present"], duplicate["claim_id"]) == (True, 1)


def test_overlapping_windows_each_claim() -> None:
    """D-2: of 1, 10 and 14 December each has its claims and names the one before; 15 only touches 1."""
    leads = tuple(a_lead(n, day) for n, day in enumerate(days_of(0, 9, 13), start=1))
    world = rosas_world(trips(1, DAY + timedelta(days=10)), leads=leads)
    assert [row["overlaps_lead_source_pk"] for row in limbo(world).values()] == [None, "1", "2"]
    assert list(gap(world)) == [(1, 1), (2, 1)]
    touching = rosas_world(leads=(a_lead(1), a_lead(2, DAY + timedelta(days=14))))
    assert [row["overlaps_lead_source_pk"] for row in limbo(touching).values()] == [None, None]


def test_overlap_names_the_bearer_also_on_duplicates() -> None:
    """decisions: the bearer of the latest earlier date, and a duplicate carries it too."""
    tenth = DAY + timedelta(days=9)
    leads = (a_lead(1, hour=9), a_lead(2, hour=8), a_lead(3, tenth), a_lead(4, tenth))
    rows = limbo(rosas_world(leads=leads))
    assert [rows[lead_id]["overlaps_lead_source_pk"] for lead_id in (1, 2, 3, 4)] == [None, None, "2", "2"]


# Claims


@pytest.mark.parametrize(
    ("status", "claim_status", "gap_reason"),
    [
        ("expected", "OK", "OK"),
        ("generated", "OK", "OK"),
        ("paid", "OK", "OK"),
        ("rejected", "CLAIM_REJECTED", "CLAIM_REJECTED"),
        ("expired", "CLAIM_EXPIRED", "CLAIM_EXPIRED"),
    ],
)
def test_a_claim_of_any_status_means_raised(status: str, claim_status: str, gap_reason: str) -> None:
    """D-4, D-10."""
    world = rosas_world(trips(1), claims=(a_claim(status=status),))
    row = expected_vs_present(world)[1, 1]
    assert (row["claim_status"], row["gap_reason"], row["claim_row_status"]) == (
        claim_status,
        gap_reason,
        status,
    )
    assert (row["claim_missing"], row["missing_amount"]) == (False, 0)
    lead = limbo(world)[1]
    assert (lead["limbo_stage"], lead["has_claim_m1"], lead["claim_status_m1"]) == ("OK", True, status)
    assert gap(world) == {} and unsupported(world) == {}


def test_missing_claims_and_their_texts() -> None:
    """R14, R15: the detail names the lowest missing milestone."""
    world = rosas_world(trips(25), claims=(a_claim(1),), leads=(a_lead(external_id="{trips}"),))
    lead = limbo(world)[1]
    assert (lead["limbo_stage"], lead["claims_missing"]) == ("TRIPS_NO_CLAIM", "M5,M25")
    assert lead["limbo_reason_detail"] == "Falta el claim M5 (viajes = 25): ejecute la generación de claims."
    assert gap(world)[1, 25]["gap_detail"] == (
        "El conductor d1 alcanzó M25 (25 viajes desde 2025-12-01) y el claim del lead {trips} no existe."
    )


def test_stage_details_name_what_to_look_at() -> None:
    no_identity = limbo(World(AS_OF, (a_lead(),)))[1]
    assert no_identity["limbo_reason_detail"] == "Sin identidad: ejecute el matching para el lead 1."
    no_driver = limbo(replace(rosas_world(), links=(lead_link(1, "1"),)))[1]
    assert no_driver["limbo_stage"] == "NO_DRIVER"
    assert no_driver["limbo_reason_detail"].endswith(f"de la persona {ROSA}.")


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        (lambda w: w, None),
        (lambda w: replace(w, trips=()), "TRIPS_BELOW_MILESTONE"),
        (lambda w: replace(w, links=(lead_link(1, "1"),)), "NO_DRIVER"),
        (lambda w: replace(w, links=(lead_link(1, "1"), driver_link(2, "d2"))), "DRIVER_CHANGED"),
        (lambda w: replace(w, trips=(), claims=(a_claim(driver_id=None),)), "TRIPS_BELOW_MILESTONE"),
        (lambda w: replace(w, claims=(a_claim(amount_expected=Decimal("35.00")),)), "AMOUNT_OFF_CATALOGUE"),
        (lambda w: replace(w, claims=(a_claim(person_key=None),)), "NO_PERSON"),
        (lambda w: replace(w, claims=(a_claim(milestone=7),)), "BAD_MILESTONE"),
        (lambda w: replace(w, claims=(a_claim(person_key=LUIS),)), "NO_LEAD"),
        (lambda w: replace(w, leads=()), "NO_LEAD"),
        (lambda w: replace(w, as_of=DAY - timedelta(days=1)), "NO_LEAD"),
    ],
)
def test_causes_of_unsupported_claims(change: Callable[[World], World], cause: str | None) -> None:
    """D-21 and decisions: each cause."""
    found = unsupported(change(rosas_world(trips(1), claims=(a_claim(),))))
    assert [row["unsupported_cause"] for row in found.values()] == ([cause] if cause else [])


def test_a_relinked_driver_who_reaches_the_milestone_keeps_the_claim() -> None:
    """decisions: the money is the person's."""
    world = rosas_world(trips(1), claims=(a_claim(driver_id="d8"),))
    assert expected_vs_present(world)[1, 1]["claim_status"] == "OK"


@pytest.mark.parametrize(("status", "claim_status"), [("paid", "UNSUPPORTED"), ("rejected", "CLAIM_REJECTED")])
def test_only_a_live_claim_has_a_wrong_amount(status: str, claim_status: str) -> None:
    claim = a_claim(status=status, amount_expected=Decimal("24.99"))
    row = expected_vs_present(rosas_world(trips(1), claims=(claim,)))[1, 1]
    assert row["claim_status"] == claim_status
    assert row["gap_reason"] == ("OK" if status == "paid" else "CLAIM_REJECTED")


def test_claims_to_raise() -> None:
    """D-5, D-6: oldest first, window open or not, at list price; a supported `expected` row advances."""
    late = AS_OF - timedelta(days=1)
    waiting = a_claim(1, "expected", lead_source_pk="2")
    wrong = a_claim(5, "expected", amount_expected=Decimal(36), lead_source_pk="2")
    world = rosas_world(trips(25), trips(1, late), claims=(wrong, waiting), leads=(a_lead(1, late), a_lead(2)))
    assert raise_claims(world) == (
        [
            NewClaim(ROSA, "d1", "2", DAY, 25, Decimal("100.00")),
            NewClaim(ROSA, "d1", "1", late, 1, Decimal("25.00")),
        ],
        [waiting.claim_id],
    )


def test_a_lead_is_not_billed_again_under_another_person() -> None:
    """Decisions: a claim of the same lead and milestone under another person or date stops the job, not the gap."""
    before = a_claim(1, "generated", person_key=UUID(int=99))
    world = rosas_world(trips(5), claims=(before,), leads=(a_lead(1),))
    found = {milestone: row["conflicting_claim_id"] for (_, milestone), row in gap(world).items()}
    assert found == {1: before.claim_id, 5: None}
    assert [claim.milestone for claim in raise_claims(world).insert] == [5]


# Rules that hold in every world


@given(worlds.worlds(AS_OF))
def test_hard_rules(world: World) -> None:
    """H1, H2, H3, H4, D-2: and limbo, expected and gap tell one story."""
    leads, rows, missing = limbo(world), expected_vs_present(world), gap(world)
    assert len(leads) + len(excluded_leads(world)) == len(world.leads)
    assert len({row["lead_source_pk"] for row in leads.values()}) == len(leads)
    assert set(rows) == {(lead_id, m) for lead_id in leads for m in PRICES} == set(expected(world))
    for row in leads.values():
        assert row["driver_id"] is not None or row["trips_14d"] == 0
        assert row["limbo_stage"] != "TRIPS_NO_CLAIM" or (row["trips_14d"] > 0 and row["claims_missing"])
        assert row["limbo_stage"] != "OK" or row["trips_14d"] > 0
    no_claim = {lead_id for lead_id, row in leads.items() if row["limbo_stage"] == "TRIPS_NO_CLAIM"}
    bearers = {lead_id for lead_id in no_claim if leads[lead_id]["duplicate_of_lead_source_pk"] is None}
    assert bearers == {lead_id for lead_id, _ in missing}
    claim_keys = [(row["person_key"], row["lead_date"], row["milestone_value"]) for row in missing.values()]
    assert len(set(claim_keys)) == len(claim_keys)


@given(worlds.worlds(AS_OF))
def test_raising_claims_once_leaves_nothing_to_raise(world: World) -> None:
    """7.1: idempotent; and the job neither makes nor mends an unsupported claim (D-21)."""
    after = worlds.after_claims_job(world)
    assert gap(after) == {}
    assert raise_claims(after) == ([], [])
    assert unsupported(after) == unsupported(world)


# The worlds themselves


def test_worlds_reach_every_outcome() -> None:
    """A generator that never draws a case would make every comparison with the models pass on it."""
    drawn = worlds.sample(worlds.worlds(AS_OF), 300)
    leads = [row for world in drawn for row in limbo(world).values()]
    rows = [row for world in drawn for row in expected_vs_present(world).values()]
    assert {row["limbo_stage"] for row in leads} == {
        "NO_IDENTITY", "NO_DRIVER", "NO_TRIPS_14D", "TRIPS_NO_CLAIM", "OK"
    }  # fmt: skip
    assert {row["trips_14d"] for row in leads} >= {0, 1, 4, 5, 24, 25}
    assert {row["claim_status"] for row in rows} == {
        "CLAIM_NOT_GENERATED", "OK", "CLAIM_REJECTED", "CLAIM_EXPIRED", "INVALID", "UNSUPPORTED"
    }  # fmt: skip
    assert {row["gap_reason"] for row in rows} == {
        "CLAIM_NOT_GENERATED", "OK", "CLAIM_REJECTED", "CLAIM_EXPIRED",
        "NO_IDENTITY", "NO_DRIVER", "INSUFFICIENT_TRIPS", "DUPLICATE_LEAD",
    }  # fmt: skip
    causes = {row["unsupported_cause"] for world in drawn for row in unsupported(world).values()}
    assert causes == {
        "AMOUNT_OFF_CATALOGUE", "NO_DRIVER", "DRIVER_CHANGED", "TRIPS_BELOW_MILESTONE", "NO_LEAD"
    }  # fmt: skip
    rejected = {reason for world in drawn for _, reason in rejected_trips(world)}
    assert rejected == {"MISSING_DRIVER", "BAD_DATE", "MISSING_COUNT", "NEGATIVE_COUNT"}
    assert any(row["overlaps_lead_source_pk"] and row["duplicate_of_lead_source_pk"] for row in leads)
    assert any(row["trips_other_drivers_14d"] for row in leads)
    assert any(row["lead_source_pk"] == f"id:{row['lead_id']}" and row["person_key"] for row in leads)
    assert any(raise_claims(world).advance for world in drawn)


def test_samples_are_the_same_every_time() -> None:
    strategy = worlds.worlds(AS_OF)
    assert worlds.sample(strategy, 10) == worlds.sample(strategy, 10)
    assert worlds.sample(strategy, 10) != worlds.sample(strategy, 10, seed_number=1)


def assert_constraints_hold(world: World) -> None:
    """What the tables themselves forbid."""
    external_ids = [lead.external_id for lead in world.leads if lead.external_id is not None]
    source_rows = [(link.source_table, link.source_pk) for link in world.links]
    claim_keys = [(claim.person_key, claim.lead_date, claim.milestone) for claim in world.claims]
    ids = [lead.id for lead in world.leads], [link.id for link in world.links]
    claim_ids = [claim.claim_id for claim in world.claims]
    for unique in (external_ids, source_rows, claim_keys, *ids, claim_ids, world.persons):
        assert len(set(unique)) == len(unique)
    persons = {person.person_key for person in world.persons}
    assert {link.person_key for link in world.links} <= persons
    for claim in world.claims:
        assert claim.person_key in persons and claim.milestone in PRICES and claim.amount_expected > 0
        assert (claim.paid_at is not None) == (claim.status == "paid")
        assert (claim.generated_at is None) == (claim.status == "expected")


runs_of_nights = worlds.as_of_runs(AS_OF).flatmap(lambda as_ofs: worlds.nights(as_ofs))


@given(runs_of_nights)
def test_nights_are_lawful(found: list[World]) -> None:
    """D-4: every night the constraints hold, statuses move lawfully, no claim row is lost or rewritten."""
    assert 3 <= len(found) <= 6
    for world in found:
        assert_constraints_hold(world)
    for before, after in pairwise(found):
        now = {claim.claim_id: claim for claim in after.claims}
        for claim in before.claims:
            moved = now[claim.claim_id]
            assert replace(moved, status="", generated_at=None, paid_at=None) == replace(
                claim, status="", generated_at=None, paid_at=None
            )
            assert moved.status in (claim.status, *worlds.LAWFUL_MOVES.get(claim.status, ()))


def test_nights_reach_every_kind_of_change() -> None:
    found = worlds.sample(runs_of_nights, 150)
    steps = [step for worlds_ in found for step in pairwise(worlds_)]
    days_forward = {(after.as_of - before.as_of).days for before, after in steps}
    assert days_forward >= {-1, 0, 1, 14}
    lists: list[Callable[[World], tuple[Any, ...]]] = [
        lambda world: world.leads,
        lambda world: world.trips,
        lambda world: world.links,
    ]
    for rows in lists:
        changed = [(rows(before), rows(after)) for before, after in steps if rows(before) != rows(after)]
        assert {(len(new) > len(old)) - (len(new) < len(old)) for old, new in changed} == {-1, 0, 1}
    statuses = {
        (old.status, new.status)
        for before, after in steps
        for old in before.claims
        for new in after.claims
        if old.claim_id == new.claim_id
    }
    assert {(old, new) for old, moves in worlds.LAWFUL_MOVES.items() for new in moves} <= statuses


PLACED_COLUMNS: dict[str, Callable[[Any, int], Any]] = {
    "lead_id": worlds.place_id,
    "claim_id": worlds.place_id,
    "person_key": worlds.place_person,
    **dict.fromkeys(
        ("lead_source_pk", "driver_id", "duplicate_of_lead_source_pk", "overlaps_lead_source_pk"),
        lambda text, index: worlds.place_text(text, index, index),
    ),
}


def without_texts(row: Row) -> Row:
    """The texts quote ids, so they change with them."""
    return {column: value for column, value in row.items() if column not in ("limbo_reason_detail", "gap_detail")}


def placed(row: Row, index: int) -> Row:
    """An output row as it must read once its world was moved."""
    return {
        column: PLACED_COLUMNS[column](value, index) if column in PLACED_COLUMNS and value is not None else value
        for column, value in without_texts(row).items()
    }


@pytest.mark.parametrize("repeated_external_ids", [False, True])
def test_worlds_do_not_touch_in_one_database(repeated_external_ids: bool) -> None:
    """What the oracle says of a world alone, it says of it among others."""

    @given(st.lists(worlds.worlds(AS_OF, repeated_external_ids), min_size=1, max_size=3))
    def check(drawn: list[World]) -> None:
        whole = worlds.combine(drawn)
        if not repeated_external_ids:
            assert_constraints_hold(whole)
        assert_same_answers(drawn, whole)

    check()


def assert_same_answers(drawn: list[World], whole: World) -> None:
    relations: list[Callable[[World], dict[Any, Row]]] = [
        limbo,
        expected,
        expected_vs_present,
        gap,
        unsupported,
    ]
    for relation in relations:
        for index, part in enumerate(worlds.split(relation(whole), len(drawn))):
            assert part == relation(worlds.place(drawn[index], index))
            alone = [placed(row, index) for row in relation(drawn[index]).values()]
            assert [without_texts(row) for row in part.values()] == alone
    assert len(limbo(whole)) == sum(len(limbo(world)) for world in drawn)
    assert len(rejected_trips(whole)) == sum(len(rejected_trips(world)) for world in drawn)
    assert sorted(driver_days(whole).values()) == sorted(n for w in drawn for n in driver_days(w).values())
