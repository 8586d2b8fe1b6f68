"""Alerts as rows become answers: read worst first, told as a table, JSON and an exit code. The rules are models."""

from __future__ import annotations

import json
import textwrap
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from runner import database, queries, thresholds
from runner.errors import CLEAN, CRITICAL, FINDINGS, BadConfiguration
from runner.settings import Settings

if TYPE_CHECKING:
    from psycopg2.extensions import connection as Connection

Row = dict[str, Any]

WIDTH = 80  # columns of a terminal that nobody has widened
STATES = {"INSUFFICIENT_HISTORY": "NO MEMORY"}

STATS = {
    "total_leads": "leads",
    "limbo_no_identity": "leads_no_identity",
    "limbo_no_driver": "leads_no_driver",
    "limbo_no_trips_14d": "leads_no_trips_14d",
    "limbo_trips_no_claim": "leads_trips_no_claim",
    "limbo_ok": "leads_ok",
    "with_identity": "leads_with_identity",
    "pct_with_identity": "pct_with_identity",
}
NUMBERS = ("value", "threshold", "critical_threshold", "previous_value")


@dataclass
class Alerts:
    """Every rule at the live run, worst first, with the figures of the day and the rules that are switched off."""

    run_id: int
    as_of: date
    rows: list[Row]
    stats: dict[str, Decimal | None]
    disabled: list[Row] = field(default_factory=list)

    def of(self, state: str, severity: str | None = None) -> list[Row]:
        """The rows of one state."""
        return [row for row in self.rows if row["state"] == state and severity in (None, row["severity"])]

    def counters(self) -> dict[str, Any]:
        """For the run log: rules by state, and what fires."""
        return {
            "firing": len(self.of("FIRING")),
            "critical": len(self.of("FIRING", "CRITICAL")),
            "muted": len(self.of("MUTED")),
            "insufficient_history": len(self.of("INSUFFICIENT_HISTORY")),
            "rules": sorted({row["rule"] for row in self.of("FIRING")}),
        }


def prepare(session: Connection, settings: Settings, once: dict[str, float] | None = None) -> None:
    """Tell the session the thresholds of the configuration and of this run, and how often a lasting alert speaks."""
    numbers = {**thresholds.parse(settings["thresholds"]), **(once or {})}
    watch = {"NOTIFY_EVERY_DAYS": int(settings.text("notify_every_days"))}
    with database.transaction(session) as cursor:
        cursor.execute(
            queries.get("alerts", "set_session"), {"thresholds": json.dumps(numbers), "watch": json.dumps(watch)}
        )


def read(session: Connection) -> Alerts:
    """All rules as the live run shows them, in one snapshot. Raises BadConfiguration when nothing was published."""
    with database.transaction(session) as cursor:
        cursor.execute("set transaction isolation level repeatable read, read only")
        cursor.execute(queries.get("alerts", "live_run"))
        live = cursor.fetchone()
        if live is None:
            raise BadConfiguration("Nothing was published yet: there is nothing to watch.", "Run 'cabinet14d build'.")
        rows = _rows(cursor, "alerts")
        disabled = _rows(cursor, "disabled")
        cursor.execute(queries.get("alerts", "stats"))
        measured = dict(cursor.fetchall())
    return Alerts(live[0], live[1], rows, {name: measured.get(metric) for name, metric in STATS.items()}, disabled)


def _rows(cursor: Any, name: str) -> list[Row]:
    cursor.execute(queries.get("alerts", name))
    names = [column.name for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def exit_code(alerts: Alerts, fail_on: str = "warning") -> int:
    """Exit code of D-12: 3 when a critical alert fires, 1 when a warning does and warnings count."""
    if alerts.of("FIRING", "CRITICAL"):
        return CRITICAL
    return FINDINGS if alerts.of("FIRING") and fail_on == "warning" else CLEAN


def number(value: Decimal | None, unit: str) -> Any:
    """A value for JSON: money as text with two decimals (D-11), counts whole, the rest as a number."""
    if value is None:
        return None
    if unit == "PEN":
        return f"{value:.2f}"
    return int(value) if value == value.to_integral_value() else round(float(value), 4)


def as_dict(alerts: Alerts) -> dict[str, Any]:
    """The result as the original's script gave it (stats, alerts, has_alerts), with what the rows say besides."""
    return {
        "run_id": alerts.run_id,
        "as_of": str(alerts.as_of),
        "stats": {name: number(value, "PERCENT") for name, value in alerts.stats.items()},
        "alerts": [_alert(row) for row in alerts.rows],
        "has_alerts": bool(alerts.of("FIRING")),
        "not_computed": [
            {"rule": row["rule"], "type": row["type"], "reason": row["disabled_reason"]} for row in alerts.disabled
        ],
    }


def _alert(row: Row) -> Row:
    plain = {name: value for name, value in row.items() if name not in ("as_of_date", "run_id")}
    plain.update({name: number(row[name], row["unit"]) for name in NUMBERS})
    plain.update({name: str(row[name]) if row[name] else None for name in ("since", "muted_until")})
    return {**plain, "current": plain["value"], "triggered": row["state"] == "FIRING"}


def table(alerts: Alerts, *, everything: bool = False) -> str:
    """What fires, worst first, each with its next step; then how the other rules stand, in one line."""
    shown = alerts.rows if everything else alerts.of("FIRING")
    lines = [f"Cabinet 14d, as of {alerts.as_of}, run {alerts.run_id}"]
    lines += [line for row in shown for line in _lines(row)]
    counts = {state: len(alerts.of(state)) for state in ("FIRING", "MUTED", "INSUFFICIENT_HISTORY", "OK")}
    lines.append(", ".join(f"{count} {state}" for state, count in counts.items()) + f", {len(alerts.disabled)} off")
    return "\n".join(lines)


def _lines(row: Row) -> list[str]:
    value, limit = (number(row[name], row["unit"]) for name in ("value", "threshold"))
    state = row["severity"] if row["state"] == "FIRING" else STATES.get(row["state"], row["state"])
    head = f"{state:<9} {row['rule']:<7} {_short(value):>10} {row['comparison']:>2} {_short(limit):<8} "
    days = f", {row['days_running']} d" if row["days_running"] > 1 else ""
    scope = f" [{row['scope_value']}]" if row["scope_value"] else ""
    said = row["title"] + scope + days
    told = [head + said] if len(head) + len(said) <= WIDTH else [head.rstrip(), *_wrapped(said)]
    return told + _wrapped(row["next_step"]) if row["state"] == "FIRING" else told


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent=" " * 10, subsequent_indent=" " * 10, break_on_hyphens=False)


def _short(value: Any) -> str:
    return "-" if value is None else f"{value:,.2f}" if isinstance(value, float) else str(value)
