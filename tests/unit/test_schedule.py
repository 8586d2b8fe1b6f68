"""What schedulers are given: each form parses where it is read, survives odd paths, and starts one night."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from datetime import UTC, date, datetime, time
from pathlib import Path
from xml.etree import ElementTree as tree

import pytest
from click.testing import CliRunner

from runner import schedule, schedule_run, settings
from runner.cli import cli
from runner.errors import BadConfiguration, BadInput
from runner.schedule_plan import Plan
from tests.conftest import temporary_folder

ADDRESS = "postgresql://noche:s3cret-word@db.example.org/cobranza"
ODD = "Cobranza 14d ñ 100% d'or $HOME"
WISH = schedule.Wish(time(2, 30))


def plan(folder: Path = Path("/srv/cabinet14d"), **more: object) -> Plan:
    """The night of an installation in `folder`."""
    given = {"python": folder / "venv" / "bin" / "python", "folder": folder, "home": folder / "home",
             "environment_file": folder / "cabinet14d.env", "log": folder / "nightly.log", "at": time(2, 30),
             "zone": "America/Lima", "user": "daemon", "notify": False, "config": None, "first_day": date(2026, 1, 1)}
    return Plan(**{**given, **more})  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", ["cron", "systemd", "windows"])
def test_one_chain_and_no_secret(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Never three racing jobs, the interpreter that runs now, and not a word of the address."""
    monkeypatch.setenv("DATABASE_URL", ADDRESS)
    done = CliRunner().invoke(cli, ["schedule", kind, "--time", "03:05"])
    assert done.exit_code == 0, done.output
    assert ADDRESS not in done.output and "s3cret-word" not in done.output and "example.org" not in done.output
    assert sys.executable in done.output and "cabinet14d.env" in done.output and "America/Lima" in done.output
    assert not re.search(r"reconcile|alerts\b(?! to)|3:05.*2:30", done.output)
    starts = [line for line in done.output.splitlines() if "-m runner" in line]
    assert len({line.split(" * * * ")[-1].removeprefix("* ") for line in starts}) == 1


def test_without_a_server_of_its_own_no_file_is_asked_for(tmp_path: Path) -> None:
    """The embedded server needs no secret; with one chosen the file must be there, or the night would go astray."""
    ours = settings.load({"home": tmp_path}, folder=tmp_path)
    assert schedule.plan_of(ours, "cron", WISH).environment_file is None
    theirs = settings.load({"home": tmp_path, "database_url": ADDRESS}, folder=tmp_path)
    assert schedule.plan_of(theirs, "cron", WISH).environment_file == tmp_path / "cabinet14d.env"


@pytest.mark.parametrize("at", ["2:3", "24:00", "12:60", "noon", "02:30:00", "-1:00", ""])
def test_a_wrong_time_is_wrong_usage(at: str) -> None:
    done = CliRunner().invoke(cli, ["schedule", "cron", "--time", at])
    assert done.exit_code == 2 and "HH:MM" in done.output


def test_a_path_that_no_file_can_hold_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    ours = settings.load({"home": tmp_path / "two\nlines"}, folder=tmp_path)
    for kind in schedule.KINDS:
        with pytest.raises(BadInput, match="line break"):
            schedule.files(ours, kind, WISH)
    with pytest.raises(BadInput, match="longer than cron keeps"):
        schedule.KINDS["cron"](plan(Path("/x" * 200)))


# --- cron ---------------------------------------------------------------------------------------------------

# What cron gives a job, beside the variables of the crontab.
TINY = {"HOME": "/", "LOGNAME": "nobody", "PATH": "/usr/bin:/bin", "SHELL": "/bin/sh"}


def read_crontab(text: str) -> tuple[dict[str, str], list[tuple[str, str]]]:
    """Variables and (schedule, command) lines, as cron reads them: `\\%` is a percent sign, a bare one ends it."""
    variables, jobs = {}, []
    for line in text.splitlines():
        found = re.fullmatch(r"([A-Z0-9_]+)=(['\"]?)(.*)\2", line)
        if found:
            variables[found[1]] = found[3]
        elif line and not line.startswith("#"):
            parts = line.split(" ", 5)
            assert len(line) < 1000 and re.fullmatch(r"(\d+|\*)( (\d+|\*)){4}", " ".join(parts[:5]))
            command = re.split(r"(?<!\\)%", parts[5])[0]
            jobs.append((" ".join(parts[:5]), command.replace("\\%", "%")))
    return variables, jobs


