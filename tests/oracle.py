"""Says what every output relation must hold for a given raw world: the rules once more, in plain Python.

It shares nothing with the models it judges. Amounts, milestones and the 14 days are written out here, so that
a wrong seed is caught as well.
R…, D-… are rules and rulings of the domain specification; "decisions" is docs/decisions.md.
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

LEADS_TABLE = "module_ct_cabinet_leads"
DRIVERS_TABLE = "drivers"
WINDOW = timedelta(days=14)
PRICES = {1: Decimal("25.00"), 5: Decimal("35.00"), 25: Decimal("100.00")}
NO_MONEY = Decimal("0.00")
BLANKS = " \t\r\n"  # decisions: blank means null, empty, or only these; a no-break space is not blank
DAY_FORMS = (
    re.compile(r"(?P<day>[0-9]{2})-(?P<month>[0-9]{2})-(?P<year>[0-9]{4})"),
    re.compile(r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})"),
)
CATALOGUE = Path(__file__).parents[1] / "seeds" / "catalogue.csv"

# What each relation holds, column by column; `new=old` is another name of the same fact.
LIMBO = """lead_id lead_source_pk lead_date week_start park_phone asset_plate_number lead_name person_key
    driver_id trips_14d window_end_14d reached_m1_14d reached_m5_14d reached_m25_14d expected_amount_14d
    has_claim_m1 has_claim_m5 has_claim_m25 limbo_stage limbo_reason_detail window_closed claims_missing
    driver_count trips_other_drivers_14d claim_status_m1 claim_status_m5 claim_status_m25
    duplicate_of_lead_source_pk overlaps_lead_source_pk"""
EXPECTED = """lead_id lead_source_pk lead_date_canonico=lead_date week_start person_key driver_id
    window_end_14d milestone trips_in_window=trips_14d milestone_reached=milestone_achieved claim_expected
    amount_expected expected_reason_detail=expectation window_closed duplicate_of_lead_source_pk
    overlaps_lead_source_pk"""
EXPECTED_VS_PRESENT = """lead_id lead_source_pk lead_date week_start person_key driver_id window_end_14d
    milestone trips_14d milestone_achieved claim_expected amount_expected claim_present claim_id claim_status
    gap_reason claim_row_status present_amount generated_at paid_at claim_missing missing_amount
    unsupported_cause conflicting_claim_id window_closed duplicate_of_lead_source_pk
    overlaps_lead_source_pk"""
GAP = """lead_id lead_source_pk lead_date week_start person_key driver_id window_end_14d
    milestone_value=milestone trips_14d milestone_achieved claim_expected claim_exists=claim_present
    claim_status gap_reason gap_detail expected_amount=amount_expected window_closed
    conflicting_claim_id overlaps_lead_source_pk"""
UNSUPPORTED = """claim_id person_key driver_id lead_source_pk lead_date milestone amount_expected
    claim_row_status=status unsupported_cause"""
NEW_CLAIM = """person_key driver_id lead_source_pk lead_date milestone=milestone_value
    amount_expected=expected_amount"""

Row = dict[str, Any]
Grain = tuple[int, int]  # lead_id, milestone
ClaimKey = tuple[UUID | None, date, int]  # person_key, lead_date, milestone


@dataclass(frozen=True)
class Lead:
    id: int
    external_id: str | None
    lead_created_at: datetime | None
    first_name: str | None = None
    middle_name: str | None = None
    last_name: str | None = None
    park_phone: str | None = None
    asset_plate_number: str | None = None


@dataclass(frozen=True)
class TripRow:
    driver_id: str | None
    date_file: str | None
    count_orders_completed: int | None
    sum_work_time_seconds: int | None = None
    created_at: datetime | None = None


@dataclass(frozen=True)
class Person:
    person_key: UUID


@dataclass(frozen=True)
class Link:
    id: int
    person_key: UUID
    source_table: str
    source_pk: str
    linked_at: datetime


@dataclass(frozen=True)
class Claim:
    claim_id: int
    person_key: UUID | None
    driver_id: str | None
    lead_source_pk: str
    lead_date: date
    milestone: int
    amount_expected: Decimal
    status: str
    generated_at: datetime | None = None
    paid_at: datetime | None = None


@dataclass(frozen=True)
class World:
    as_of: date
    leads: tuple[Lead, ...] = ()
    trips: tuple[TripRow, ...] = ()
    links: tuple[Link, ...] = ()
    persons: tuple[Person, ...] = ()
    claims: tuple[Claim, ...] = ()


@dataclass(frozen=True)
class NewClaim:
    person_key: UUID
    driver_id: str
    lead_source_pk: str
    lead_date: date
    milestone: int
    amount_expected: Decimal
    status: str = "generated"


class RaisedClaims(NamedTuple):
    insert: list[NewClaim]
    advance: list[int]


# Leads: who is in, and under which key


def is_blank(text: str | None) -> bool:
    """decisions: null, empty, or only spaces, tabs, carriage returns and line feeds."""
    return text is None or not text.strip(BLANKS)


def source_keys(leads: Iterable[Lead]) -> dict[int, str]:
    """D-19: lead_source_pk is unique by construction. All raw rows take part, dated or not (decisions)."""
    owner: dict[str, int] = {}
    by_id = sorted(leads, key=lambda lead: lead.id)
    for lead in by_id:
        if lead.external_id is not None and not is_blank(lead.external_id):
            owner.setdefault(lead.external_id, lead.id)
    return {lead.id: _source_key(lead, owner) for lead in by_id}


def _source_key(lead: Lead, owner: Mapping[str, int]) -> str:
    """decisions: the id if no lead has that text as external_id; the external_id if this lead is the first to
    have it and it does not begin with `id:`; `id:<id>` otherwise."""
    external_id, own_id = lead.external_id, str(lead.id)
    if external_id is None or is_blank(external_id):
        return own_id if own_id not in owner else f"id:{own_id}"
    if owner[external_id] == lead.id and not external_id.startswith("id:"):
        return external_id
    return f"id:{own_id}"


def excluded_leads(world: World) -> dict[int, str]:
    """D-20: leads without lead_created_at, or dated after as-of, are listed with a reason."""
    reasons = {}
    for lead in world.leads:
        if lead.lead_created_at is None:
            reasons[lead.id] = "MISSING_LEAD_DATE"
        elif lead.lead_created_at.date() > world.as_of:
            reasons[lead.id] = "FUTURE_LEAD_DATE"
    return reasons


def _funnel_dates(world: World) -> dict[int, datetime]:
    """R3, D-7: when each lead of the funnel was created; nothing else filters leads out."""
    excluded = excluded_leads(world)
    return {
        lead.id: lead.lead_created_at
        for lead in world.leads
        if lead.lead_created_at is not None and lead.id not in excluded
    }


# Trips: which rows count, and what each driver did each day


def parse_day(text: str | None) -> date | None:
    """D-18: DD-MM-YYYY or YYYY-MM-DD, trimmed; no such day, no date. Year 0000 is no year (decisions)."""
    for form in DAY_FORMS:
        found = form.fullmatch((text or "").strip(BLANKS))
        if found:
            try:
                return date(int(found["year"]), int(found["month"]), int(found["day"]))
            except ValueError:
                return None
    return None


def rejection(row: TripRow) -> str | None:
    """D-18, in the order of decisions; a row has one reason or none."""
    if is_blank(row.driver_id):
        return "MISSING_DRIVER"
    if parse_day(row.date_file) is None:
        return "BAD_DATE"
    if row.count_orders_completed is None:
        return "MISSING_COUNT"
    return "NEGATIVE_COUNT" if row.count_orders_completed < 0 else None


def rejected_trips(world: World) -> list[tuple[int, str]]:
    """D-18: bad trip rows, by their place in world.trips, each with its reason."""
    return [(place, reason) for place, row in enumerate(world.trips) if (reason := rejection(row))]


def driver_days(world: World) -> dict[tuple[str, date], int]:
    """D-17: rows of one load add up, a later load replaces the earlier, null is the oldest load. Rejected
    rows replace nothing (decisions), and days after as-of do not exist yet (D-7)."""
    loads: dict[tuple[str, date], dict[datetime | None, int]] = defaultdict(lambda: defaultdict(int))
    for row in world.trips:
        day = parse_day(row.date_file)
        if rejection(row) is None and day is not None and day <= world.as_of:
            driver_id = (row.driver_id or "").strip(BLANKS)
            loads[driver_id, day][row.created_at] += row.count_orders_completed or 0
    return {key: load[max(load, key=_load_age)] for key, load in loads.items()}


def _load_age(created_at: datetime | None) -> tuple[bool, datetime]:
    """D-17: null = the oldest load."""
    return (created_at is not None, created_at or datetime.min)


def _trips_in_window(days: Mapping[tuple[str, date], int], driver_id: str, lead_date: date) -> int:
    """R5, R6: lead_date <= day < lead_date + 14; no rows = 0."""
    return sum(days.get((driver_id, lead_date + timedelta(days=n)), 0) for n in range(WINDOW.days))


# Lead to person to driver


def _standing_links(links: Iterable[Link]) -> dict[tuple[str, str], Link]:
    """R9: of several links of one source row the latest linked_at, then the highest id."""
    standing: dict[tuple[str, str], Link] = {}
    for link in sorted(links, key=lambda link: (link.linked_at, link.id)):
        standing[link.source_table, link.source_pk] = link
    return standing


def _drivers_by_person(links: Iterable[Link]) -> dict[UUID, list[str]]:
    """R10, D-3: a person's drivers, latest linked_at first, tie by highest link id."""
    drivers: dict[UUID, list[str]] = defaultdict(list)
    for link in sorted(links, key=lambda link: (link.linked_at, link.id), reverse=True):
        if link.source_table == DRIVERS_TABLE:
            drivers[link.person_key].append(link.source_pk)
    return drivers


