"""Says which drivers every rule finds for a lead, kept or dropped: docs/identity.md 3 and 5 in plain Python."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Collection
from dataclasses import dataclass
from decimal import Decimal

from tests.oracle import DRIVERS_TABLE, LEADS_TABLE, source_keys
from tests.oracle_identity_names import Names, points
from tests.oracle_identity_pairs import (
    IdentityWorld,
    Index,
    Pair,
    Verdict,
    account,
    compare,
    driver_form,
    lead_form,
    standing_drivers,
)

LIKE = Decimal("0.66")
RULES = {"mr1": "R1_PHONE_EXACT", "mr3": "R3_PLATE_EXACT_NAME_SIMILAR", "mr3b": "R3b", "score": "SCORE"}


@dataclass
class Hit:
    """A driver that a rule found."""

    rule: str
    driver_id: str
    rule_score: int
    drop_reason: str | None
    pair: Pair | None
    who: str

    @property
    def score(self) -> int:
        return self.pair.score if self.pair else 0


class Known:
    """A world read once: forms, links and standing decisions by lead and driver."""

    def __init__(self, world: IdentityWorld, target_park: str) -> None:
        self.target_park = target_park
        self.keys = source_keys(world.leads)
        self.leads = {lead.id: lead_form(lead) for lead in world.leads}
        self.drivers = {key: driver_form(row) for key, row in standing_drivers(world.drivers).items()}
        self.names = Names([driver.name for driver in self.drivers.values()])
        self.index = Index(self.drivers.values())
        links = {(link.source_table, link.source_pk): link.person_key for link in world.links}
        self.person_of_driver = {pk: person for (table, pk), person in links.items() if table == DRIVERS_TABLE}
        self.person_of_lead = {lead_id: links[LEADS_TABLE, key] for lead_id, key in self.keys.items()
                               if (LEADS_TABLE, key) in links}
        driving = set(self.person_of_driver.values())
        self.unsettled = [lead.id for lead in world.leads
                          if lead.lead_created_at is not None and lead.lead_created_at.date() <= world.as_of
                          and self.person_of_lead.get(lead.id) not in driving]
        self.accounts: dict[str, list[str]] = defaultdict(list)
        for driver in self.drivers.values():
            self.accounts[account(driver.row)].append(driver.key)
        self.verdicts: dict[str, list[Verdict]] = defaultdict(list)
        for verdict in sorted(world.verdicts, key=lambda verdict: verdict.decision_id):
            self.verdicts[verdict.lead_source_pk].append(verdict)
        self.ignored_rows = {row.source_pk for row in world.unmatched
                             if row.source_table == LEADS_TABLE and row.status == "IGNORED"}

    def accounts_of(self, driver_id: str) -> list[str]:
        """The drivers of the same document or licence."""
        return self.accounts[account(self.drivers[driver_id].row)]

    def whose(self, driver_id: str) -> str:
        """The person of the driver, else the one person of its account, else the account itself."""
        if driver_id in self.person_of_driver:
            return str(self.person_of_driver[driver_id])
        ids = self.accounts_of(driver_id)
        persons = {self.person_of_driver[its] for its in ids if its in self.person_of_driver}
        return str(persons.pop()) if len(persons) == 1 else f"driver:{min(ids)}"

    def standing(self, lead_id: int) -> dict[str | None, str]:
        """About each driver the latest of accept, reject and unlink."""
        return {its.driver_id: its.verdict for its in self.verdicts[self.keys[lead_id]] if its.verdict != "IGNORE"}

    def last_of_lead(self, lead_id: int) -> Verdict | None:
        """The latest accept or ignore."""
        about = [its for its in self.verdicts[self.keys[lead_id]] if its.verdict in ("ACCEPT", "IGNORE")]
        return about[-1] if about else None

    def accepted(self, lead_id: int) -> str | None:
        """The driver that a person gave the lead, if that stands and the driver exists."""
        last = self.last_of_lead(lead_id)
        if last is None or last.verdict == "IGNORE" or last.driver_id not in self.drivers:
            return None
        return last.driver_id if self.standing(lead_id)[last.driver_id] == "ACCEPT" else None

    def is_ignored(self, lead_id: int) -> bool:
        """By a decision, or by the row that says why the lead has no person."""
        last = self.last_of_lead(lead_id)
        by_row = self.keys[lead_id] in self.ignored_rows and self.accepted(lead_id) is None
        return by_row or (last is not None and last.verdict == "IGNORE")

    def in_target_park(self, driver_id: str) -> bool:
        return bool(self.target_park) and self.drivers[driver_id].row.park_id == self.target_park


# Rules: section 3


def find_pairs(known: Known, lead_id: int) -> list[Pair]:
    """The lead beside every driver that it is compared with."""
    lead = known.leads[lead_id]
    return [compare(lead, driver, known.names) for driver in known.index.beside(lead)]


def find_hits(known: Known, lead_id: int, pairs: Collection[Pair]) -> list[Hit]:
    """The hits of a lead but for MR3b, each with its own reason if it is dropped."""
    rejected = {driver for driver, verdict in known.standing(lead_id).items() if verdict in ("REJECT", "UNLINK")}

    def hit(rule: str, score: int, pair: Pair, reason: Callable[[Known, Pair], str | None]) -> Hit:
        dropped = "REJECTED_BY_PERSON" if pair.driver.key in rejected else reason(known, pair)
        return Hit(rule, pair.driver.key, score, dropped, pair, known.whose(pair.driver.key))

    plates = [pair for pair in pairs if pair.plate_level == "SAME"]
    hits = [hit(RULES["mr3"], 85, pair, _plate_reason) for pair in plates]
    phones = [pair for pair in pairs if pair.phone_level == "SAME"]
    enough = points()["CUT_LINK" if len(phones) > 5 else "CUT_SUGGESTION"]
    hits += [hit(RULES["mr1"], 95, pair, lambda _, its: _phone_reason(its, enough)) for pair in phones]
    hits += [hit("SCORE", min(84, pair.score), pair, _score_reason) for pair in pairs
             if pair.name_level == "AGREED" and pair.score >= points()["CUT_SUGGESTION"]]
    accepted = known.accepted(lead_id)
    if accepted is not None:
        pair = next((pair for pair in pairs if pair.driver.key == accepted), None)
        hits.append(Hit("MANUAL", accepted, 100, None, pair, known.whose(accepted)))
    return hits


def add_plates_again(known: Known, hits: dict[int, list[Hit]]) -> None:
    """MR3b, which asks whether another rule gives the driver to another lead, then the reasons among a lead's hits."""
    given: dict[str, set[int]] = defaultdict(set)
    for lead_id, its in hits.items():
        for hit in its:
            if hit.drop_reason is None:
                given[hit.driver_id].add(lead_id)
    for lead_id, its in hits.items():
        plates = [hit for hit in its if hit.rule == RULES["mr3"]]
        rejected = {driver for driver, verdict in known.standing(lead_id).items() if verdict in ("REJECT", "UNLINK")}
        if all(hit.drop_reason for hit in plates):
            for hit in plates:
                dropped = "REJECTED_BY_PERSON" if hit.driver_id in rejected else _plate_again_reason(
                    known, hit.pair, bool(given[hit.driver_id] - {lead_id}))
                score = math.floor(hit.pair.similarity * 80)
                its.append(Hit("R3b", hit.driver_id, score, dropped, hit.pair, hit.who))
        for hit, reason in [(hit, _reason_beside(known, hit, its)) for hit in its]:
            hit.drop_reason = reason