def test_the_crontab_says_when_and_the_same_command_twice() -> None:
    variables, jobs = read_crontab(schedule.KINDS["cron"](plan())["crontab"])
    assert variables["CRON_TZ"] == "America/Lima"
    assert [when for when, _ in jobs] == ["30 2 * * *", "50 * * * *"]
    assert jobs[0][1] == jobs[1][1]
    assert "schedule run --at 02:30" in jobs[0][1]


@pytest.mark.skipif(os.name == "nt", reason="there is no /bin/sh here")
def test_the_line_runs_as_cron_runs_it() -> None:
    """`/bin/sh -c` with next to no environment, from a path with all that breaks lines: every word arrives whole."""
    with temporary_folder() as folder:
        there = folder / ODD
        python = there / "venv" / "bin" / "python"
        python.parent.mkdir(parents=True)
        python.write_text(f"#!{sys.executable}\nimport json, os, sys\n"
                          "print(json.dumps([sys.argv[1:], os.getcwd(), os.environ['CABINET14D_HOME']]))\n")
        python.chmod(0o755)
        night = plan(there, notify=True)
        variables, jobs = read_crontab(schedule.KINDS["cron"](night)["crontab"])
        for _, command in jobs:
            done = subprocess.run(["/bin/sh", "-c", command], env={**TINY, **variables}, cwd="/", check=True,
                                  capture_output=True, text=True)
            assert json.loads(done.stdout) == [night.guarded()[1:], str(there), str(there / "home")]


def test_a_real_cron_takes_the_lines() -> None:
    """`crontab -n` only checks; installing would touch the machine's own."""
    program = shutil.which("crontab")
    if program is None:
        pytest.skip("no cron is installed here")
    checked = subprocess.run([program, "-n", "-"], input=schedule.KINDS["cron"](plan())["crontab"], text=True,
                             capture_output=True)
    if "invalid option" in checked.stderr or "usage" in checked.stderr.lower():
        pytest.skip("this cron can't check without installing")
    assert checked.returncode == 0, checked.stderr


def test_logrotate_snippet_has_the_log_in_quotes() -> None:
    text = schedule.KINDS["cron"](plan(Path("/srv") / "Cobranza 14d ñ"))["logrotate.conf"]
    assert '"/srv/Cobranza 14d ñ/nightly.log" {' in text
    program = shutil.which("logrotate")
    if program:
        with temporary_folder() as folder:
            (folder / "conf").write_text(text, encoding="utf-8")
            words = [program, "-d", "-s", folder / "state", folder / "conf"]
            done = subprocess.run(words, capture_output=True, text=True)
            assert "error:" not in done.stderr, done.stderr


# --- systemd ------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("name", ["plain", ODD])
@pytest.mark.parametrize("embedded", [False, True], ids=["server", "embedded"])
def test_systemd_accepts_the_units(name: str, embedded: bool) -> None:
    """Nothing to complain of, though the paths hold spaces, accents, quotes, percent and dollar signs."""
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("systemd is not installed here")
    with temporary_folder() as folder:
        there = folder / name
        python = there / "venv" / "bin" / "python"
        python.parent.mkdir(parents=True)
        python.touch(0o755)
        night = plan(there, **({"environment_file": None} if embedded else {}))
        paths = schedule.write(schedule.KINDS["systemd"](night), folder / "units")
        done = subprocess.run([program, "verify", "--man=no", *paths], capture_output=True, text=True)
        ours = [line for line in done.stderr.splitlines() if "cabinet14d" in line]
        assert (done.returncode, ours) == (0, []), done.stderr


