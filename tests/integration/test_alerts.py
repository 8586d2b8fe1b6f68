"""Metrics by day; rules about jobs, thresholds, mutes, exit codes. The rules about leads are in the scripted month."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from runner import alerts, chain, watch
from runner.database import Server
from runner.errors import BadConfiguration
from runner.settings import Settings
from tests import harness
from tests.conftest import new_database, settings_at
from tests.harness import settings_with
from tests.integration.test_alerts_month import world
from tests.oracle import World

DAY = date(2026, 3, 18)
JOB = """
insert into ops.runs (command, as_of_date, status, started_at, finished_at)
values ('{command}', '2026-03-18', '{status}', clock_timestamp() - interval '{hours} hours',
    case when '{status}' <> 'RUNNING' then clock_timestamp() - interval '{hours} hours' end);
"""
MATCHING = JOB.format(command="reconcile leads", status="{status}", hours="{hours}") + """
insert into ops.run_steps (run_id, step_no, name, status, counters, started_at, finished_at)
select max(run_id), 1, 'reconcile leads', '{status}', '{{"newly_linked": {linked}}}',
    clock_timestamp() - interval '{hours} hours', clock_timestamp() - interval '{hours} hours' from ops.runs;
"""


@pytest.fixture(scope="module")
def built(settings: Settings, migrated_template: str) -> Iterator[str]:
    """The name of a database that was built once."""
    with new_database(settings, migrated_template) as where:
        harness.write_world(where, world(DAY))
        harness.build(settings_at(where, settings.home), world(DAY))
        yield where.dbname


@pytest.fixture
def whole(settings: Settings, built: str) -> Iterator[Server]:
    """A copy of it."""
    with new_database(settings, built) as where:
        yield where


def ask(where: Server, sql: str) -> list[tuple[Any, ...]]:
    """All rows of a query, or none of a statement."""
    with closing(harness.connect(where)) as session, session, session.cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall()) if cursor.description else []


def states(where: Server, settings: Settings, rule: str, **once: float) -> list[tuple[str, str, str]]:
    """Scope, state and severity of one rule."""
    found = watch.look(settings_at(where, settings.home), once, send=False)[0]
    return [(row["scope_value"], row["state"], row["severity"]) for row in found.rows if row["rule"] == rule]


def job(command: str, status: str, hours: int) -> str:
    return JOB.format(command=command, status=status, hours=hours)


def matching(status: str, hours: int, linked: int) -> str:
    return MATCHING.format(status=status, hours=hours, linked=linked)


# --- jobs -------------------------------------------------------------------------------------------------

def test_jobs_that_never_ran_are_not_judged(whole: Server, settings: Settings) -> None:
    for rule, name in (("D1", "reconcile leads"), ("D2", "nightly"), ("D4", "reconcile leads")):
        assert states(whole, settings, rule) == [(name, "INSUFFICIENT_HISTORY", "WARNING")]


@pytest.mark.parametrize(("rule", "sql", "state", "severity"), [
    ("D1", matching("SUCCEEDED", 23, 4), "OK", "WARNING"),
    ("D1", matching("SUCCEEDED", 25, 4), "FIRING", "WARNING"),
    ("D1", matching("SUCCEEDED", 25, 4) + matching("FAILED", 1, 0), "FIRING", "WARNING"),
    ("D1", matching("FAILED", 1, 0), "INSUFFICIENT_HISTORY", "WARNING"),
    ("D2", job("nightly", "SUCCEEDED", 25), "OK", "WARNING"),
    ("D2", job("nightly", "SUCCEEDED", 27), "FIRING", "WARNING"),
    ("D2", job("nightly", "SUCCEEDED", 51), "FIRING", "CRITICAL"),
    ("D2", job("nightly", "SUCCEEDED", 27) + job("nightly", "RUNNING", 0), "FIRING", "WARNING"),
    ("D4", matching("SUCCEEDED", 60, 4) + matching("SUCCEEDED", 2, 0), "FIRING", "WARNING"),
    ("D4", matching("SUCCEEDED", 60, 0) + matching("SUCCEEDED", 2, 1), "OK", "WARNING"),
    ("D4", matching("SUCCEEDED", 10, 0) + matching("SUCCEEDED", 2, 0), "INSUFFICIENT_HISTORY", "WARNING"),
    # It did not run at all in 48 hours: that is D1's to say.
    ("D4", matching("SUCCEEDED", 60, 0), "INSUFFICIENT_HISTORY", "WARNING"),
])
def test_rules_about_jobs(
        whole: Server, settings: Settings, rule: str, sql: str, state: str, severity: str) -> None:
    ask(whole, sql)
    assert [rest for _, *rest in states(whole, settings, rule)] == [[state, severity]]


@pytest.mark.parametrize(("statuses", "state", "severity"), [
    (["SUCCEEDED"], "OK", "WARNING"),
    (["SUCCEEDED", "FAILED"], "FIRING", "WARNING"),
    (["FAILED", "ABANDONED"], "FIRING", "WARNING"),
    (["FAILED", "ABANDONED", "FAILED"], "FIRING", "CRITICAL"),
    (["FAILED", "FAILED", "FAILED", "SUCCEEDED"], "OK", "WARNING"),
    (["FAILED", "FAILED", "RUNNING"], "FIRING", "WARNING"),
])
def test_failures_in_a_row(
        whole: Server, settings: Settings, statuses: list[str], state: str, severity: str) -> None:
    ask(whole, "".join(job("nightly", status, len(statuses) - n) for n, status in enumerate(statuses)))
    assert ("nightly", state, severity) in states(whole, settings, "D3")


def test_nothing_to_match_is_no_alert(migrated_database: Server, settings: Settings) -> None:
    """D4 asks for unresolved leads."""
    all_known = World(DAY)
    harness.build(settings_at(migrated_database, settings.home), all_known)
    ask(migrated_database, matching("SUCCEEDED", 60, 0) + matching("SUCCEEDED", 2, 0))
    assert states(migrated_database, settings, "D4") == [("reconcile leads", "OK", "WARNING")]


def test_a_night_that_is_at_its_report_has_run(whole: Server, settings: Settings) -> None:
    """The night's own alerts are judged after its publication, while it is still running."""
    ask(whole, job("nightly", "SUCCEEDED", 40))
    outcome = chain.nightly(settings_at(whole, settings.home), DAY, progress=harness.QUIET)
    assert [row["state"] for row in outcome.watched.rows if row["rule"] == "D2"] == ["OK"]


