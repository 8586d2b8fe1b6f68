"""A night killed anywhere: yesterday stays whole, nobody sees a mix, the next run ends well, no claim comes twice."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from runner import chain
from runner.database import Server
from runner.settings import Settings
from tests import harness
from tests.acceptance.readers import Picture, Readers, picture
from tests.conftest import new_database
from tests.worlds import combine, nights, sample

FIRST, SECOND = date(2026, 1, 14), date(2026, 1, 15)
# Killed here in every test run, each takes two nights; all points and random moments under `make soak`.
POINTS = (
    "after:build:int_trips__driver_days",
    "after:step:reconcile claims",
    "after:build what changed:int_states__leads",
)


@dataclass
class Night:
    """A database with one published night the raw data of a second one, and what readers see before and after it."""

    template: str
    before: Picture
    after: Picture
    claims: int


@pytest.fixture(scope="module")
def night(settings: Settings, migrated_template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Night]:
    """Played once; each test gets a copy."""
    first, second = (combine([sequence[n] for sequence in sample(nights([FIRST, SECOND]), 30, 7)]) for n in (0, 1))
    with new_database(settings, migrated_template) as where:
        ours = _settings(settings, where)
        harness.write_world(where, first)
        harness.build(ours, first)
        before = picture(where)
        harness.write_world(where, second)
        with new_database(settings, where.dbname) as copy:
            chain.nightly(_settings(settings, copy), SECOND, progress=harness.QUIET)
            after = picture(copy)
            claims = _claims(copy)
        assert before != after
        yield Night(where.dbname, before, after, claims)


def _settings(settings: Settings, where: Server) -> Settings:
    from tests.conftest import settings_at

    return settings_at(where, settings.home)


def _claims(where: Server) -> int:
    with closing(harness.connect(where)) as session, session, session.cursor() as cursor:
        cursor.execute(
            "select count(*), count(distinct (person_key, lead_date, milestone)) from canon.claims_yango_cabinet_14d"
        )
        rows, keys = cursor.fetchone()
    assert rows == keys, "a claim was written twice"
    return int(rows)


def _start(environment: dict[str, str], **more: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "runner", "nightly", "--as-of", str(SECOND)],
        env={**environment, **more},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def check(
    settings: Settings,
    night: Night,
    environment_for: Callable[[Server], dict[str, str]],
    kill: Callable[[dict[str, str]], int],
) -> None:
    """Kill one night with `kill`, then run it again; readers watch both."""
    with new_database(settings, night.template) as where:
        ours = _settings(settings, where)
        environment = {**environment_for(where), "CABINET14D_HOME": str(settings.home)}
        with Readers(where) as readers:
            code = kill(environment)
            at_death = picture(where)
            assert at_death in (night.before, night.after)
            chain.nightly(ours, SECOND, progress=harness.QUIET)
        assert code in (-signal.SIGKILL, 0)
        assert readers.problems == []
        assert readers.seen <= {night.before, night.after}, "somebody saw a mix of two nights"
        assert readers.reads > 0
        assert picture(where) == night.after
        assert _claims(where) == night.claims
        _check_log(where, killed=code != 0)


def _check_log(where: Server, killed: bool) -> None:
    with closing(harness.connect(where)) as session, session, session.cursor() as cursor:
        cursor.execute("select status from ops.runs order by run_id")
        statuses = [status for (status,) in cursor.fetchall()]
        assert statuses[0] == statuses[-1] == "SUCCEEDED"
        # A process can die before its row is there, and after it was closed.
        assert statuses[1:-1] in ([["ABANDONED"], ["SUCCEEDED"], []] if killed else [["SUCCEEDED"]])
        cursor.execute("select count(*) from ops.run_steps where status = 'RUNNING'")
        assert cursor.fetchone() == (0,)


@pytest.mark.parametrize("point", POINTS)
def test_killed_at_a_point(
    settings: Settings, night: Night, environment_for: Callable[[Server], dict[str, str]], point: str
) -> None:
    """SIGKILL of the command at chosen points."""

    def kill(environment: dict[str, str]) -> int:
        process = _start(environment, CABINET14D_FAULT=point)
        process.communicate()
        return process.returncode

    check(settings, night, environment_for, kill)


@pytest.mark.soak
def test_killed_before_and_after_everything(
    settings: Settings, night: Night, tmp_path: Path, environment_for: Callable[[Server], dict[str, str]]
) -> None:
    """SIGKILL before and after every step and every node of both builds."""
    listing = tmp_path / "points"
    with new_database(settings, night.template) as where:
        environment = {**environment_for(where), "CABINET14D_HOME": str(settings.home)}
        assert _start(environment, CABINET14D_FAULT_LIST=str(listing)).communicate() is not None
    points = list(dict.fromkeys(listing.read_text(encoding="utf-8").splitlines()))
    assert len(points) > 100
    for number, point in enumerate(points):

        def kill(environment: dict[str, str], point: str = point) -> int:
            process = _start(environment, CABINET14D_FAULT=point)
            process.communicate()
            assert process.returncode == -signal.SIGKILL, point
            return process.returncode

        check(settings, night, environment_for, kill)
        print(f"{number + 1}/{len(points)} {point}", file=sys.stderr, flush=True)


@pytest.mark.soak
def test_killed_at_random_moments(
    settings: Settings, night: Night, environment_for: Callable[[Server], dict[str, str]]
) -> None:
    """SIGKILL at 60 random moments, statements in flight included."""
    moments = random.Random(14)
    for _ in range(60):

        def kill(environment: dict[str, str], seconds: float = moments.uniform(0.2, 6.0)) -> int:
            process = _start(environment)
            timer = threading.Timer(seconds, process.kill)
            timer.start()
            process.communicate()
            timer.cancel()
            return process.returncode

        check(settings, night, environment_for, kill)


def test_an_undisturbed_night_is_seen_whole(
    settings: Settings, night: Night, environment_for: Callable[[Server], dict[str, str]]
) -> None:
    """Readers see the night before, then the night after, and nothing between."""

    def run(environment: dict[str, str]) -> int:
        process = _start(environment)
        process.communicate()
        return process.returncode

    check(settings, night, environment_for, run)


def test_fault_points_do_nothing_by_themselves() -> None:
    """Without the variable a fault point is nothing."""
    from runner import faults

    assert "CABINET14D_FAULT" not in os.environ
    faults.reach("before:step:build")