def test_systemd_tries_again_only_what_could_not_run() -> None:
    service, timer = schedule.KINDS["systemd"](plan()).values()
    lines = service.splitlines()
    assert {"SuccessExitStatus=1", "RestartPreventExitStatus=2 3", "Restart=on-failure", "RestartSec=10min",
            "StartLimitBurst=4", "EnvironmentFile=/srv/cabinet14d/cabinet14d.env"} <= set(lines)
    assert [line for line in lines if line.startswith("ExecStart=")] == [
        "ExecStart=/srv/cabinet14d/venv/bin/python -X utf8 -m runner nightly"]
    assert timer.count("OnCalendar=") == 1 and "OnCalendar=*-*-* 02:30:00 America/Lima" in timer
    assert "Persistent=true" in timer


# --- Windows ------------------------------------------------------------------------------------------------

NAMESPACE = "{http://schemas.microsoft.com/windows/2004/02/mit/task}"
# The documented schema, as far as we use it: children in order where it says sequence, in any order where it says all.
SEQUENCE = {
    "CalendarTrigger": ["Enabled", "StartBoundary", "EndBoundary", "Repetition", "ExecutionTimeLimit", "RandomDelay",
                        "ScheduleByDay"],
    "Actions": ["Exec"],
    "Triggers": ["CalendarTrigger"],
    "Principals": ["Principal"],
    "ScheduleByDay": ["DaysInterval"],
}
ANY_ORDER = {
    "Task": {"RegistrationInfo", "Triggers", "Settings", "Data", "Principals", "Actions"},
    "RegistrationInfo": {"URI", "SecurityDescriptor", "Source", "Date", "Author", "Version", "Description",
                         "Documentation"},
    "Repetition": {"Interval", "Duration", "StopAtDurationEnd"},
    "Principal": {"UserId", "LogonType", "GroupId", "DisplayName", "RunLevel"},
    "Settings": {"AllowStartOnDemand", "RestartOnFailure", "MultipleInstancesPolicy", "DisallowStartIfOnBatteries",
                 "StopIfGoingOnBatteries", "AllowHardTerminate", "StartWhenAvailable", "NetworkProfileName",
                 "RunOnlyIfNetworkAvailable", "WakeToRun", "Enabled", "Hidden", "DeleteExpiredTaskAfter",
                 "IdleSettings", "NetworkSettings", "ExecutionTimeLimit", "Priority", "RunOnlyIfIdle"},
    "RestartOnFailure": {"Interval", "Count"},
    "Exec": {"Command", "Arguments", "WorkingDirectory"},
}
BOOLEAN, DURATION = r"true|false", r"P(\d+D)?(T(\d+H)?(\d+M)?)?"
VALUES = {
    "Enabled": BOOLEAN, "StopAtDurationEnd": BOOLEAN, "StartWhenAvailable": BOOLEAN, "AllowStartOnDemand": BOOLEAN,
    "DisallowStartIfOnBatteries": BOOLEAN, "StopIfGoingOnBatteries": BOOLEAN,
    "Interval": DURATION, "Duration": DURATION, "ExecutionTimeLimit": DURATION,
    "StartBoundary": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", "DaysInterval": r"[1-9]\d{0,2}", "Count": r"[1-9]\d{0,2}",
    "MultipleInstancesPolicy": "Parallel|Queue|IgnoreNew|StopExisting", "RunLevel": "LeastPrivilege|HighestAvailable",
    "LogonType": "S4U|Password|InteractiveToken|InteractiveTokenOrPassword",
}


def complaints(element: tree.Element) -> list[str]:
    """Where an element and what is in it differ from the schema."""
    name = element.tag.removeprefix(NAMESPACE)
    children = [child.tag.removeprefix(NAMESPACE) for child in element]
    found = [] if element.tag.startswith(NAMESPACE) else [f"{name}: another namespace"]
    if name in SEQUENCE:
        order = [known for known in SEQUENCE[name] if known in children]
        found += [f"{name}: {children}"] if children != order else []
    elif name in ANY_ORDER:
        twice = len(set(children)) < len(children)
        found += [f"{name}: {children}"] if twice or set(children) - ANY_ORDER[name] else []
    else:
        found += [f"{name}: has children"] if children else []
        found += [] if re.fullmatch(VALUES.get(name, r"(?s).+"), element.text or "") else [f"{name}: {element.text}"]
    return found + [each for child in element for each in complaints(child)]


