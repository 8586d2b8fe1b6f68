"""Who a lead is, as its trace tells it: every rule's outcome, every hit and why it counts or not, links, decisions."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from runner.explain import Found
    from runner.texts import Texts

Row = dict[str, Any]

# Rules in their order, with the column of the decision that holds their outcome.
RULES = {
    "R1_PHONE_EXACT": "mr1_outcome",
    "R2_LICENSE_EXACT": "mr2_outcome",
    "R3_PLATE_EXACT_NAME_SIMILAR": "mr3_outcome",
    "R3b": "mr3b_outcome",
    "R4_CAR_FINGERPRINT_NAME_SIMILAR": "mr4_outcome",
    "SCORE": "score_outcome",
}
LEVELS = ("phone", "plate", "name")
POINTS = ("phone", "plate", "name", "model", "date")


def identity(found: Found) -> Row:
    """The decision of the rules, every hit with why it was kept or dropped, and what people decided."""
    hits = found.lists["candidates"]
    earlier = {hit["to_run"] for hit in hits if not hit["is_current"]}
    state = "EXCLUDED" if found.row["exclusion_reason"] else "OPEN" if found.decision else "LINKED"
    return {
        "state": state,
        "decision": decision(found.texts, found.decision) if found.decision else None,
        "rules": [outcome(found.texts, rule, found.decision[its]) for rule, its in RULES.items()]
        if found.decision
        else [],
        "candidates": [candidate(found.texts, hit) for hit in hits],
        "candidates_until_run": max(earlier) if earlier else None,
        "verdicts": [verdict(found.texts, its) for its in found.lists["verdicts"]],
    }


def decision(texts: Texts, its: Row) -> Row:
    """What was decided about the lead and why."""
    reason = its["reason_code"]
    return {
        "outcome": its["outcome"],
        "outcome_label": texts.label("identity_outcome", its["outcome"]),
        "text": texts.detail("identity_outcome", its["outcome"]),
        "reason": reason,
        "reason_label": texts.label("identity_reason", reason),
        "reason_text": texts.detail("identity_reason", reason),
        **{name: its[name] for name in ("driver_id", "match_rule", "match_score", "confidence_level", "score")},
        "other_person_key": its["other_person_key"],
    }


def outcome(texts: Texts, rule: str, code: str) -> Row:
    """How one rule ended for the lead."""
    return {
        "rule": rule,
        "rule_label": texts.label("rule", rule),
        "outcome": code,
        "outcome_label": texts.label("hit", code),
        "text": texts.detail("hit", code),
    }


def candidate(texts: Texts, hit: Row) -> Row:
    """One driver that one rule hit."""
    code = "KEPT" if hit["is_kept"] else hit["drop_reason"]
    return {
        **outcome(texts, hit["rule"], code),
        "driver_id": hit["driver_id"],
        "person_key": hit["person_key"],
        "park_id": hit["park_id"],
        "is_kept": hit["is_kept"],
        "rule_score": hit["rule_score"],
        "score": hit["score"],
        "points": {name: hit[f"{name}_points"] for name in POINTS},
        "levels": {name: hit[f"{name}_level"] for name in LEVELS},
        "level_labels": {name: texts.label("level", hit[f"{name}_level"] or "UNKNOWN") for name in LEVELS},
        "name_similarity": None if hit["name_similarity"] is None else float(hit["name_similarity"]),
        "hired_after_days": hit["hired_after_days"],
        "driver": {name: hit[f"{name}_key"] for name in ("phone", "plate", "licence", "name")},
    }


def by_driver(candidates: list[Row]) -> list[list[Row]]:
    """The hits of each driver together, in the order in which drivers come; one whose pair was compared leads."""
    drivers = dict.fromkeys(hit["driver_id"] for hit in candidates)
    groups = [[hit for hit in candidates if hit["driver_id"] == driver] for driver in drivers]
    return [sorted(hits, key=lambda hit: hit["score"] is None) for hits in groups]


def verdict(texts: Texts, its: Row) -> Row:
    """What a person decided."""
    return {**its, "verdict_label": texts.label("verdict", its["verdict"])}


def person(found: Found) -> Row | None:
    """The person with the links as they stand now; `moved_since` tells that the run saw others."""
    links = found.lists["links"]
    of_run = found.stage["person_key"] if found.stage else None
    of_lead = [its for its in links if its["link_of"] == "LEAD"]
    if not links and not of_run:
        return None
    drivers = {its["source_pk"] for its in links if its["link_of"] == "DRIVER"}
    moved = [its["person_key"] for its in of_lead[:1]] != ([of_run] if of_run else [])
    lost = found.stage is not None and found.stage["driver_id"] is not None and found.stage["driver_id"] not in drivers
    return {
        "person_key": of_run or of_lead[0]["person_key"],
        "driver_id": found.stage["driver_id"] if found.stage else None,
        "links": [link(found.texts, its, found.lists["verdicts"]) for its in links],
        "moved_since": bool(found.stage) and (moved or lost),
    }


def link(texts: Texts, its: Row, verdicts: list[Row]) -> Row:
    """One link: by which rule, when, by which run, and who decided where a person did."""
    accepted = [each for each in verdicts if each["verdict"] == "ACCEPT" and its["match_rule"] == "MANUAL"]
    by_person = next((each for each in reversed(accepted) if each["driver_id"] == its["evidence_driver_id"]), None)
    levels = {name: its[f"{name}_level"] for name in LEVELS}
    return {
        **{name: its[name] for name in ("link_of", "link_id", "person_key", "source_pk", "match_rule", "match_score")},
        "rule_label": texts.label("rule", its["match_rule"]),
        "rule_text": texts.detail("rule", its["match_rule"]),
        "confidence_level": its["confidence_level"],
        "confidence_label": texts.label("confidence", its["confidence_level"]),
        "linked_at": its["linked_at"],
        "linked_by_run": its["linked_by_run"],
        "linked_from": its["linked_from"],
        "levels": levels,
        "level_labels": {name: texts.label("level", code or "UNKNOWN") for name, code in levels.items()},
        "score": its["score"],
        "evidence": json.loads(its["evidence"]) if its["evidence"] else None,
        "decided_by": by_person["decided_by"] if by_person else None,
        "why": by_person["why"] if by_person else None,
        "counts": its["is_driver_of_run"],
    }
