"""Says what is decided about every lead: docs/identity.md 3 (mutual best) and 4 once more, in plain Python.

It and its rooms (names, pairs, rules) share nothing with the models they judge; the seeds are read as data.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from tests.oracle_identity_names import points
from tests.oracle_identity_pairs import NO_FACTS, IdentityWorld, Pair
from tests.oracle_identity_rules import RULES, Hit, Known, add_plates_again, find_hits, find_pairs

Row = dict[str, Any]
LINKED = ("LINK_LEAD", "LINK_DRIVER")
BY_PERSON = 10_000


class Answer(NamedTuple):
    """Rows by (lead_id, driver_id), (lead_id, rule, driver_id) and lead_id."""

    pairs: dict[tuple[int, str], Row]
    candidates: dict[tuple[int, str, str], Row]
    decisions: dict[int, Row]


@dataclass
class Winner:
    """A lead with kept hits: what they name, and how strongly."""

    lead_id: int
    whos: set[str]
    best: Hit
    strength: int
    has_key: bool
    has_other_key: bool
    is_beaten: bool = False

    @property
    def who(self) -> str | None:
        return next(iter(self.whos)) if len(self.whos) == 1 else None


# Mutual best


def find_winners(known: Known, hits: dict[int, list[Hit]]) -> dict[int, Winner]:
    """The leads with kept hits; those whose hits name one `who` may be beaten by leads of unlike names."""
    winners = {}
    for lead_id, its in hits.items():
        kept = [hit for hit in its if hit.drop_reason is None]
        if kept and not known.is_ignored(lead_id):
            best = min(kept, key=lambda hit: (-hit.rule_score, -hit.score, hit.driver_id, hit.rule))
            strength = max(BY_PERSON if hit.rule == "MANUAL" else hit.score for hit in kept)
            levels = [level for hit in kept if hit.pair for level in (hit.pair.phone_level, hit.pair.plate_level)]
            has_key = any(hit.rule == "MANUAL" for hit in kept) or bool({"SAME", "LOOKALIKE", "NEAR"} & set(levels))
            winners[lead_id] = Winner(lead_id, {hit.who for hit in kept}, best, strength, has_key, "OTHER" in levels)
    wanting: dict[str, list[Winner]] = defaultdict(list)
    for winner in winners.values():
        if winner.who is not None:
            wanting[winner.who].append(winner)
    linked: dict[str, list[int]] = defaultdict(list)
    for lead_id, person in known.person_of_lead.items():
        linked[str(person)].append(lead_id)
    for who, rivals in wanting.items():
        for winner in rivals:
            if winner.strength >= BY_PERSON:
                continue
            others = [(its.lead_id, its.has_key) for its in rivals if its.strength >= winner.strength]
            others += [(lead_id, True) for lead_id in linked[who]]
            by_name_alone = winner.has_other_key and not winner.has_key
            winner.is_beaten = any(
                other != winner.lead_id and ((by_name_alone and has_key) or _are_unlike(known, winner.lead_id, other))
                for other, has_key in others)
    return winners


def _are_unlike(known: Known, left: int, right: int) -> bool:
    """Contradicted, surnames too, or unknown."""
    names = known.leads[left].name, known.leads[right].name
    if not names[0].parts or not names[1].parts:
        return True
    compared = known.names.compare(*names)
    return compared.is_contradicted or compared.is_surname_contradicted


# Decision: section 4


def answer(world: IdentityWorld, target_park: str = "") -> Answer:
    """Both relations for one world."""
    known = Known(world, target_park)
    pairs = {lead_id: find_pairs(known, lead_id) for lead_id in known.unsettled}
    hits = {lead_id: find_hits(known, lead_id, pairs[lead_id]) for lead_id in known.unsettled}
    add_plates_again(known, hits)
    winners = find_winners(known, hits)
    unbeaten = [its for its in winners.values() if its.who is not None and not its.is_beaten]
    persons_wanting: dict[str | None, set[UUID]] = defaultdict(set)
    wanted_by: dict[UUID | None, set[str | None]] = defaultdict(set)
    for winner in unbeaten:
        person = known.person_of_lead.get(winner.lead_id)
        if person is not None:
            persons_wanting[winner.who].add(person)
            wanted_by[person].add(winner.who)
    decisions = {}
    for lead_id in known.unsettled:
        chosen = winners.get(lead_id)
        outcome = _outcome(known, lead_id, chosen, persons_wanting, wanted_by)
        decisions[lead_id] = _decision(known, lead_id, outcome, chosen, hits[lead_id], persons_wanting)
    for lead in world.leads:
        if lead.lead_created_at is None and lead.id not in known.person_of_lead:
            decisions[lead.id] = _undated(known, lead.id)
    candidates = {(lead_id, hit.rule, hit.driver_id): _candidate(lead_id, hit)
                  for lead_id, its in hits.items() for hit in its}
    compared = {(lead_id, pair.driver.key): _pair(pair) for lead_id, its in pairs.items() for pair in its}
    return Answer(compared, candidates, decisions)


def _outcome(known: Known, lead_id: int, winner: Winner | None, persons_wanting: dict[str | None, set[UUID]],
             wanted_by: dict[UUID | None, set[str | None]]) -> str:
    """First that holds."""
    person = known.person_of_lead.get(lead_id)
    if known.is_ignored(lead_id):
        return "IGNORED"
    if winner is None:
        return "UNMATCHED"
    if winner.who is None or winner.is_beaten:
        return "AMBIGUOUS"
    wanting = persons_wanting[winner.who]
    if len(wanting) > 1 or len(wanted_by[person]) > 1 or any(len(wanted_by[other]) > 1 for other in wanting):
        return "IDENTITY_CONFLICT"
    if person is None:
        return "LINK_LEAD"
    return "LINK_DRIVER" if winner.who.startswith("driver:") else "IDENTITY_CONFLICT"


def _reason(outcome: str, hits: Collection[Hit]) -> str | None:
    """Of what is neither linked nor ignored."""
    if outcome in (*LINKED, "IGNORED"):
        return None
    if outcome == "IDENTITY_CONFLICT":
        return outcome
    if any(hit.drop_reason == "NAME_CONTRADICTION" for hit in hits):
        return "NAME_CONTRADICTION"
    if outcome == "AMBIGUOUS":
        return "MULTIPLE_CANDIDATES"
    return "WEAK_MATCH_ONLY" if any(hit.drop_reason != "REJECTED_BY_PERSON" for hit in hits) else "NO_CANDIDATES"


def _person(known: Known, lead_id: int, winner: Winner, persons_wanting: dict[str | None, set[UUID]]) -> str:
    """Whom the lead becomes."""
    own, who = known.person_of_lead.get(lead_id), str(winner.who)
    if own is not None:
        return str(own)
    if not who.startswith("driver:"):
        return who
    if persons_wanting[who]:
        return str(next(iter(persons_wanting[who])))
    first = min(known.accounts_of(winner.best.driver_id))
    return str(UUID(hashlib.md5(f"cabinet14d:driver:{first}".encode()).hexdigest()))


def _decision(known: Known, lead_id: int, outcome: str, winner: Winner | None, hits: Collection[Hit],
              persons_wanting: dict[str | None, set[UUID]]) -> Row:
    best, who = (winner.best, winner.who) if winner else (None, None)
    own = known.person_of_lead.get(lead_id)
    suggested = sorted(
        (hit for hit in hits if hit.rule == "SCORE" and hit.drop_reason in (None, "BELOW_CUT", "NAME_ONLY")),
        key=lambda hit: (-hit.score, hit.driver_id),
    ) if outcome not in (*LINKED, "IGNORED") else []
    is_other = outcome == "IDENTITY_CONFLICT" and who is not None and not who.startswith("driver:")
    return {
        "lead_id": lead_id,
        "lead_source_pk": known.keys[lead_id],
        "outcome": outcome,
        "reason_code": _reason(outcome, hits),
        "lead_person_key": str(own) if own else None,
        "person_key": _person(known, lead_id, winner, persons_wanting) if winner and outcome in LINKED else None,
        "other_person_key": who if is_other else None,
        "who": who,
        "driver_id": best.driver_id if best else None,
        "match_rule": best.rule if best else None,
        "match_score": best.rule_score if best else None,
        "confidence_level": _confidence(best) if best else None,
        "score": best.pair.score if best and best.pair else None,
        **_rule_outcomes(known, lead_id, hits),
        "is_suggestion": bool(suggested),
        "suggested_driver_id": suggested[0].driver_id if suggested else None,
        "suggested_score": suggested[0].score if suggested else None,
        "suggested_drivers": len(suggested),
    }


def _confidence(hit: Hit) -> str:
    if hit.rule == "SCORE":
        return "MEDIUM" if hit.score >= points()["CUT_MEDIUM"] else "LOW"
    return "HIGH" if hit.rule in ("MANUAL", RULES["mr1"]) else "MEDIUM"


def _rule_outcomes(known: Known, lead_id: int, hits: Collection[Hit]) -> Row:
    """What each rule came to."""
    lead = known.leads[lead_id]
    has_plate_and_name = lead.plate is not None and bool(lead.name.parts)
    can = {"mr1": lead.phone is not None, "mr3": has_plate_and_name, "mr3b": has_plate_and_name, "score": True}
    told: Row = {"mr2_outcome": "NO_KEY", "mr4_outcome": "NO_KEY"}  # cabinet leads have neither licence nor brand
    for name, rule in RULES.items():
        reasons = [hit.drop_reason for hit in hits if hit.rule == rule]
        dropped = min((reason for reason in reasons if reason), default="NO_CANDIDATES")
        told[f"{name}_outcome"] = "NO_KEY" if not can[name] else "KEPT" if None in reasons else dropped
    return told


def _undated(known: Known, lead_id: int) -> Row:
    """Leads without a date and without a link can't be matched."""
    row = _decision(known, lead_id, "UNMATCHED", None, (), {}) | {"reason_code": "MISSING_KEYS"}
    return row | {f"{name}_outcome": "NO_KEY" for name in RULES}


def _pair(pair: Pair) -> Row:
    shown = {name: value for name, value in pair.facts.items() if name != "name_similarity"}
    return shown | {"parts_same": pair.parts_same, "parts_near": pair.parts_near, "hired_after_days": pair.hired_after}


def _candidate(lead_id: int, hit: Hit) -> Row:
    row = {"lead_id": lead_id, "rule": hit.rule, "driver_id": hit.driver_id, "who": hit.who,
           "is_kept": hit.drop_reason is None, "drop_reason": hit.drop_reason, "rule_score": hit.rule_score}
    return row | (hit.pair.facts if hit.pair else NO_FACTS)
