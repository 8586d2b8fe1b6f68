"""What our own models decide about a labelled set: raw rows in, int_identity__decisions out, through the real door."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from os import environ

from benchmarks.identity import scratch
from benchmarks.identity.generator import LabelledSet
from benchmarks.identity.measure import Decision
from runner.settings import Settings

PARK = "CABINET14D_TARGET_PARK"
QUERY = """
    select lead_id, outcome, driver_id, match_rule, is_suggestion, suggested_driver_id
    from ops_intermediate.int_identity__decisions
    order by lead_id
"""
# The whole content, in a fixed order: equal decisions have equal fingerprints, whatever order they were found in.
FINGERPRINT = """
    select md5(string_agg(decision, e'\\n' order by lead_id))
    from (
        select decisions.lead_id, cast(decisions as text) as decision
        from ops_intermediate.int_identity__decisions as decisions
    ) as rows
"""


@dataclass(frozen=True)
class Linked:
    """The decisions about all leads, what they took, and their fingerprint."""

    decisions: dict[int, Decision]
    seconds: float
    fingerprint: str


def link(settings: Settings, labelled: LabelledSet, target_park: str = "") -> Linked:
    """Decide in a migrated database; everything that was in its raw tables is replaced."""
    scratch.fill(settings, labelled.leads, labelled.drivers)
    began = time.perf_counter()
    with _target_park(target_park):
        scratch.build(settings, full_refresh=True)
    return Linked(decisions(settings), time.perf_counter() - began, fingerprint(settings))


def decisions(settings: Settings) -> dict[int, Decision]:
    """Every lead: a link with its rule, or what is put up for review, or nothing."""
    found = {}
    for lead, outcome, driver, rule, is_suggestion, suggested in scratch.read(settings, QUERY):
        if outcome in ("LINK_LEAD", "LINK_DRIVER"):
            found[lead] = Decision(driver, rule)
        elif is_suggestion:
            found[lead] = Decision(suggested, "SUGGESTION", suggestion=True)
        else:
            found[lead] = Decision(None)
    return found


def fingerprint(settings: Settings) -> str:
    """One value for all columns of all decisions."""
    return str(scratch.read(settings, FINGERPRINT)[0][0])


@contextmanager
def _target_park(park: str) -> Iterator[None]:
    """The models read the target park from the environment; the developer's own must not be measured."""
    before = environ.get(PARK)
    environ[PARK] = park
    try:
        yield
    finally:
        environ.pop(PARK)
        if before is not None:
            environ[PARK] = before