def _bearers(dates: Mapping[int, datetime], people: Mapping[int, UUID]) -> dict[UUID, dict[date, int]]:
    """D-2: of a person's leads on one date the earlier lead_created_at, then the lower id, bears claims."""
    bearers: dict[UUID, dict[date, int]] = defaultdict(dict)
    for lead_id in sorted(dates, key=lambda lead_id: (dates[lead_id], lead_id)):
        if lead_id in people:
            bearers[people[lead_id]].setdefault(dates[lead_id].date(), lead_id)
    return bearers


def _overlapped(bearers: Mapping[date, int], lead_date: date) -> int | None:
    """decisions: the bearer of the latest earlier lead date less than a window before."""
    earlier = [day for day in bearers if lead_date - WINDOW < day < lead_date]
    return bearers[max(earlier)] if earlier else None


def resolve(world: World) -> list[Row]:
    """R3, H4: every lead of the funnel once, with all that is known of it before claims are looked at."""
    keys, links, days = source_keys(world.leads), _standing_links(world.links), driver_days(world)
    dates, drivers = _funnel_dates(world), _drivers_by_person(links.values())
    people = {i: links[LEADS_TABLE, keys[i]].person_key for i in dates if (LEADS_TABLE, keys[i]) in links}
    bearers = _bearers(dates, people)
    resolved = []
    for lead in world.leads:
        if lead.id not in dates:
            continue
        lead_date, person = dates[lead.id].date(), people.get(lead.id)
        own_drivers = drivers.get(person, []) if person else []
        siblings = bearers[person] if person else {}
        bearer, overlapped = siblings.get(lead_date, lead.id), _overlapped(siblings, lead_date)
        trips = [_trips_in_window(days, driver_id, lead_date) for driver_id in own_drivers]
        row: Row = {
            "lead_id": lead.id,
            "lead_source_pk": keys[lead.id],
            "lead_date": lead_date,
            "week_start": lead_date - timedelta(days=lead_date.weekday()),  # R4
            "park_phone": lead.park_phone,
            "asset_plate_number": lead.asset_plate_number,
            "lead_name": _full_name(lead),
            "person_key": person,
            "driver_id": own_drivers[0] if own_drivers else None,
            "driver_count": len(own_drivers),
            "trips_14d": sum(trips[:1]),  # H1: 0 whenever there is no driver
            "reached": [milestone for milestone in PRICES if sum(trips[:1]) >= milestone],  # R7
            "trips_other_drivers_14d": sum(trips[1:]),
            "window_end_14d": lead_date + WINDOW,  # R5: the first day that does not count
            "window_closed": world.as_of >= lead_date + WINDOW,
            "duplicate_of_lead_source_pk": keys[bearer] if bearer != lead.id else None,
            "overlaps_lead_source_pk": keys[overlapped] if overlapped is not None else None,
        }
        resolved.append(row)
    return resolved


