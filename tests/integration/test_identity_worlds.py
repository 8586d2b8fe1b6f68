"""The identity models against the oracle: every column, on seeded worlds of people who are nearly each other.

Many worlds share one database and one build.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from runner import chain
from runner.database import Server
from runner.settings import Settings
from tests import identity_harness as harness
from tests.harness import QUIET, partial_builds
from tests.identity_changes import night
from tests.identity_worlds import TARGET, Dice, batch, combine
from tests.oracle_identity import Answer, answer
from tests.oracle_identity_pairs import IdentityWorld
from tests.oracle_identity_rules import RULES

AS_OF = date(2026, 1, 14)
LEVELS = {
    "name_level": {"AGREED", "CONTRADICTED", "UNKNOWN", None},
    "phone_level": {"SAME", "NEAR", "OTHER", None},
    "plate_level": {"SAME", "LOOKALIKE", "NEAR", "OTHER", None},
}
OUTCOMES = {"IGNORED", "UNMATCHED", "AMBIGUOUS", "IDENTITY_CONFLICT", "LINK_LEAD", "LINK_DRIVER"}
REASONS = {"IDENTITY_CONFLICT", "NAME_CONTRADICTION", "MULTIPLE_CANDIDATES", "WEAK_MATCH_ONLY", "NO_CANDIDATES",
           "MISSING_KEYS", None}
DROPS = {  # by rule, where no park is the target; None is a kept hit
    "MANUAL": {None},
    RULES["mr1"]: {None, "REJECTED_BY_PERSON", "NAME_CONTRADICTION", "BELOW_CUT", "DECIDED_BY_PERSON", "OUTSCORED"},
    RULES["mr3"]: {None, "REJECTED_BY_PERSON", "NAMES_UNLIKE", "HIRE_DATE", "DECIDED_BY_PERSON", "OUTSCORED"},
    RULES["mr3b"]: {None, "REJECTED_BY_PERSON", "NAMES_UNLIKE", "NO_PERSON_KEY", "DECIDED_BY_PERSON"},
    RULES["score"]: {None, "REJECTED_BY_PERSON", "NAME_ONLY", "BELOW_CUT", "DECIDED_BY_PERSON", "OUTSCORED"},
}


def told(seed: int, found: Sequence[str], worlds: Sequence[IdentityWorld]) -> str:
    """The first differences, and the world that the first is about."""
    return "\n".join([f"seed {seed}: {len(found)} differences", *found[:20], repr(worlds[harness.home(found[0])])])


def compare(where: Server, settings: Settings, seed: int, count: int, target_park: str = "") -> Answer:
    """One batch through one build from nothing; what the oracle says of it."""
    worlds = batch(seed, count, AS_OF + timedelta(days=seed % 3))
    world = combine(worlds)
    harness.write(where, world)
    harness.build(settings, world, full_refresh=True)
    expected = answer(world, target_park)
    found = harness.differences(harness.read(where), expected)
    assert not found, told(seed, found, worlds)
    return expected


def seen(answers: Iterable[Answer], relation: str, *columns: str) -> Counter[Any]:
    """How often each value, or tuple of values, occurs."""
    rows = (row for its in answers for row in getattr(its, relation).values())
    return Counter(row[columns[0]] if len(columns) == 1 else tuple(row[name] for name in columns) for row in rows)


def assert_not_tame(answers: Sequence[Answer]) -> None:
    """Every outcome, reason, rule, drop reason and level is in what was compared."""
    assert set(seen(answers, "decisions", "outcome")) == OUTCOMES
    assert set(seen(answers, "decisions", "reason_code")) == REASONS
    assert set(seen(answers, "decisions", "confidence_level")) == {"HIGH", "MEDIUM", "LOW", None}
    assert set(seen(answers, "decisions", "match_rule")) == {*DROPS, None}
    assert set(seen(answers, "candidates", "rule", "drop_reason")) >= {
        (rule, reason) for rule, reasons in DROPS.items() for reason in reasons}
    for column, levels in LEVELS.items():
        assert set(seen(answers, "candidates", column)) | set(seen(answers, "pairs", column)) == levels
    for name, rule in RULES.items():
        told = {reason or "KEPT" for reason in DROPS[rule]} - {"OUTSCORED"} | {"NO_KEY", "NO_CANDIDATES"}
        assert set(seen(answers, "decisions", f"{name}_outcome")) >= told, name
    others = seen(answers, "decisions", "outcome", "other_person_key")
    conflicts = {bool(other) for outcome, other in others if outcome == "IDENTITY_CONFLICT"}
    assert conflicts == {True, False}, "a driver of somebody else, and a driver of nobody whom two persons want"


def test_a_hundred_worlds_agree(migrated_database: Server, settings_for: Callable[..., Settings]) -> None:
    """Every pair, candidate and decision, column by column: 0 differences; and nothing is left out."""
    settings = settings_for(migrated_database)
    assert_not_tame([compare(migrated_database, settings, seed, 70) for seed in range(2)])


def test_a_target_park(
    migrated_database: Server, settings_for: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same with a park that goes before others: MR1 prefers it, MR3 and MR3b know no other."""
    monkeypatch.setenv("CABINET14D_TARGET_PARK", TARGET)
    expected = [compare(migrated_database, settings_for(migrated_database), 2, 70, TARGET)]
    drops = seen(expected, "candidates", "rule", "drop_reason")
    assert all(drops[RULES[name], "OTHER_PARK"] for name in ("mr1", "mr3", "mr3b"))


