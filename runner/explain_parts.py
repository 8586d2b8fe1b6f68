"""The parts of a lead's trace, each made of its rows and the catalogue's words: rows decide, no rule is repeated."""

from __future__ import annotations

import shlex
from datetime import date, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Any

from runner import explain_identity

if TYPE_CHECKING:
    from runner.explain import Found
    from runner.texts import Texts

Row = dict[str, Any]

RAW = (
    "external_id", "lead_created_at", "first_name", "middle_name", "last_name", "park_phone", "asset_plate_number",
    "asset_model",
)  # fmt: skip
RUN = {"run_id": "run_id", "as_of_date": "as_of", "published_at": "published_at"}
COMMAND = "cabinet14d "
SPELL = ("from_run", "to_run", "from_as_of", "to_as_of", "days_in_stage", "is_current")


def assembled(found: Found) -> Row:
    """The whole trace, in the order of the funnel."""
    row = found.row
    names = [row[name] for name in ("first_name", "middle_name", "last_name") if row[name]]
    return {
        "lead": row["lead_source_pk"],
        "lead_id": row["lead_id"],
        "lead_name": " ".join(names) or None,
        "run": {to: found.run[name] for name, to in RUN.items()},
        "raw": raw(found),
        "keys": keys(row),
        "identity": explain_identity.identity(found),
        "person": explain_identity.person(found),
        "window": window(found) if found.stage else None,
        "milestones": milestones(found),
        "claims": claims(found),
        "payments": [payment(found.texts, its) for its in found.lists["payments"]],
        "stage": stage(found),
        "moves": [move(found.texts, row["lead_source_pk"], its) for its in found.lists["moves"]],
    }


def raw(found: Found) -> Row:
    """The original row as the run read it, and what the source says by now."""
    row, state = found.row, found.row["source_state"]
    return {
        "row": {name: row[name] for name in RAW},
        "lead_date": row["lead_date"],
        "since_run": row["since_run"],
        "source_state": state,
        "source_state_label": found.texts.label("source_state", state),
        "changed_columns": (row["changed_columns"] or "").split(",") if row["changed_columns"] else [],
        "text": found.texts.detail("source_state", state, columns=(row["changed_columns"] or "").replace(",", ", ")),
    }


def keys(row: Row) -> Row:
    """What matching compares; null where the lead has nothing that can tell anybody apart."""
    parts = {f"{name}_parts": (row[f"{name}_key"] or "").split() for name in ("name", "given", "surname")}
    ours = {name: row[f"{name}_key"] for name in ("phone", "plate", "licence", "model")}
    return {**ours, "plate_shape": row["plate_shape"], **parts}


def window(found: Found) -> Row:
    """Every day of the window with its trips, the days that brought milestones, and the person's other drivers."""
    its = found.stage or {}
    last = its["window_end_14d"] - timedelta(days=1)
    ours = [day for day in found.lists["trips"] if day["is_leads_driver"]]
    added = sum(day["trips"] for day in ours)
    theirs = [day for day in found.lists["trips"] if not day["is_leads_driver"]]
    others = groupby(theirs, key=lambda day: day["driver_id"])
    return {
        "first_day": its["lead_date"],
        "last_day": last,
        "is_closed": its["window_closed"],
        "driver_id": its["driver_id"],
        "trips": its["trips_14d"],
        "days": calendar(its["lead_date"], last, ours, found.run["as_of_date"]) if its["driver_id"] else [],
        "reached": [{"milestone": code, "day": day["trip_date"]} for day in ours for code in _codes(day)],
        "other_drivers": [{"driver_id": driver, "trips": sum(day["trips"] for day in days)} for driver, days in others],
        "added_up": added,
        "moved_since": bool(its["driver_id"]) and added != its["trips_14d"],
    }


def calendar(first: date, last: date, days: list[Row], as_of: date) -> list[Row]:
    """One row a day: trips, running total, milestones; null trips for a day that has not come for the run."""
    known = {day["trip_date"]: day for day in days}
    rows, running = [], 0
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        its = known.get(day)
        running = its["running_trips"] if its else running
        has_come = day <= as_of
        rows.append(
            {
                "day": day,
                "day_no": number + 1,
                "trips": (its["trips"] if its else 0) if has_come else None,
                "running": running if has_come else None,
                "milestones": _codes(its) if its else [],
            }
        )
    return rows


def _codes(day: Row) -> list[str]:
    return (day["milestones_reached"] or "").split(",") if day["milestones_reached"] else []


