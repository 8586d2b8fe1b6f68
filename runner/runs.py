"""`runs` and `runs show`: what happened last night, from the run log."""

from __future__ import annotations

from typing import Any

from runner import database, migrate, queries
from runner.errors import BadConfiguration
from runner.settings import Settings

Row = dict[str, Any]


def listed(settings: Settings, command: str | None = None, limit: int = 20) -> list[Row]:
    """The latest runs, newest first."""
    return _ask(settings, {"runs": {"command": command, "run_id": None, "limit": limit}})["runs"]


def one(settings: Settings, run_id: int) -> Row:
    """One run with its steps and its dbt nodes. Raises BadConfiguration when there is no such run."""
    found = _ask(
        settings,
        {
            "runs": {"command": None, "run_id": run_id, "limit": 1},
            "steps": {"run_id": run_id},
            "nodes": {"run_id": run_id},
        },
    )
    if not found["runs"]:
        raise BadConfiguration(f"There is no run {run_id}.", "See the latest ones with 'cabinet14d runs'.")
    return {**found["runs"][0], "steps": found["steps"], "nodes": found["nodes"]}


def _ask(settings: Settings, wanted: dict[str, Row]) -> dict[str, list[Row]]:
    where = database.server(settings)
    migrate.require(where, settings)
    session = database.connect(where, "runs", settings)
    try:
        with database.transaction(session) as cursor:
            found = {}
            for name, parameters in wanted.items():
                cursor.execute(queries.get("watch", name), parameters)
                names = [column.name for column in cursor.description]
                found[name] = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
            return found
    finally:
        session.close()


def table(rows: list[Row]) -> str:
    """One line per run, and the sentence of what stopped it."""
    lines = [f"{'run':>5} {'command':<17} {'as of':<10} {'started (UTC)':<16} {'s':>7} {'outcome':<10} exit"]
    for row in rows:
        mark = "live" if row["is_live"] else "published" if row["is_published"] else row["status"].lower()
        code = "" if row["exit_code"] is None else row["exit_code"]
        lines.append(
            f"{row['run_id']:>5} {row['command'][:17]:<17} {row['as_of_date'] or '-'!s:<10} "
            f"{row['started_at']:%Y-%m-%d %H:%M} {row['seconds']:>7,.1f} {mark:<10} {code}".rstrip()
        )
        if row["error"]:
            lines.append(f"      {row['error']}"[:80])
    return "\n".join(lines)


def explained(run: Row) -> str:
    """One run: who, where, with which arguments, what each step counted, what failed, and the slowest nodes."""
    lines = [
        table([run]),
        f"by {run['started_by']} on {run['host']}, version {run['version']}",
        *(f"{name}: {value}" for name, value in (run["arguments"] or {}).items() if value not in (None, False)),
    ]
    for step in run["steps"]:
        lines.append(f"{step['step_no']:>3} {step['name']:<20} {step['status']:<10} {step['seconds']:>9,.3f} s")
        lines += [f"      {name}: {value}"[:80] for name, value in _told(step["counters"])]
        if step["error"]:
            lines.append(f"      {step['error']}")
    bad = [node for node in run["nodes"] if node["status"] not in ("success", "pass")]
    shown = bad or run["nodes"][:5]
    if shown:
        lines.append("what failed" if bad else "slowest")
        lines += [f"      {n['step'][:18]:<18} {n['node'][:40]:<40} {n['status']:<8} {n['seconds']} s" for n in shown]
    return "\n".join(lines)


def _told(counters: Row) -> list[tuple[str, Any]]:
    return [(name, value) for name, value in counters.items() if name not in ("seconds", "slowest") and value != {}]
