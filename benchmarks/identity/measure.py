"""How right a mapping from leads to drivers is: in all, per rule, and per planted difficulty; whoever made it.

A link is right if its driver is one of the person's; recall counts the leads whose person has a driver. A lead without
such a driver that is left alone is right too, and counts nowhere but in the review band if it was put up for review.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from benchmarks.identity.generator import LabelledSet

ALL = "all"


@dataclass(frozen=True)
class Decision:
    """A link, or (with suggestion) a pair or a bare lead put before a person, or neither."""

    driver_id: str | None
    rule: str | None = None
    suggestion: bool = False


class Decided(Protocol):
    """What any matcher's outcome must show."""

    @property
    def driver_id(self) -> str | None: ...
    @property
    def rule(self) -> str | None: ...


Mapped = Mapping[int, "Decided | str | None"]


@dataclass(frozen=True)
class Figures:
    leads_with_driver: int
    links: int
    right: int

    @property
    def false(self) -> int:
        """Links to a driver that is somebody else."""
        return self.links - self.right

    @property
    def precision(self) -> float:
        """Right links of all links; 1 if none was made."""
        return self.right / self.links if self.links else 1.0

    @property
    def recall(self) -> float:
        """Right links of all leads that have a driver."""
        return self.right / self.leads_with_driver if self.leads_with_driver else 1.0

    @property
    def f1(self) -> float:
        """Harmonic mean of both."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


@dataclass(frozen=True)
class Report:
    leads: int
    figures: dict[str, Figures]  # ALL and every rule that made a link
    suggestions: int
    suggestions_right: int
    false_by_case: dict[str, int]  # a lead of several cases counts in each; "none" has none
    missed_by_case: dict[str, int]
    leads_by_case: dict[str, int]
    false_leads: tuple[int, ...]
    drivers_of_two_persons: tuple[str, ...]

    @property
    def all(self) -> Figures:
        """The figures of all rules together."""
        return self.figures[ALL]

    @property
    def review_band(self) -> float:
        """Suggestions of all leads."""
        return self.suggestions / self.leads if self.leads else 0.0


def measure(labelled: LabelledSet, mapping: Mapped) -> Report:
    """Every lead that the mapping does not name counts as left alone; a lead that is not in the set is an error."""
    strangers = mapping.keys() - labelled.truth.keys()
    if strangers:
        raise KeyError(f"no such leads: {sorted(strangers)[:3]}")
    decisions = {lead: decision for lead in labelled.truth if (decision := _decision(mapping.get(lead))) is not None}
    links = {lead: its for lead, its in decisions.items() if its.driver_id is not None and not its.suggestion}
    unknown = {its.driver_id for its in decisions.values() if its.driver_id} - labelled.person_of_driver.keys()
    if unknown:
        raise KeyError(f"no such drivers: {sorted(unknown)[:3]}")
    right = {lead for lead, its in links.items() if its.driver_id in labelled.truth[lead]}
    with_driver = {lead for lead, drivers in labelled.truth.items() if drivers}
    suggested = [(lead, its) for lead, its in decisions.items() if its.suggestion]
    return Report(
        leads=len(labelled.truth),
        figures=_figures(links, right, len(with_driver)),
        suggestions=len(suggested),
        suggestions_right=sum(its.driver_id in labelled.truth[lead] for lead, its in suggested),
        false_by_case=_by_case(labelled, links.keys() - right),
        missed_by_case=_by_case(labelled, with_driver - right),
        leads_by_case=_by_case(labelled, labelled.truth),
        false_leads=tuple(sorted(links.keys() - right)),
        drivers_of_two_persons=_of_two_persons(labelled, links),
    )


def _decision(value: Decided | str | None) -> Decision | None:
    """One form for all: a driver id, an outcome, or nothing."""
    if value is None or isinstance(value, str):
        return Decision(value, "?") if value else None
    return Decision(value.driver_id, value.rule, getattr(value, "suggestion", False))


def _figures(links: Mapping[int, Decision], right: set[int], with_driver: int) -> dict[str, Figures]:
    made = Counter(its.rule or "?" for its in links.values())
    good = Counter(links[lead].rule or "?" for lead in right)
    return {ALL: Figures(with_driver, len(links), len(right)),
            **{rule: Figures(with_driver, made[rule], good[rule]) for rule in sorted(made)}}


def _by_case(labelled: LabelledSet, leads: Iterable[int]) -> dict[str, int]:
    return dict(Counter(case for lead in leads for case in labelled.cases[lead] or ("none",)).most_common())


def _of_two_persons(labelled: LabelledSet, links: Mapping[int, Decision]) -> tuple[str, ...]:
    """Drivers that leads of two persons were linked with: money would go to both."""
    persons: dict[str, set[int]] = defaultdict(set)
    for lead, its in links.items():
        if its.driver_id:
            persons[its.driver_id].add(labelled.person_of_lead[lead])
    return tuple(sorted(driver for driver, found in persons.items() if len(found) > 1))


@dataclass(frozen=True)
class Likeness:
    """How the set looks through the original's eyes, beside what the domain publishes of the real data (section 13)."""

    without_identity: float  # published: 179 to 202 of 849, 21 to 24 %
    by_phone: float  # published: MR1 behind 96.7 % of driver-linked persons
    unmatched_with_phone: float  # published: none of 31


def likeness(labelled: LabelledSet, original: Mapped) -> Likeness:
    """The three published figures, measured."""
    outcomes = {lead.id: _decision(original.get(lead.id)) for lead in labelled.leads}
    linked = [its for its in outcomes.values() if its and its.driver_id]
    alone = [lead for lead in labelled.leads if not ((its := outcomes[lead.id]) and its.driver_id)]
    phones = sum(bool((lead.park_phone or "").strip()) for lead in alone)
    return Likeness(len(alone) / max(1, len(labelled.leads)),
                    sum(its.rule == "R1_PHONE_EXACT" for its in linked) / max(1, len(linked)),
                    phones / max(1, len(alone)))