def milestones(found: Found) -> list[Row]:
    """The three expectations: reached, due or not and why, what it is worth, and how its claim stands."""
    return [
        {
            "milestone": its["milestone"],
            "reached": its["milestone_achieved"],
            "claim_expected": its["claim_expected"],
            "expected_reason": its["expected_reason"],
            "reason_label": found.texts.label("reason", its["gap_reason"]),
            "reason_text": found.texts.detail("reason", its["gap_reason"]),
            "amount": its["amount_expected"],
            "claim_status": its["claim_status"],
            "gap_reason": its["gap_reason"],
            "claim_id": its["claim_id"],
            "claim_row_status": its["claim_row_status"],
            "claim_row_label": found.texts.label("claim_row_status", its["claim_row_status"]),
            "unsupported_cause": its["unsupported_cause"],
            "unsupported_text": found.texts.detail("unsupported", its["unsupported_cause"]),
        }
        for its in found.lists["milestones"]
    ]


def claims(found: Found) -> list[Row]:
    """Claim rows that have to do with the lead, each with everything that happened to it."""
    texts = found.texts
    return [
        {
            **{name: value for name, value in its.items() if name != "lead_id"},
            "tie_label": texts.label("claim_tie", its["claim_tie"]),
            "status_label": texts.label("claim_row_status", its["claim_row_status"] or its["status_now"]),
            "status_now_label": texts.label("claim_row_status", its["status_now"]),
            "moved_since": its["claim_row_status"] != its["status_now"],
            "reason_label": texts.label("payment_reason", its["reason_code"]),
            "unsupported_text": texts.detail("unsupported", its["unsupported_cause"]),
            "events": [event(texts, each) for each in found.events if each["claim_id"] == its["claim_id"]],
        }
        for its in found.lists["claims"]
    ]


def event(texts: Texts, its: Row) -> Row:
    """One thing that happened to a claim row."""
    return {
        **{name: value for name, value in its.items() if name != "claim_id"},
        "kind_label": texts.label("event_kind", its["event_kind"]),
        "new_label": texts.label("claim_row_status", its["new_status"]),
    }


def payment(texts: Texts, its: Row) -> Row:
    """One payment statement and how it ended."""
    return {
        **{name: value for name, value in its.items() if name != "lead_id"},
        "outcome_label": texts.label("payment_outcome", its["outcome"]),
        "cause_label": texts.label("payment_cause", its["cause"]),
        "found_by_label": texts.label("found_by", its["found_by"]),
    }


def stage(found: Found) -> Row:
    """The stage with its reason, what to do, and the stages before; of a lead outside the funnel, why it is there."""
    texts, its, excluded = found.texts, found.stage, found.row["exclusion_reason"]
    kind, code = ("stage", its["limbo_stage"]) if its else ("exclusion", excluded)
    return {
        "code": code,
        "is_excluded": its is None,
        "label": texts.label(kind, code),
        "text": texts.detail(kind, code),
        "reason": reason(texts, its) if its else texts.detail(kind, code),
        "next_action": texts.action(kind, code),
        "claims_missing": (its["claims_missing"] or "").split(",") if its and its["claims_missing"] else [],
        "expected_amount": its["expected_amount_14d"] if its else None,
        "duplicate_of": its["duplicate_of_lead_source_pk"] if its else None,
        "overlaps": its["overlaps_lead_source_pk"] if its else None,
        "history": [
            {
                "stage": spell["limbo_stage"],
                "label": texts.label("stage", spell["limbo_stage"]),
                **{name: spell[name] for name in SPELL},
            }
            for spell in found.lists["history"]
        ],
    }


def reason(texts: Texts, its: Row) -> str:
    """The sentence of limbo_reason_detail, in the reader's language and not the run's."""
    values = {
        **its,
        "window_last_day": its["window_end_14d"] - timedelta(days=1),
        "trips": its["trips_14d"],
        "milestone": its["lowest_missing"],
    }
    return texts.detail("stage_detail", its["stage_detail_code"], **values)


def move(texts: Texts, lead: str, its: Row) -> Row:
    """One thing that would have to be true, in words, with its numbers, who can make it true and by which command."""
    code = its["move_code"]
    missing = [texts.label("lead_key", key) for key in (its["missing_keys"] or "").split(",") if key]
    values = {
        **its,
        "lead": shlex.quote(lead),
        "driver_id": shlex.quote(its["driver_id"]) if its["driver_id"] else None,
        "trips": its["trips_14d"],
        "rule": texts.label("rule", its["match_rule"]),
        "missing": ", ".join(missing) or texts.label("trace", "nothing_missing"),
        "detail": texts.detail("unsupported", its["detail_code"]).rstrip("."),
    }
    action = texts.action("move", code, **values)
    is_command = action.startswith(COMMAND)
    return {
        "code": code,
        "mover": its["mover"],
        "mover_label": texts.label("mover", its["mover"]),
        "label": texts.label("move", code),
        "text": texts.detail("move", code, **{**values, "driver_id": its["driver_id"]}),
        "action": texts.action("settle", its["detail_code"]) or (None if is_command else action or None),
        "command": action if is_command else None,
        **{name: value for name, value in its.items() if name not in ("lead_id", "move_code", "mover")},
    }
