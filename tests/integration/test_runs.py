"""The run log answers what happened last night: who, what, how long, what it counted, what stopped it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date

import pytest

from runner import chain, runs
from runner.database import Server
from runner.errors import BadConfiguration, BrokenRule
from runner.settings import Settings
from tests import harness
from tests.integration.test_alerts import ask, command
from tests.integration.test_alerts_month import world

DAY = date(2026, 3, 18)


def test_a_night_and_what_it_did(
    migrated_database: Server, settings_for: Callable[..., Settings],
    environment_for: Callable[[Server], dict[str, str]],
) -> None:
    """Listed newest first, explained step by step with counters, money and dbt's nodes; the same as JSON."""
    settings = settings_for(migrated_database)
    harness.write_world(migrated_database, world(DAY))
    chain.nightly(settings, DAY, progress=harness.QUIET)
    chain.build(settings, DAY, progress=harness.QUIET)
    environment = environment_for(migrated_database)
    code, out, _ = command(environment, "runs")
    lines = out.splitlines()
    assert code == 0 and [line.split()[0] for line in lines[1:]] == ["2", "1"] and max(map(len, lines)) <= 80
    assert "live" in lines[1] and "published" in lines[2]
    assert len(json.loads(command(environment, "runs", "--command", "build", "--json")[1])) == 1
    told = json.loads(command(environment, "runs", "show", "1", "--json")[1])
    assert (told["command"], told["as_of_date"], told["status"], told["exit_code"]) == (
        "nightly", "2026-03-18", "SUCCEEDED", 0)
    assert told["version"] and told["started_by"] and told["host"] and told["arguments"]["fail_on"] == "critical"
    steps = {step["name"]: step for step in told["steps"]}
    assert list(steps)[:2] == ["migrate check", "build"] and list(steps)[-3:] == ["publish", "validate", "alerts"]
    assert (steps["reconcile claims"]["counters"]["claims_inserted"],
            steps["reconcile claims"]["counters"]["inserted_amount"]) == (2, "60.00")
    nodes = {(node["step"], node["node"]): node for node in told["nodes"]}
    assert nodes["build what links changed", "int_states__leads"]["status"] == "success"
    assert nodes["build what changed", "int_metrics__daily"]["status"] == "success"
    assert nodes["build what links changed", "h1_no_trips_without_driver"]["failures"] == 0
    code, out, _ = command(environment, "runs", "show", "1")
    assert code == 0 and "claims_inserted: 2" in out and "slowest" in out


def test_what_stopped_a_night(
    migrated_database: Server, settings_for: Callable[..., Settings],
    environment_for: Callable[[Server], dict[str, str]],
) -> None:
    """A broken rule: the sentence, the step that failed, and the test that did, with its rows."""
    settings = settings_for(migrated_database)
    harness.write_world(migrated_database, world(DAY))
    chain.build(settings, DAY, progress=harness.QUIET)
    ask(migrated_database, "update ops_intermediate.milestones set amount = 0;"
        "create rule keep as on insert to ops_intermediate.milestones do instead nothing")
    with pytest.raises(BrokenRule):
        chain.nightly(settings, DAY, progress=harness.QUIET)
    code, out, _ = command(environment_for(migrated_database), "runs", "show", "2")
    assert code == 0 and "A hard rule is broken" in out and "FAILED" in out
    assert "what failed" in out and "fail " in out


def test_no_such_run(migrated_database: Server, settings_for: Callable[..., Settings]) -> None:
    with pytest.raises(BadConfiguration, match="There is no run 99"):
        runs.one(settings_for(migrated_database), 99)