# --- nothing there ----------------------------------------------------------------------------------------

def test_an_empty_database_divides_by_nothing(migrated_database: Server, settings: Settings) -> None:
    """The original's script crashed here (F46). Percentages of nothing are not judged, counts of nothing are fine."""
    ours = settings_at(migrated_database, settings.home)
    with pytest.raises(BadConfiguration, match="Nothing was published yet"):
        watch.look(ours, {}, send=False)
    harness.build(ours, World(DAY))
    found = watch.look(ours, {}, send=False)[0]
    assert (found.of("FIRING"), alerts.exit_code(found)) == ([], 0)
    shown = {row["rule"]: row["state"] for row in found.rows}
    assert (shown["A1"], shown["A2"], shown["A7"], shown["B2"]) == (
        "OK", "INSUFFICIENT_HISTORY", "INSUFFICIENT_HISTORY", "OK")
    assert alerts.as_dict(found)["stats"]["pct_with_identity"] is None


# --- days -------------------------------------------------------------------------------------------------

def metrics(where: Server, day: date) -> list[tuple[Any, ...]]:
    """One day's rows as readers see them."""
    return ask(where, "select metric, scope, scope_value, value, run_id from ops.cabinet_metrics_daily"
                      f" where as_of_date = '{day}' order by 1, 2, 3")


def test_a_day_is_written_once_and_the_past_is_left_alone(whole: Server, settings: Settings) -> None:
    """The same day again writes nothing; the next day does not touch it; only building it again does (backfill)."""
    ours = settings_at(whole, settings.home)
    first = metrics(whole, DAY)
    assert len(first) > 100
    harness.build(ours, world(DAY))
    assert metrics(whole, DAY) == first
    later = replace(world(DAY + timedelta(1)), links=())
    harness.write_world(whole, later)
    harness.build(ours, later)
    assert metrics(whole, DAY) == first
    assert metrics(whole, DAY + timedelta(1)) != first
    harness.build(ours, replace(later, as_of=DAY))
    again = metrics(whole, DAY)
    assert next(row[3] for row in again if row[:3] == ("leads_with_identity", "ALL", "")) == 0
    assert [row[3] for row in first if row[:3] == ("leads_with_identity", "ALL", "")] == [19]
    # Asked on the 18th, the 19th is not there yet.
    row = next(row for row in watch.look(ours, {}, send=False)[0].rows if row["rule"] == "C1")
    assert (row["as_of_date"], row["days_running"]) == (DAY, 1)