# Expected: which claims are due. Nothing here looks at claims or payments (R12)


def _expectation(lead: Row, milestone: int) -> str:
    """R11, D-2, in the order of decisions; OK means that the claim is expected."""
    if lead["person_key"] is None:
        return "NO_IDENTITY"
    if lead["driver_id"] is None:
        return "NO_DRIVER"
    if milestone not in lead["reached"]:
        return "INSUFFICIENT_TRIPS"
    return "DUPLICATE_LEAD" if lead["duplicate_of_lead_source_pk"] else "OK"


def _expectations(world: World) -> dict[Grain, Row]:
    """5.2: three rows per lead, always; amount_expected is the list price, also when not expected (R8)."""
    return {
        (lead["lead_id"], milestone): lead
        | {
            "milestone": milestone,
            "milestone_achieved": milestone in lead["reached"],
            "expectation": _expectation(lead, milestone),
            "claim_expected": _expectation(lead, milestone) == "OK",
            "amount_expected": price,
        }
        for lead in resolve(world)
        for milestone, price in PRICES.items()
    }


def expected(world: World) -> dict[Grain, Row]:
    """5.2, R11: one row per lead and milestone."""
    return {key: _only(row, EXPECTED) for key, row in _expectations(world).items()}


# Present: which of them exist, which are missing, which claim rows nothing supports


