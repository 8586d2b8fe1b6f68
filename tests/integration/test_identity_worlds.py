"""The identity models against the oracle: every column, on seeded worlds of people who are nearly each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta

import pytest

from runner.database import Server
from runner.settings import Settings
from tests import identity_harness as harness
from tests.identity_worlds import ROOM, TARGET, batch, combine
from tests.oracle_identity import Answer, answer

AS_OF = date(2026, 1, 14)


def told(found: list[str], worlds: list[object]) -> str:
    """The first differences, and the world of the first."""
    places = {int("".join(c for c in line.split()[1] if c.isdigit())) // ROOM for line in found[:1]}
    return "\n".join([f"{len(found)} differences", *found[:20], *(repr(worlds[place]) for place in places)])


def compare(where: Server, settings: Settings, seed: int, count: int, target_park: str = "") -> Answer:
    """One batch through one build; what the oracle says of it."""
    worlds = batch(seed, count, AS_OF + timedelta(days=seed % 3))
    world = combine(worlds)
    harness.write(where, world)
    harness.build(settings, world, full_refresh=True)
    expected = answer(world, target_park)
    found = harness.differences(harness.read(where), expected)
    assert not found, f"seed {seed}: {told(found, list(worlds))}"
    return expected


def test_a_hundred_worlds_agree(migrated_database: Server, settings_for: Callable[..., Settings]) -> None:
    settings = settings_for(migrated_database)
    for seed in range(2):
        compare(migrated_database, settings, seed, 50)
