"""The night for the Windows Task Scheduler: one task, as an XML file that schtasks takes."""

from __future__ import annotations

import subprocess
from xml.etree import ElementTree as tree

from runner.schedule_plan import ATTEMPTS, KEPT_LOGS, LONGEST_HOURS, PAUSE_MINUTES, Plan

NAMESPACE = "http://schemas.microsoft.com/windows/2004/02/mit/task"
FILE = "cabinet14d-nightly.xml"


def files(plan: Plan) -> dict[str, str]:
    """The task. Its comment says what the scheduler can't: whose clock it follows."""
    task = tree.Element("Task", {"version": "1.2", "xmlns": NAMESPACE})
    _fill(task, "RegistrationInfo", {"Author": plan.user, "Description": _description(plan)})
    _trigger(task, plan)
    _principal(task, plan)
    _settings(task)
    _fill(tree.SubElement(task, "Actions", {"Context": "Author"}), "Exec", {
        "Command": str(plan.python),
        "Arguments": subprocess.list2cmdline(plan.guarded("--keep", str(KEPT_LOGS))[1:]),
        "WorkingDirectory": str(plan.folder),
    })
    tree.indent(task)
    text = tree.tostring(task, encoding="unicode")
    return {FILE: f'<?xml version="1.0" encoding="UTF-16"?>\n{text}\n'}


def _description(plan: Plan) -> str:
    return " ".join([
        f"Cabinet 14d: one night a day. The Task Scheduler starts it at {plan.clock} by this machine's clock and asks "
        f"again every hour; the command itself waits for {plan.clock} {plan.zone}, runs once a day, makes up for a "
        f"missed night, and tries at most {ATTEMPTS} times when it could not run (exit code 4).",
        *plan.needs(),
        f"Log: {plan.log}.",
        f'Add it with: schtasks /Create /TN "Cabinet 14d" /XML {FILE}',
    ])


def _trigger(task: tree.Element, plan: Plan) -> None:
    trigger = tree.SubElement(tree.SubElement(task, "Triggers"), "CalendarTrigger")
    _fill(trigger, None, {"Enabled": "true", "StartBoundary": f"{plan.first_day}T{plan.clock}:00"})
    # The same command again each hour: it does nothing when the night of the day is done.
    _fill(trigger, "Repetition", {"Interval": "PT1H", "Duration": "P1D", "StopAtDurationEnd": "false"})
    _fill(trigger, "ScheduleByDay", {"DaysInterval": "1"})


def _principal(task: tree.Element, plan: Plan) -> None:
    principal = tree.SubElement(tree.SubElement(task, "Principals"), "Principal", {"id": "Author"})
    # S4U: also when nobody is signed in, without keeping a password, and without a window.
    _fill(principal, None, {"UserId": plan.user, "LogonType": "S4U", "RunLevel": "LeastPrivilege"})


def _settings(task: tree.Element) -> None:
    settings = tree.SubElement(task, "Settings")
    _fill(settings, None, {
        "MultipleInstancesPolicy": "IgnoreNew",
        "DisallowStartIfOnBatteries": "true",
        "StopIfGoingOnBatteries": "false",
        "StartWhenAvailable": "true",
        "AllowStartOnDemand": "true",
        "Enabled": "true",
        "ExecutionTimeLimit": f"PT{LONGEST_HOURS}H",
    })
    _fill(settings, "RestartOnFailure", {"Interval": f"PT{PAUSE_MINUTES}M", "Count": str(ATTEMPTS - 1)})


def _fill(parent: tree.Element, name: str | None, values: dict[str, str]) -> None:
    """Elements with text, in this order, in a child of that name or in the parent itself."""
    into = tree.SubElement(parent, name) if name else parent
    for child, text in values.items():
        tree.SubElement(into, child).text = text