def task_of(path: Path) -> tree.Element:
    """The task as Windows reads the file."""
    return tree.fromstring(path.read_bytes())


def test_the_task_has_the_structure_of_the_schema(tmp_path: Path) -> None:
    """And its file is in the encoding that its first line names, with every accent."""
    (path,) = schedule.write(schedule.KINDS["windows"](plan(Path("/srv") / ODD)), tmp_path)
    assert path.read_bytes()[:2] in (b"\xff\xfe", b"\xfe\xff")
    task = task_of(path)
    assert complaints(task) == []
    text = {element.tag.removeprefix(NAMESPACE): element.text for element in task.iter()}
    assert text["Command"] == f"/srv/{ODD}/venv/bin/python" and text["WorkingDirectory"] == f"/srv/{ODD}"
    assert f'--home "/srv/{ODD}/home" schedule run --at 02:30' in (text["Arguments"] or "")
    assert (text["StartWhenAvailable"], text["Count"]) == ("true", "3")
    assert "this machine's clock" in (text["Description"] or "")
    restart = task.find(f".//{NAMESPACE}RestartOnFailure/{NAMESPACE}Interval")
    assert restart is not None and restart.text == "PT10M"


def test_the_check_of_the_structure_can_fail(tmp_path: Path) -> None:
    """An element out of its order, one that is not known, a value that is none."""
    (path,) = schedule.write(schedule.KINDS["windows"](plan()), tmp_path)
    task = task_of(path)
    trigger = task.find(f".//{NAMESPACE}CalendarTrigger")
    assert trigger is not None
    trigger[:] = [trigger[-1], *trigger[:-1]]
    tree.SubElement(task, f"{NAMESPACE}Retry").text = "3"
    task.find(f".//{NAMESPACE}LogonType").text = "Always"  # type: ignore[union-attr]
    assert len(complaints(task)) == 3


# --- the night that they start ------------------------------------------------------------------------------

def test_environment_files_are_read_as_they_are_written(tmp_path: Path) -> None:
    path = tmp_path / "cabinet14d.env"
    address = "postgresql://h/ñ?password=b#c=&d"
    lines = ["\ufeff# secretos", "", f"DATABASE_URL={address}", "export A='x y'", 'B="z"', "C=", ""]
    path.write_text("\n".join(lines), encoding="utf-8")
    assert schedule_run.read_environment(path) == {"DATABASE_URL": address, "A": "x y", "B": "z", "C": ""}
    path.write_text("hunter2\n", encoding="utf-8")
    with pytest.raises(BadConfiguration, match="Line 1") as caught:
        schedule_run.read_environment(path)
    assert "hunter2" not in str(caught.value)
    with pytest.raises(BadConfiguration, match="can't be read"):
        schedule_run.read_environment(tmp_path / "none.env")


def test_before_its_time_nobody_is_asked(tmp_path: Path) -> None:
    """02:30 in Lima is 07:30 UTC, whatever the host's clock says; before it not even the server is needed."""
    nowhere = settings.load({"home": tmp_path, "db_host": str(tmp_path / "nowhere")}, folder=tmp_path)
    night = schedule_run.Night(tmp_path, "America/Lima", time(2, 30))
    early = schedule_run.reason_to_wait(nowhere, night, datetime(2026, 1, 14, 7, 29, tzinfo=UTC))
    assert early == "it is not yet 02:30 in America/Lima"
    assert schedule_run.reason_to_wait(nowhere, schedule_run.Night(tmp_path, "America/Lima")) is None
    with pytest.raises(Exception, match="can't be reached"):
        schedule_run.reason_to_wait(nowhere, night, datetime(2026, 1, 14, 7, 30, tzinfo=UTC))


def test_a_log_that_grew_is_kept_a_few_times(tmp_path: Path) -> None:
    log = tmp_path / "nightly.log"
    for text in ("one", "two", "three", "four"):
        schedule_run.rotate(log, 2, limit=1)
        log.write_text(text)
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {
        "nightly.log": "four", "nightly.log.1": "three", "nightly.log.2": "two"}
    schedule_run.rotate(log, 0, limit=1)
    schedule_run.rotate(log, 2)
    assert log.read_text() == "four"