def live(
    where: Server, settings: Settings, seed: int, count: int, nights: int, select: str | None = harness.SELECT
) -> None:
    """Some nights of changes, each built upon the last; then the same from nothing."""
    dice, worlds = Dice(seed), batch(seed, count, AS_OF)
    relations = harness.KEPT if select else {**harness.KEPT, **harness.SHARED}
    for number in range(nights):
        world = combine(worlds)
        harness.write(where, world)
        harness.build(settings, world, number == 0, select)
        expected = answer(world)
        found = harness.differences(harness.read(where), expected)
        assert not found, f"night {number}, {told(seed, found, worlds)}"
        kept = harness.everything(where, relations)
        worlds = night(dice, worlds, expected)
        if dice.often(0.3):
            worlds = [replace(its, as_of=its.as_of + timedelta(days=1)) for its in worlds]
    harness.build(settings, world, True, select)
    fresh = harness.everything(where, relations)
    assert kept == fresh, "\n".join(sorted(
        f"seed {seed}, {relation}: {row}" for relation in kept for row in {*kept[relation]} ^ {*fresh[relation]})[:10])


def test_nights_of_changes(migrated_database: Server, settings_for: Callable[..., Settings]) -> None:
    """Incremental builds agree with the oracle, and at last with a full refresh, row by row and column by column."""
    settings = settings_for(migrated_database)
    live(migrated_database, settings, 0, 40, 4)
    # Tables that are built side by side: one that is made anew must not take away what was made of the other.
    kept = harness.everything(migrated_database)["int_identity__name_parts"]
    chain.build(settings, AS_OF, select="int_identity__leads", full_refresh=True, progress=QUIET)
    assert kept and harness.everything(migrated_database)["int_identity__name_parts"] == kept


def test_published_nights_of_changes(migrated_database: Server, settings_for: Callable[..., Settings]) -> None:
    """The same where each night is published, and so the next one looks only at what changed."""
    live(migrated_database, settings_for(migrated_database), 1, 40, 5, None)
    assert partial_builds(migrated_database) == [False, True, True, True, True, False]


@pytest.mark.soak
def test_five_thousand_worlds_agree(migrated_database: Server, settings_for: Callable[..., Settings]) -> None:
    """The same with 5,000 worlds, so many at once that parts of names become rare."""
    settings = settings_for(migrated_database)
    for seed in range(100, 110):
        compare(migrated_database, settings, seed, 500)


@pytest.mark.soak
def test_many_nights_of_changes(migrated_database: Server, settings_for: Callable[..., Settings]) -> None:
    settings = settings_for(migrated_database)
    for seed in range(100, 120):
        live(migrated_database, settings, seed, 60, 6, None if seed % 2 else harness.SELECT)
