"""The models against the oracle: every column of every relation, on worlds that hypothesis draws.

Many worlds share one database and one build (tests/worlds.py keeps them apart): a build costs seconds, a world nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from runner.database import Server
from runner.settings import Settings
from tests import harness
from tests.worlds import combine, sample, split, worlds

AS_OF = date(2026, 1, 14)
BATCH = 250


def compare(where: Server, settings: Settings, seed: int, as_of: date) -> list[str]:
    """One batch of worlds through one build; the differences, with the worlds they are in."""
    drawn = sample(worlds(as_of), BATCH, seed)
    world = combine(drawn)
    harness.write_world(where, world)
    harness.build(settings, world)
    expected = harness.answers(world)
    found = harness.differences(harness.read_all(where), expected)
    if harness.exclusions(where) != harness.answered_exclusions(world):
        found.append(f"exclusions: {harness.exclusions(where)}, expected {harness.answered_exclusions(world)}")
    told = {
        index: drawn[index]
        for index, part in enumerate(split(expected["v_cabinet_leads_limbo"], len(drawn)))
        for lead_id in part
        if any(f" {lead_id}" in line or f"({lead_id}," in line for line in found)
    }
    return found + [f"world {index}: {told[index]!r}" for index in sorted(told)[:2]]


def test_five_hundred_worlds_agree(migrated_database: Server, settings_for: Callable[..., Settings]) -> None:
    """R1 to R16 and D-1 to D-21, as far as they decide leads, windows and claims: 0 differences."""
    settings = settings_for(migrated_database)
    for seed in range(2):
        found = compare(migrated_database, settings, seed, AS_OF + timedelta(days=seed))
        assert not found, "\n".join(found[:20] + found[-2:])


@pytest.mark.soak
def test_five_thousand_worlds_agree(migrated_database: Server, settings_for: Callable[..., Settings]) -> None:
    """The same with 5,000 worlds; as-of dates on every day of the week, forward and back."""
    settings = settings_for(migrated_database)
    for seed in range(100, 120):
        found = compare(migrated_database, settings, seed, AS_OF + timedelta(days=seed % 11))
        assert not found, f"seed {seed}\n" + "\n".join(found[:20] + found[-2:])