def _claim_rows(world: World) -> dict[ClaimKey, Claim]:
    """D-1, D-2: the claims table alone says that a claim exists; its key is person, lead date, milestone."""
    return {
        (claim.person_key, claim.lead_date, claim.milestone): claim
        for claim in world.claims
        if claim.person_key is not None
    }


def _claim_status(row: Row, claim: Claim | None) -> str:
    """D-4, D-10, D-21, in the order of decisions."""
    if row["duplicate_of_lead_source_pk"]:
        return "INVALID"
    if not row["claim_expected"]:
        return "UNSUPPORTED" if claim else "INVALID"
    if claim is None:
        return "CLAIM_NOT_GENERATED"
    if claim.status in ("rejected", "expired"):
        return f"CLAIM_{claim.status.upper()}"
    return "OK" if claim.amount_expected == row["amount_expected"] else "UNSUPPORTED"


def _gap_reason(row: Row, claim_status: str) -> str:
    """D-10: a claim missing, rejected or expired is the reason; else the expectation's own, which is OK
    where the claim is expected and live, also with the amount off (decisions)."""
    told_by_claim = claim_status in ("CLAIM_NOT_GENERATED", "CLAIM_REJECTED", "CLAIM_EXPIRED")
    return claim_status if told_by_claim else row["expectation"]


def _unsupported_cause(row: Row, claim: Claim) -> str:
    """D-21: the first cause that holds (decisions)."""
    if row["claim_expected"]:
        return "AMOUNT_OFF_CATALOGUE"
    if row["driver_id"] is None:
        return "NO_DRIVER"
    return "DRIVER_CHANGED" if claim.driver_id not in (None, row["driver_id"]) else "TRIPS_BELOW_MILESTONE"


def _presence(row: Row, claim: Claim | None) -> Row:
    """What the claims table adds to an expectation."""
    claim_status = _claim_status(row, claim)
    missing, off = claim_status == "CLAIM_NOT_GENERATED", claim_status == "UNSUPPORTED"
    return {
        "claim_present": claim is not None,
        "claim_id": claim.claim_id if claim else None,
        "claim_status": claim_status,
        "gap_reason": _gap_reason(row, claim_status),
        "claim_row_status": claim.status if claim else None,
        "present_amount": claim.amount_expected if claim else None,
        "generated_at": claim.generated_at if claim else None,
        "paid_at": claim.paid_at if claim else None,
        "claim_missing": missing,
        "missing_amount": row["amount_expected"] if missing else NO_MONEY,
        "unsupported_cause": _unsupported_cause(row, claim) if claim and off else None,
    }


def expected_vs_present(world: World) -> dict[Grain, Row]:
    """D-10: one row per lead and milestone, with every claim_status. A claim row belongs to every lead of its
    person and date, to a duplicate as much as to the bearer (decisions)."""
    claims, billed = _claim_rows(world), _billed_leads(world)
    rows = {}
    for key, row in _expectations(world).items():
        claim = claims.get((row["person_key"], row["lead_date"], row["milestone"]))
        present = _presence(row, claim)
        other = billed.get((row["lead_source_pk"], row["milestone"])) if present["claim_missing"] else None
        rows[key] = _only(row | present | {"conflicting_claim_id": other}, EXPECTED_VS_PRESENT)
    return rows


def _billed_leads(world: World) -> dict[tuple[str, int], int]:
    """The lowest claim id per lead and milestone, whoever the lead's person was then (decisions)."""
    billed: dict[tuple[str, int], int] = {}
    for claim in sorted(world.claims, key=lambda claim: claim.claim_id):
        billed.setdefault((claim.lead_source_pk, claim.milestone), claim.claim_id)
    return billed


def gap(world: World) -> dict[Grain, Row]:
    """R15, D-10: exactly the missing claims."""
    return {
        key: _only(row | {"gap_detail": _text("gap_detail", row["gap_reason"], row)}, GAP)
        for key, row in expected_vs_present(world).items()
        if row["claim_missing"]
    }


