"""Nights that meet: one runs, the others leave with exit code 4 within two seconds and say who holds the lock."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass

import pytest

from runner.database import Server
from tests import harness


@dataclass
class Ended:
    """How one command ended, and after how many seconds."""

    code: int
    seconds: float
    errors: str


def together(environment: dict[str, str], count: int) -> list[Ended]:
    """Start `count` nights at once and wait for all."""
    started = time.monotonic()
    waiting = {
        number: subprocess.Popen(
            [sys.executable, "-m", "runner", "nightly"],
            env=environment,
            text=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        for number in range(count)
    }
    ended = []
    while waiting:
        for number, process in list(waiting.items()):
            if process.poll() is not None:
                seconds = time.monotonic() - started
                ended.append(Ended(process.returncode, seconds, process.communicate()[1]))
                del waiting[number]
        time.sleep(0.01)  # between two looks at other processes, not a wait for something to be ready
    return ended


def check(where: Server, environment: dict[str, str], count: int) -> list[float]:
    """One round; the seconds after which the refused ones were gone."""
    ended = together(environment, count)
    assert sorted(e.code for e in ended) == [0] + [4] * (count - 1), [e.errors for e in ended]
    refused = [e for e in ended if e.code == 4]
    for one in refused:
        assert re.search(
            r"Another run holds the lock: run \d+ \(nightly\), since .* UTC, server process \d+\.", one.errors
        )
    with closing(harness.connect(where)) as session, session, session.cursor() as cursor:
        cursor.execute("select count(*) from ops.runs where status <> 'SUCCEEDED'")
        assert cursor.fetchone() == (0,), "a refused night leaves no row"
    return [e.seconds for e in refused]


def test_three_nights_at_once(migrated_database: Server, environment_for: Callable[[Server], dict[str, str]]) -> None:
    """One runs, two are refused."""
    check(migrated_database, environment_for(migrated_database), 3)


@pytest.mark.soak
@pytest.mark.parametrize("count", [2, 8])
def test_twenty_rounds(
    migrated_database: Server, environment_for: Callable[[Server], dict[str, str]], count: int
) -> None:
    """20 rounds of two and of eight."""
    environment = environment_for(migrated_database)
    seconds = [second for _ in range(20) for second in check(migrated_database, environment, count)]
    print(f"{count} at once, 20 rounds: refused after at most {max(seconds):.2f} s", file=sys.stderr)
