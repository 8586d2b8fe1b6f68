"""The day's figures as a text file for Prometheus (node exporter's textfile collector), in place in one instant."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runner import database, queries

if TYPE_CHECKING:
    from runner.alerts import Alerts
    from runner.runlog import Run

HELP = {
    "cabinet14d_metric": "A figure of ops.cabinet_metrics_daily at the live run.",
    "cabinet14d_alert_firing": "1 when the alert fires, 0 when it does not.",
    "cabinet14d_run_id": "Number of the live run.",
    "cabinet14d_run_exit_code": "Exit code of the night that wrote this file.",
}


def write(path: Path, run: Run, alerts: Alerts) -> None:
    """Write the file beside its place and move it there. Raises OSError."""
    with database.transaction(run.session) as cursor:
        cursor.execute(queries.get("alerts", "metrics"))
        metrics = cursor.fetchall()
    replace(path, render(run, alerts, metrics))


def render(run: Run, alerts: Alerts, metrics: list[tuple[Any, ...]]) -> str:
    """The exposition format: help, type and samples of each name."""
    samples = {
        "cabinet14d_metric": [
            f"{{{_labels(metric=metric, scope=scope, scope_value=scope_value)}}} {value:f}"
            for metric, scope, scope_value, value in metrics
        ],
        "cabinet14d_alert_firing": [
            f"{{{_labels(rule=row['rule'], scope_value=row['scope_value'], severity=row['severity'])}}}"
            f" {int(row['state'] == 'FIRING')}"
            for row in alerts.rows
        ],
        "cabinet14d_run_id": [f" {alerts.run_id}"],
        "cabinet14d_run_exit_code": [f" {run.exit_code}"],
    }
    lines = []
    for name, values in samples.items():
        lines += [f"# HELP {name} {HELP[name]}", f"# TYPE {name} gauge", *(name + value for value in values)]
    return "\n".join(lines) + "\n"


def _labels(**labels: str) -> str:
    escaped = {
        name: value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") for name, value in labels.items()
    }
    return ",".join(f'{name}="{value}"' for name, value in escaped.items())


def replace(path: Path, text: str) -> None:
    """A reader sees the old file or the new one, never a part; a failure leaves the old one and no rubbish."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