def unsupported(world: World) -> dict[int, Row]:
    """D-21: claim rows whose expectation does not hold, with the row's own columns and the cause."""
    leads = {(lead["person_key"], lead["lead_date"]) for lead in resolve(world)}
    of_leads = expected_vs_present(world).values()
    causes = {row["claim_id"]: row["unsupported_cause"] for row in of_leads if row["unsupported_cause"]}
    for claim in world.claims:
        if claim.person_key is None:
            causes[claim.claim_id] = "NO_PERSON"
        elif claim.milestone not in PRICES:
            causes[claim.claim_id] = "BAD_MILESTONE"
        elif (claim.person_key, claim.lead_date) not in leads:
            causes[claim.claim_id] = "NO_LEAD"
    return {
        claim.claim_id: _only(vars(claim) | {"unsupported_cause": causes[claim.claim_id]}, UNSUPPORTED)
        for claim in world.claims
        if claim.claim_id in causes
    }


def raise_claims(world: World) -> RaisedClaims:
    """D-4, D-5, D-6: every gap is repaired, oldest lead first, at list price, window open or not; an
    `expected` row that is expected advances. An unsupported one (amount off) no job changes (D-21)."""
    missing = sorted(gap(world).items(), key=lambda item: (item[1]["lead_date"], item[0]))
    free = [row for _, row in missing if row["conflicting_claim_id"] is None]
    insert = [NewClaim(**_only(row, NEW_CLAIM)) for row in free]
    present = expected_vs_present(world).values()
    supported = {row["claim_id"] for row in present if row["claim_status"] == "OK"}
    advance = (claim.claim_id for claim in world.claims if claim.status == "expected")
    return RaisedClaims(insert, sorted(supported.intersection(advance)))


# Limbo: where each lead stands


def _stage(lead: Row, missing: list[int]) -> str:
    """R14: the first that applies."""
    if lead["person_key"] is None:
        return "NO_IDENTITY"
    if lead["driver_id"] is None:
        return "NO_DRIVER"
    if lead["trips_14d"] == 0:
        return "NO_TRIPS_14D"
    return "TRIPS_NO_CLAIM" if missing else "OK"


def _limbo_row(lead: Row, own: Mapping[int, Claim | None]) -> Row:
    """R14 on the milestones reached and the claims of the lead's person and date; a duplicate too (D-2)."""
    reached = lead["reached"]
    missing = [milestone for milestone in reached if own[milestone] is None]
    stage = _stage(lead, missing)
    row = lead | {
        "expected_amount_14d": sum((PRICES[milestone] for milestone in reached), NO_MONEY),
        "limbo_stage": stage,
        "claims_missing": ",".join(f"M{milestone}" for milestone in missing) or None,
    }
    for milestone, claim in own.items():
        row[f"reached_m{milestone}_14d"] = milestone in reached
        row[f"has_claim_m{milestone}"] = claim is not None  # D-4: any status means "raised"
        row[f"claim_status_m{milestone}"] = claim.status if claim else None
    code = "NO_TRIPS_14D_OPEN" if stage == "NO_TRIPS_14D" and not lead["window_closed"] else stage
    facts = {
        "milestone": min(missing, default=None),
        "window_last_day": lead["window_end_14d"] - timedelta(days=1),
    }
    return row | {"limbo_reason_detail": _text("stage_detail", code, row | facts)}


def limbo(world: World) -> dict[int, Row]:
    """5.1, H4: one row per lead of the funnel."""
    claims, rows = _claim_rows(world), {}
    for lead in resolve(world):
        person, day = lead["person_key"], lead["lead_date"]
        own = {milestone: claims.get((person, day, milestone)) for milestone in PRICES}
        rows[lead["lead_id"]] = _only(_limbo_row(lead, own), LIMBO)
    return rows


# Texts and columns


def _full_name(lead: Lead) -> str | None:
    """5.1: first, middle, last, each trimmed, blanks skipped, joined by single spaces."""
    names = (lead.first_name, lead.middle_name, lead.last_name)
    return " ".join(name.strip(BLANKS) for name in names if name and not is_blank(name)) or None


@cache
def _templates() -> dict[tuple[str, str], str]:
    """D-13: texts come from one catalogue; Spanish is the default."""
    with CATALOGUE.open(encoding="utf-8", newline="") as file:
        return {(row["kind"], row["code"]): row["detail_es"] for row in csv.DictReader(file)}


def _text(kind: str, code: str, row: Row) -> str:
    """One pass, so that a placeholder inside a lead's own key stays as the key has it."""
    values = row | {"trips": row["trips_14d"]}
    return re.sub(r"\{(\w+)\}", lambda found: str(values[found[1]]), _templates()[kind, code])


def _only(row: Row, columns: str) -> Row:
    """The named columns of a row; `new=old` renames one."""
    names = (name.partition("=") for name in columns.split())
    return {new: row[old or new] for new, _, old in names}
