"""`doctor` on an empty, a migrated, a built and an unreachable database: and that it finds what is wrong."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from click.testing import CliRunner

from runner import doctor, doctor_machine
from runner.cli import cli
from runner.database import Server
from runner.doctor import Report
from runner.settings import Settings
from tests import harness
from tests.conftest import administrate, settings_at

Make = Callable[..., Settings]


def change(where: Server, *statements: str) -> None:
    """What somebody does to a database."""
    with closing(harness.connect(where)) as session, session, session.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def states(report: Report) -> dict[str, set[str]]:
    """States by check."""
    found: dict[str, set[str]] = {}
    for finding in report.findings:
        found.setdefault(finding.check, set()).add(finding.state)
    return found


def says(report: Report, check: str) -> str:
    """All that was said of one check."""
    return " ".join(f"{f.state}: {f.says} {f.do}" for f in report.findings if f.check == check)


def test_an_empty_database(fresh_database: Server, settings_for: Make) -> None:
    """Nothing is there yet, and the next step is said."""
    report = doctor.examine(settings_for(fresh_database))
    assert report.exit_code == 1 and report.ran
    assert "not migrated. Run 'cabinet14d migrate'" in says(report, "migrations")
    assert "Run 'cabinet14d build'" in says(report, "drift")
    assert "last night" not in states(report)


def test_a_migrated_database(unbuilt_database: Server, settings_for: Make) -> None:
    report = doctor.examine(settings_for(unbuilt_database))
    assert states(report)["migrations"] == states(report)["rights"] == states(report)["extensions"] == {"ok"}
    assert "Nothing was built" in says(report, "drift")
    assert "No night was ever run" in says(report, "last night")


def test_a_built_database_agrees_with_its_contracts(migrated_database: Server, settings_for: Make) -> None:
    """Every mart has a contract, and all agree; one line per thing, each with a sentence."""
    report = doctor.examine(settings_for(migrated_database))
    assert states(report)["drift"] == {"ok"}, says(report, "drift")
    assert "agree with their contracts" in says(report, "drift") and " 0 agree" not in says(report, "drift")
    assert all(f.says.endswith((".", ")")) and "\n" not in f.says + f.do for f in report.findings)
    assert len(report.text().splitlines()) == len(report.findings) > 15


@pytest.mark.parametrize(("act", "said"), [
    ("drop view ops.v_cabinet_alerts cascade", "ops.v_cabinet_alerts is missing"),
    ("drop view ops_staging.stg_cabinet__leads cascade", "ops_staging.stg_cabinet__leads is missing"),
    ("alter view ops.v_cabinet_leads_limbo rename column limbo_stage to stage", "limbo_stage is missing"),
    ("drop view ops.v_cabinet_alerts cascade; create view ops.v_cabinet_alerts as select 1 as rule", "rule is integer"),
])
def test_drift_is_found(migrated_database: Server, settings_for: Make, act: str, said: str) -> None:
    change(migrated_database, act)
    report = doctor.examine(settings_for(migrated_database))
    assert states(report)["drift"] == {"warn"}
    text = " ".join(f.says for f in report.findings if f.check == "drift")
    assert said in text or "more" in text, text


NIGHT = "insert into ops.runs (command, as_of_date, status, exit_code, error, started_at) values"


@pytest.mark.parametrize(("night", "state", "said"), [
    ("('nightly', current_date, 'SUCCEEDED', 0, null, now() - interval '3 hours')", "ok", "3 h ago and ended clean"),
    ("('nightly', current_date, 'SUCCEEDED', 0, null, now() - interval '3 days')", "warn", "did not run since"),
    ("('nightly', current_date, 'FAILED', 4, 'The disk is full.', now())", "bad", "could not run: The disk is full."),
    ("('nightly', current_date, 'FAILED', 3, 'H1.', now())", "bad", "broken rule or a critical alert: H1."),
    ("('nightly', current_date, 'ABANDONED', null, null, now())", "bad", "and died."),
], ids=["fine", "late", "failed", "critical", "died"])
def test_the_last_night_is_judged(
    unbuilt_database: Server, settings_for: Make, night: str, state: str, said: str
) -> None:
    change(unbuilt_database, f"{NIGHT} {night}")
    report = doctor.examine(settings_for(unbuilt_database))
    assert states(report)["last night"] == {state} and said in says(report, "last night")


def test_a_run_that_nobody_closed_is_told(unbuilt_database: Server, settings_for: Make) -> None:
    change(unbuilt_database, "insert into ops.runs (command) values ('build')")
    assert "ended without saying how" in says(doctor.examine(settings_for(unbuilt_database)), "runs")


@pytest.fixture
def stranger(settings: Settings) -> Iterator[str]:
    """A login with no rights at all."""
    administrate(settings, "create role t_stranger login")
    yield "t_stranger"
    administrate(settings, "drop role t_stranger")


def test_rights_that_a_night_lacks_are_named(unbuilt_database: Server, settings: Settings, stranger: str) -> None:
    """A login of nobody may do nothing here, and is told what it lacks rather than refused."""
    theirs = settings_at(replace(unbuilt_database, user=stranger, password=""), settings.home)
    if not unbuilt_database.host.startswith("/"):
        pytest.skip("the embedded server listens on TCP here, with a password")
    report = doctor.examine(theirs)
    assert report.ran and states(report)["rights"] == {"bad"}
    assert "canon." in says(report, "rights") and "roles --sql" in says(report, "rights")
    assert states(report)["user"] == {"ok"}


def test_settings_that_lose_data_or_time_are_told(unbuilt_database: Server, settings_for: Make) -> None:
    """The test server runs without fsync, on purpose; and one asked for more connections than there are."""
    text = says(doctor.examine(settings_for(unbuilt_database)), "settings")
    assert "warn: fsync is off" in text and "connections are taken" not in text
    crowded = settings_for(unbuilt_database, web_connections="64", threads="64")
    assert "connections are taken" in says(doctor.examine(crowded), "settings")


def test_an_unreachable_database_leaves_the_rest_looked_at(tmp_path: Path, settings: Settings) -> None:
    """Exit code 4 (could not run), the machine's findings all the same, and no address in what is said."""
    away = Server(str(tmp_path), "5432", "cobranza", "noche", "s3creto")
    report = doctor.examine(settings_at(away, settings.home))
    assert (report.exit_code, report.ran) == (4, False)
    assert states(report)["database"] == {"bad"} and "home" in states(report) and "extras" in states(report)
    assert "s3creto" not in report.text()
    none = replace(Server(settings.text("db_host"), settings.text("db_port"), "t_nada", settings.text("db_user"), ""))
    assert doctor.examine(settings_at(none, settings.home)).exit_code == 4