def test_what_is_not_published_is_not_measured(whole: Server, settings: Settings) -> None:
    """A part of the project is built, and readers see yesterday's figures of today, whole."""
    first = metrics(whole, DAY)
    harness.write_world(whole, World(DAY))
    harness.build(settings_at(whole, settings.home), World(DAY), select="+int_metrics__daily")
    assert metrics(whole, DAY) == first
    harness.build(settings_at(whole, settings.home), World(DAY))
    assert metrics(whole, DAY) != first


def test_the_metrics_agree_with_the_relations(whole: Server) -> None:
    """Leads per stage, money per status and the gap, each counted once more from what readers see."""
    told = {(name, scope, value): number for name, scope, value, number, _ in metrics(whole, DAY)}
    stages = dict(ask(whole, "select limbo_stage, count(*) from ops.v_cabinet_leads_limbo group by 1"))
    assert {stage: told["leads", "STAGE", stage] for stage in stages} == stages
    for week, leads in ask(whole, "select week_start::text, count(*) from ops.v_cabinet_leads_limbo group by 1"):
        assert told["leads", "WEEK", week] == leads
    for milestone, gaps, amount in ask(
            whole, "select milestone_value::text, count(*), sum(expected_amount)"
                   " from ops.v_cabinet_claims_gap_14d group by 1"):
        assert told["claims_missing", "MILESTONE", milestone] == gaps
        assert told["amount_missing", "MILESTONE", milestone] == amount
    for status, amount in ask(
            whole, "select coalesce(claim_row_status, 'missing'), sum(amount_expected)"
                   " from ops.v_claims_expected_vs_present_14d where claim_expected group by 1"):
        assert told["claims_amount", "CLAIM_STATUS", status] == amount


# --- thresholds, mutes, exit codes ------------------------------------------------------------------------

def test_thresholds_for_one_run_and_for_good(whole: Server, settings: Settings) -> None:
    """--threshold moves one question; cabinet14d.toml moves the relation itself, for whoever reads it."""
    assert states(whole, settings, "A1") == [("", "OK", "WARNING")]
    assert states(whole, settings, "A1", A1=2) == [("", "FIRING", "WARNING")]
    assert states(whole, settings, "A1", **{"A1": 2, "A1.CRITICAL": 2}) == [("", "FIRING", "CRITICAL")]
    assert states(whole, settings, "A3", **{"A3.DAYS": 1}) == [("", "FIRING", "CRITICAL")]
    assert states(whole, settings, "A5", **{"A5.FLOOR": 3}) == [("2026-03-09", "FIRING", "WARNING")]
    assert ask(whole, "select state from ops.v_cabinet_alerts where rule = 'A1'") == [("OK",)]
    lasting = settings_with(settings_at(whole, settings.home), thresholds="LIMBO_NO_IDENTITY_THRESHOLD=2")
    assert "A1" in {row["rule"] for row in watch.look(lasting, {}, send=False)[0].of("FIRING")}
    harness.build(lasting, world(DAY))
    assert ask(whole, "select threshold, state from ops.v_cabinet_alerts where rule = 'A1'") == [(2, "FIRING")]


