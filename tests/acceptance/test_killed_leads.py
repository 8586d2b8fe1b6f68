"""`reconcile leads` killed anywhere and repeated: the tables end as an undisturbed run leaves them."""

from __future__ import annotations

import random
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest

from runner import chain, demo, load
from runner.database import Server
from runner.reconcile_leads import LeadsFilter
from runner.settings import Settings
from tests import harness
from tests.conftest import new_database, settings_at
from tests.integration.test_reconcile_claims import rows

AS_OF = date(2026, 1, 14)
# The moments before and between are among the random ones of `make soak`.
POINTS = ("after:step:reconcile leads",)
# Ids and times differ from run to run; nothing else may. The run that wrote a link may be another one.
TABLES = (
    "select person_key, confidence_level::text, primary_phone, primary_license, primary_full_name"
    " from canon.identity_registry order by 1",
    "select source_table, source_pk, person_key, match_rule, match_score, confidence_level::text,"
    " (evidence - 'run_id')::text from canon.identity_links order by 1, 2",
    "select source_pk, reason_code, status::text, details::text, candidates_preview::text"
    " from canon.identity_unmatched order by 1",
    "select lead_source_pk, person_key, driver_id, limbo_stage from ops.v_cabinet_leads_limbo order by 1",
)
ORPHANS = """
    select count(*) from canon.identity_registry as persons
    where not exists (select 1 from canon.identity_links as links where links.person_key = persons.person_key)
"""


@pytest.fixture(scope="module")
def loaded(settings: Settings, migrated_template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A database with the sample, built once, whose links are still to be made."""
    with new_database(settings, migrated_template) as where:
        ours = settings_at(where, settings.home)
        folder = tmp_path_factory.mktemp("sample")
        demo.write(folder, 849)
        for kind in ("drivers", "leads", "trips"):
            load.load_files(where, ours, kind, sorted(folder.glob(f"{kind}*.csv")))
        chain.build(ours, AS_OF, progress=harness.QUIET)
        yield where.dbname


@pytest.fixture(scope="module")
def undisturbed(settings: Settings, loaded: str) -> list[list[tuple[Any, ...]]]:
    """What one run leaves that nobody kills."""
    with new_database(settings, loaded) as where:
        again(settings_at(where, settings.home))
        return [rows(where, table) for table in TABLES]


def again(ours: Settings) -> None:
    """One whole run."""
    chain.reconcile_leads_now(ours, AS_OF, LeadsFilter(), progress=harness.QUIET)


def check(
    settings: Settings,
    loaded: str,
    undisturbed: list[list[tuple[Any, ...]]],
    environment_for: Callable[[Server], dict[str, str]],
    seconds: float | None = None,
    **more: str,
) -> int:
    """Kill one run after `seconds` or at a fault point, repeat it, compare; the killed command's exit code."""
    with new_database(settings, loaded) as where:
        environment = {**environment_for(where), "CABINET14D_HOME": str(settings.home), **more}
        process = subprocess.Popen(
            [sys.executable, "-m", "runner", "reconcile", "leads", "--as-of", str(AS_OF)],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        timer = threading.Timer(seconds, process.kill) if seconds else None
        if timer:
            timer.start()
        code = process.wait()
        if timer:
            timer.cancel()
        again(settings_at(where, settings.home))
        assert [rows(where, table) for table in TABLES] == undisturbed
        assert rows(where, ORPHANS) == [(0,)]
        return code


@pytest.mark.parametrize("point", POINTS)
def test_killed_at_a_point(
    settings: Settings,
    loaded: str,
    undisturbed: list[list[tuple[Any, ...]]],
    environment_for: Callable[[Server], dict[str, str]],
    point: str,
) -> None:
    """Before and after the write-back, and while its states are built."""
    assert check(settings, loaded, undisturbed, environment_for, CABINET14D_FAULT=point) == -9


@pytest.mark.soak
def test_killed_at_random_moments(
    settings: Settings,
    loaded: str,
    undisturbed: list[list[tuple[Any, ...]]],
    environment_for: Callable[[Server], dict[str, str]],
) -> None:
    """SIGKILL at 50 random moments, statements in flight included."""
    moments = random.Random(3)
    codes = [check(settings, loaded, undisturbed, environment_for, moments.uniform(0.5, 7.0)) for _ in range(50)]
    assert codes.count(-9) >= 25, codes


def test_the_sample_has_what_is_to_be_linked(undisturbed: list[list[tuple[Any, ...]]]) -> None:
    """The comparison above is of many rows of every kind."""
    assert [len(table) > 50 for table in undisturbed] == [True] * 4
