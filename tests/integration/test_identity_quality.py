"""How right the links are on a labelled set that nothing was tuned on: a rule that gets looser or blinder turns red."""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.identity import product
from benchmarks.identity.generator import generate
from benchmarks.identity.measure import measure
from runner.database import Server
from runner.settings import Settings


def test_links_are_right(migrated_database: Server, settings_for: Callable[..., Settings]) -> None:
    """The demands of the large set (benchmarks.identity.run), with room for chance in the recall of a small one."""
    labelled = generate(6, 3_000, 8_000)
    report = measure(labelled, product.link(settings_for(migrated_database), labelled).decisions)
    assert report.all.precision >= 0.999, report.false_by_case
    assert report.all.recall >= 0.98, report.missed_by_case
    assert report.drivers_of_two_persons == ()
    assert report.review_band <= 0.02