def _phone_reason(pair: Pair, enough: int) -> str | None:
    if pair.name_level == "CONTRADICTED":
        return "NAME_CONTRADICTION"
    return "BELOW_CUT" if pair.name_level == "AGREED" and pair.score < enough else None


def _unlike_or_elsewhere(known: Known, pair: Pair) -> str | None:
    if pair.name_level != "AGREED" or pair.similarity < LIKE:
        return "NAMES_UNLIKE"
    return "OTHER_PARK" if known.target_park and not known.in_target_park(pair.driver.key) else None


def _plate_reason(known: Known, pair: Pair) -> str | None:
    is_far = pair.hired_after is not None and not -90 <= pair.hired_after <= 30
    return _unlike_or_elsewhere(known, pair) or ("HIRE_DATE" if is_far else None)


def _plate_again_reason(known: Known, pair: Pair, is_given: bool) -> str | None:
    return _unlike_or_elsewhere(known, pair) or (
        None if is_given or pair.driver.key in known.person_of_driver else "NO_PERSON_KEY")


def _score_reason(known: Known, pair: Pair) -> str | None:
    if pair.score >= points()["CUT_LINK"]:
        return None
    has_key = {pair.phone_level, pair.plate_level} & {"SAME", "LOOKALIKE", "NEAR"}
    return "BELOW_CUT" if has_key else "NAME_ONLY"


def _reason_beside(known: Known, hit: Hit, hits: Collection[Hit]) -> str | None:
    """The three more kinds, judged side by side among the hits that the table keeps."""
    kept = [its for its in hits if its.drop_reason is None]
    if hit.drop_reason or hit.rule == "MANUAL":
        return hit.drop_reason
    same_rule_inside = [its for its in kept if its.rule == hit.rule and known.in_target_park(its.driver_id)]
    if hit.rule == RULES["mr1"] and same_rule_inside and not known.in_target_park(hit.driver_id):
        return "OTHER_PARK"
    if any(its.rule == "MANUAL" for its in kept):
        return "DECIDED_BY_PERSON"
    best = max(its.score for its in kept)
    return "OUTSCORED" if hit.score <= best - points()["MARGIN"] else None