def test_a_lock_does_not_keep_it_waiting(unbuilt_database: Server, settings_for: Make) -> None:
    """What can't be asked is a finding of its own; the other lines are there."""
    with closing(harness.connect(unbuilt_database)) as session, session, session.cursor() as cursor:
        cursor.execute("lock table ops.runs in access exclusive mode")
        report = doctor.examine(settings_for(unbuilt_database, lock_timeout="10ms"))
    assert "bad: Another session holds a table" in says(report, "last night") and states(report)["migrations"] == {"ok"}


def test_a_home_that_is_full_or_closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    """Tried by writing: also root is told of a home that can't be written."""
    found = list(doctor_machine.findings(settings_at(Server("x", "1", "x", "x", ""), tmp_path)))
    assert {f.state for f in found if f.check in ("home", "disk")} == {"ok"}
    (tmp_path / "file").write_text("no folder")
    found = list(doctor_machine.findings(settings_at(Server("x", "1", "x", "x", ""), tmp_path / "file")))
    assert {f.state for f in found if f.check == "home"} == {"bad"}
    monkeypatch.setattr(doctor_machine, "ENOUGH", 10**18)
    found = list(doctor_machine.findings(settings_at(Server("x", "1", "x", "x", ""), tmp_path / "none" / "here")))
    assert {f.check: f.state for f in found}["home"] == "note"
    assert {f.check: f.state for f in found}["disk"] == "warn"


def test_extras_are_missed_only_when_they_are_needed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    monkeypatch.setattr(doctor_machine, "find_spec", lambda module: None)
    plain = settings_at(Server("x", "1", "x", "x", ""), tmp_path)
    assert {f.state for f in doctor_machine.findings(plain) if "not installed" in f.says} == {"note"}
    telling = harness.settings_with(plain, notify_urls="mailtos://a")
    assert [f.says for f in doctor_machine.findings(telling) if f.state == "warn"] == [
        "notify is not installed: alerts are not sent."]


def test_the_age_of_the_docs(migrated_database: Server, settings_for: Make, tmp_path: Path) -> None:
    ours = settings_for(migrated_database, home=tmp_path)
    assert "not made yet" in says(doctor.examine(ours), "docs")
    page = tmp_path / "datos.html"
    page.write_text("x")
    assert states(doctor.examine(ours))["docs"] == {"ok"}
    os.utime(page, (time.time() - 10**7,) * 2)
    assert states(doctor.examine(ours))["docs"] == {"warn"}


def test_the_command_prints_lines_or_json(
    unbuilt_database: Server, environment_for: Callable[[Server], dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment_for(unbuilt_database).items():
        monkeypatch.setenv(name, value)
    shown = CliRunner().invoke(cli, ["doctor"])
    parsed: dict[str, Any] = json.loads(CliRunner().invoke(cli, ["doctor", "--json"]).stdout)
    assert shown.exit_code == parsed["exit_code"] == 1
    assert [line.split(maxsplit=1)[0] for line in shown.stdout.splitlines()] == [c["state"] for c in parsed["checks"]]


def test_asking_writes_nothing(unbuilt_database: Server, settings_for: Make) -> None:
    """Not a row, not a role, not a schema."""
    def mark() -> Any:
        with closing(psycopg2.connect(**unbuilt_database.conninfo())) as session, session.cursor() as cursor:
            cursor.execute("select pg_current_xact_id_if_assigned(), (select count(*) from ops.runs), "
                           "(select count(*) from pg_namespace), (select count(*) from pg_roles)")
            return cursor.fetchone()

    before = mark()
    doctor.examine(settings_for(unbuilt_database))
    assert mark() == before