def command(environment: dict[str, str], *words: str) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of one command."""
    done = subprocess.run([sys.executable, "-m", "runner", *words], env=environment, text=True, capture_output=True)
    return done.returncode, done.stdout, done.stderr


def test_exit_codes_and_json(
    whole: Server, environment_for: Callable[[Server], dict[str, str]], tmp_path: Path
) -> None:
    """1 a warning, 3 a critical, 0 when all that fires is muted, 2 for a wrong name, 4 without a database (D-12)."""
    environment, kept = environment_for(whole), tmp_path / "alerts.json"
    code, out, _ = command(environment, "alerts", "--output-json", str(kept))
    assert code == 1 and max(len(line) for line in out.splitlines()) <= 80
    told = json.loads(kept.read_text(encoding="utf-8"))
    assert (told["stats"]["total_leads"], told["stats"]["limbo_no_identity"], told["has_alerts"]) == (22, 3, True)
    by_type = {row["type"]: row for row in told["alerts"]}
    old = by_type["TRIPS_NO_CLAIM_PERSISTENT"]
    assert (old["threshold"], old["current"], old["triggered"], old["state"]) == (0, 1, False, "INSUFFICIENT_HISTORY")
    assert by_type["GAP_AMOUNT_21D"]["value"] == "60.00"
    code, out, _ = command(environment, "alerts", "--threshold", "B2=50", "--json")
    assert code == 3 and json.loads(out)["alerts"][0]["rule"] == "B2"
    for words in (["--threshold", "B9=1"], ["--threshold", "A1"], ["--threshold", "A1=x"], ["mute", "A1"]):
        assert command(environment, "alerts", *words)[0] == 2
    assert command({**environment, "DB_PORT": "1"}, "alerts")[0] == 4
    assert command({**environment, "CABINET14D_THRESHOLDS": "A99=1"}, "alerts")[0] == 4
    for rule in {row["rule"] for row in told["alerts"] if row["triggered"]}:
        assert command(environment, "alerts", "mute", rule, "--until", "2026-03-18", "--why", "known")[0] == 0
    code, out, _ = command(environment, "alerts", "--json")
    assert code == 0 and {row["state"] for row in json.loads(out)["alerts"]} >= {"MUTED"}
    assert ask(whole, "select count(*), min(why) from ops.alert_mutes") == [(9, "known")]


def test_a_night_ends_as_its_alerts_say(whole: Server, settings: Settings) -> None:
    """3 for a critical alert, 1 for a warning if warnings count, 0 otherwise; the report names the rules."""
    ours = settings_at(whole, settings.home)
    assert chain.nightly(ours, DAY, progress=harness.QUIET).run.exit_code == 0
    assert chain.nightly(ours, DAY, fail_on="warning", progress=harness.QUIET).run.exit_code == 1
    strict = settings_with(ours, thresholds="A1=2 A1.CRITICAL=2")
    outcome = chain.nightly(strict, DAY, progress=harness.QUIET)
    assert outcome.run.exit_code == 3
    from runner import report

    text = report.nightly(outcome)
    assert "critical      8  alerts: A1 A2_21D" in text and "a critical alert fires" in text


def test_watching_starts_fast() -> None:
    """`alerts` loads neither dbt nor what sends, draws or validates: with or without the extras it starts alike."""
    code = ("import runner.cli, runner.commands.watching, runner.watch, runner.alerts, runner.validate_parts, sys;"
            "print([m for m in ('great_expectations', 'apprise', 'pandas', 'dbt.cli.main') if m in sys.modules])")
    done = subprocess.run([sys.executable, "-c", code], text=True, capture_output=True, check=True)
    assert done.stdout.strip() == "[]"


# --- when an alert speaks ---------------------------------------------------------------------------------

TOLD = ("insert into ops.alert_events (run_id, as_of_date, rule, scope_value, event, severity, value)"
        " values (1, '2026-03-{day}', '{rule}', '', '{event}', 'WARNING', {value});")


def told(day: int, rule: str = "A1", event: str = "STARTED", value: float = 3) -> str:
    return TOLD.format(day=day, rule=rule, event=event, value=value)


@pytest.mark.parametrize(("memory", "thresholds", "rule", "event"), [
    ("", "A1=2", "A1", "STARTED"),
    (told(16), "A1=2", "A1", None),
    (told(15), "A1=2", "A1", "REMINDED"),
    (told(15) + told(17, event="REMINDED"), "A1=2", "A1", None),
    (told(17), "A1=2 A1.CRITICAL=2", "A1", "WORSENED"),
    (told(17, value=2.5), "A1=2", "A1", "WORSENED"),
    (told(17, value=2.6), "A1=2", "A1", None),
    (told(17, value=9), "A1=2", "A1", None),
    (told(17), "A1=3", "A1", "RECOVERED"),
    (told(16) + told(17, event="RECOVERED"), "A1=3", "A1", None),
    (told(16) + told(17, event="RECOVERED"), "A1=2", "A1", "STARTED"),
    # What can't be judged is no recovery: A3 has one day of history.
    (told(17, rule="A3"), "", "A3", None),
    (told(15, rule="A2"), "", "A2", "RECOVERED"),
    (told(17, rule="Z1"), "", "Z1", "RECOVERED"),
    ("insert into ops.alert_mutes (rule, until_date, why) values ('A1', '2026-03-18', 'x');", "A1=2", "A1", None),
    ("insert into ops.alert_mutes (rule, until_date, why) values ('A1', '2026-03-17', 'x');", "A1=2", "A1", "STARTED"),
    (told(15) + "insert into ops.alert_mutes (rule, until_date, why) values ('A1', '2026-03-20', 'x');",
     "A1=3", "A1", "RECOVERED"),
])
def test_when_an_alert_speaks(
        whole: Server, settings: Settings, memory: str, thresholds: str, rule: str, event: str | None) -> None:
    """Starts, worsens, lasts, recovers; by what was told, to the day."""
    from runner import notify

    if memory:
        ask(whole, memory)
    chosen = settings_with(settings_at(whole, settings.home), thresholds=thresholds)
    with closing(harness.connect(whole)) as session:
        alerts.prepare(session, chosen)
        due, _ = notify._due(session, "es")
    assert {row["rule"]: row["event"] for row in due}.get(rule) == event
