"""The order in which rows were inserted decides nothing about a lead."""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.identity.generator import generate
from benchmarks.identity.shuffled import in_many_orders
from runner.database import Server
from runner.settings import Settings

ORDERS = 4  # the rows' own and three others


def test_same_decisions(migrated_database: Server, settings_for: Callable[..., Settings]) -> None:
    """Every column of every decision is the same byte for byte."""
    labelled = generate(7, 2_000, 5_000)
    found = list(in_many_orders(settings_for(migrated_database), labelled, ORDERS))
    assert len(found[0].decisions) == len(labelled.leads)
    assert len({linked.fingerprint for linked in found}) == 1
