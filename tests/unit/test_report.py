"""The night's report in 80 columns, however long a night or the names of its steps."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from runner import report


def outcome(**steps: float) -> Any:
    """An outcome with steps of these seconds; underscores stand for blanks."""
    made = [SimpleNamespace(name=name.replace("_", " "), seconds=seconds) for name, seconds in steps.items()]
    return SimpleNamespace(run=SimpleNamespace(steps=made))


def test_the_slowest_two_steps_and_all() -> None:
    told = report._times(outcome(migrate_check=0.0, build=3.04, validate=1.0))
    assert told == "time  build 3.0 s, validate 1.0 s, all 4.0 s"


@pytest.mark.parametrize("seconds", [9.9, 99.9, 99.96, 12_345.6])
def test_long_names_on_a_slow_night_fit(seconds: float) -> None:
    told = report._times(outcome(build_what_payments_changed=seconds, build_what_links_changed=seconds - 1))
    assert len(told) < 80 and told.startswith("time  build what payments changed")
