"""dbt in this process: one invocation at a time, progress by node, and one error that names what failed."""

from __future__ import annotations

import contextlib
import hashlib
import io
import itertools
import json
import os
import re
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from runner import faults, selection, thresholds
from runner.database import Server
from runner.errors import BrokenRule, CabinetError, DatabaseAway, DbtFailed, LockHeld
from runner.settings import Settings

Progress = Callable[[str, int, int], None]

NOTHING_SELECTED = DbtFailed(
    "The selection names nothing that can be built.", "Check --select against the names of the models."
)


@dataclass
class BuildResult:
    """What a build did: nodes by status, seconds of wall time and the seconds spent inside nodes (SQL)."""

    nodes: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    seconds_in_nodes: float = 0.0
    slowest: list[tuple[str, float]] = field(default_factory=list)
    rows: list[tuple[Any, ...]] = field(default_factory=list)

    def counters(self) -> dict[str, Any]:
        """For the run log."""
        slowest = {name: round(seconds, 3) for name, seconds in self.slowest}
        return {**self.nodes, "seconds_in_nodes": round(self.seconds_in_nodes, 3), "slowest": slowest}


def project_folder() -> Path:
    """The dbt project: the checkout's root, or the copy that the wheel carries."""
    package = Path(__file__).resolve().parent
    checkout = package.parent
    return checkout if (checkout / "dbt_project.yml").exists() else package / "dbt_project"


def build(
    where: Server,
    settings: Settings,
    run_id: int,
    *,
    name: str = "build",
    select: str | None = None,
    chosen: list[str] | None = None,
    again: Sequence[str] = (),
    full_refresh: bool = False,
    stands: bool = False,
    partial: bool = False,
    progress: Progress | None = None,
) -> BuildResult:
    """Build models and run their tests for an open run, as its step `name`.

    Views are left alone where all `stands`; a `partial` build works on what changed since the live run. `select` is in
    dbt's words; `chosen` are names of nodes, tests among them; those of `again` an earlier build of the run made.

    Raises BrokenRule, DbtFailed, DatabaseAway or LockHeld.
    """
    arguments = ["build", "--no-write-json"]
    for left_out in ("unit_test", "exposure"):
        arguments += ["--exclude-resource-type", left_out]
    if stands and chosen is None:
        chosen = selection.standing(project(where, settings), select)
    if chosen:
        arguments += ["--select", f"tag:{CHOSEN}", "--indirect-selection", "empty"]
    elif select:
        # Tests that look at other tables too are run only where those are older than the selection.
        arguments += ["--select", *select.split(), "--indirect-selection", "buildable"]
    if full_refresh:
        arguments.append("--full-refresh")
    if partial:
        # What changed is little and lies scattered: such a build waits for the disk more than it computes.
        arguments += ["--threads", str(2 * int(settings.text("threads")))]
    # The runner publishes by itself, through the session that holds the run lock: who lost the lock can't.
    environment = {"CABINET14D_RUN_ID": str(run_id), "CABINET14D_PUBLISH": "later"}
    environment["CABINET14D_STANDS"] = "yes" if stands else ""
    environment["CABINET14D_PARTIAL"] = "yes" if partial else ""
    environment["CABINET14D_AGAIN"] = " ".join(again)
    started = time.monotonic()
    with _tagged(where, settings, chosen or []):
        results = run_dbt(where, settings, arguments, environment, _Listener(name, progress))
    summary = _summary(results, time.monotonic() - started)
    try:
        raise_for(results)
    except CabinetError as error:
        error.nodes = summary.rows
        raise
    return summary


def run_dbt(
    where: Server,
    settings: Settings,
    arguments: list[str],
    environment: dict[str, str],
    listener: Callable[[Any], None] | None = None,
) -> list[Any]:
    """One dbt invocation with our project, profile and time-outs; the result of each node, good or bad.

    Raises DbtFailed when dbt could not start or had nothing to do.
    """
    results = list(getattr(_invoke(where, settings, arguments, environment, listener), "results", []) or [])
    if not any(getattr(result.node, "resource_type", "") != "operation" for result in results):
        hook_errors = [result for result in results if str(result.status) == "error"]
        if hook_errors:
            raise _as_error(hook_errors[0].message or "")
        raise NOTHING_SELECTED
    return results


def _invoke(
    where: Server,
    settings: Settings,
    arguments: list[str],
    environment: dict[str, str],
    listener: Callable[[Any], None] | None = None,
) -> Any:
    """What dbt returns, of whatever kind the command has."""
    from dbt.cli.main import dbtRunner

    flags = _flags(where, settings)
    command = list(itertools.takewhile(lambda word: not word.startswith("-"), arguments))
    with _environment({**where.environment(), **_timeouts(settings), **environment}), _silent():
        manifest = _manifest(where, settings, flags)
        words = [*command, *flags, *arguments[len(command) :]]  # the last of two equal options holds
        outcome = dbtRunner(manifest, [listener] if listener else []).invoke(words)
    if isinstance(outcome.exception, KeyboardInterrupt):
        raise KeyboardInterrupt
    if outcome.exception is not None:
        raise _as_error(str(outcome.exception))
    return outcome.result


def project(where: Server, settings: Settings) -> Any:
    """dbt's manifest: the parsed project, in the surroundings that a build has."""
    with _environment({**where.environment(), **_timeouts(settings)}), _silent():
        return _manifest(where, settings, _flags(where, settings))


def write_docs(where: Server, settings: Settings, output: Path) -> None:
    """The documentation of all models as one HTML file, kept for the web too. Raises DbtFailed or DatabaseAway."""
    _invoke(where, settings, ["docs", "generate", "--static"], {})
    made = folder_of(where, settings) / "target"
    text = (made / "static_index.html").read_text(encoding="utf-8")
    # Where this machine keeps its files is nobody's business.
    for folder, name in ((made, "target"), (made.parent, "dbt"), (project_folder(), "cabinet14d")):
        for written in (json.dumps(str(folder))[1:-1], folder.as_posix()):
            text = text.replace(written, name)
    for page in (docs_page(settings), output):
        page.write_text(text, encoding="utf-8", newline="\n")


def docs_page(settings: Settings) -> Path:
    """The documentation as it was last made, where the web finds it; the file need not exist."""
    return settings.home / "datos.html"


def _manifest(where: Server, settings: Settings, flags: list[str]) -> Any:
    """The parsed project, once per process, database and setting: a run's second build need not parse again."""
    from dbt.cli.main import dbtRunner

    key = (where.host, where.port, where.dbname, where.user, *flags)
    if key not in _parsed:
        outcome = dbtRunner().invoke(["parse", "--no-write-json", *flags])
        remembered = folder_of(where, settings) / "target" / "partial_parse.msgpack"
        if outcome.exception is not None and remembered.exists():
            # What another version of the project left behind can be beyond repair: forget it and read everything.
            remembered.unlink()
            outcome = dbtRunner().invoke(["parse", "--no-write-json", *flags])
        if outcome.exception is not None:
            raise _as_error(str(outcome.exception))
        if len(_parsed) >= MANIFESTS:  # a process works on one database; tests on a few
            _parsed.pop(next(iter(_parsed)))
        _parsed[key] = outcome.result
    return _parsed[key]


# dbt holds each name that it is given against each node; one tag, put on in memory, it looks for once.
CHOSEN = "chosen-by-cabinet14d"


@contextlib.contextmanager
def _tagged(where: Server, settings: Settings, names: list[str]) -> Iterator[None]:
    """The named nodes of the parsed project bear our tag meanwhile."""
    wanted = set(names)
    nodes = [node for node in project(where, settings).nodes.values() if node.name in wanted] if names else []
    for node in nodes:
        node.tags.append(CHOSEN)
    try:
        yield
    finally:
        for node in nodes:
            node.tags.remove(CHOSEN)


MANIFESTS = 4
_parsed: dict[tuple[str, ...], Any] = {}


@contextlib.contextmanager
def _silent() -> Iterator[None]:
    """stdout is for data: dbt's own words go nowhere, since its results are told by us."""
    with contextlib.redirect_stdout(io.StringIO()):
        yield


def folder_of(where: Server, settings: Settings) -> Path:
    """dbt's own folder for one database: what it remembers of the parsed project holds for that one only."""
    place = hashlib.sha256(f"{where.host} {where.port} {where.user}".encode()).hexdigest()[:8]
    return settings.home / "dbt" / f"{re.sub('[^a-z0-9_]', '_', where.dbname.lower())}_{place}"


def _flags(where: Server, settings: Settings) -> list[str]:
    folder = folder_of(where, settings)
    project = project_folder()
    folder.mkdir(parents=True, exist_ok=True)
    example = project / "profiles.example.yml"
    shutil.copyfile(example if example.exists() else project / "profiles.yml", folder / "profiles.yml")
    flags = [
        "--project-dir",
        str(project),
        "--profiles-dir",
        str(folder),
        "--target-path",
        str(folder / "target"),
        "--log-path",
        str(folder / "logs"),
        "--log-level",
        "none",
        "--log-level-file",
        "none",
        "--threads",
        settings.text("threads"),
        "--no-version-check",
        "--no-use-colors",
    ]
    if variables(settings) != {"language": "es", "business_timezone": "America/Lima"}:
        flags += ["--vars", str(variables(settings))]
    return flags


def variables(settings: Settings) -> dict[str, Any]:
    """The project's variables that the configuration sets."""
    chosen: dict[str, Any] = {"language": settings["language"], "business_timezone": settings["timezone"]}
    lasting = thresholds.parse(settings["thresholds"])
    return {**chosen, "alert_thresholds": lasting} if lasting else chosen


def _timeouts(settings: Settings) -> dict[str, str]:
    """dbt's own connections get the same manners as ours, through libpq."""
    check = "" if os.name == "nt" else " -c client_connection_check_interval=2000"
    return {
        "PGOPTIONS": f"-c jit=off -c timezone=UTC -c lock_timeout={settings.text('lock_timeout')}"
        f" -c statement_timeout={settings.text('statement_timeout')}{check}",
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DO_NOT_TRACK": "1",
    }


@contextlib.contextmanager
def _environment(values: dict[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


class _Listener:
    """dbt's events: the live line of each node, and the fault points before and after it."""

    def __init__(self, step: str, progress: Progress | None) -> None:
        self.step = step
        self.progress = progress

    def __call__(self, event: Any) -> None:
        name = event.info.name
        if name == "NodeStart":
            faults.reach(f"before:{self.step}:{event.data.node_info.node_name}")
        elif name == "NodeFinished":
            faults.reach(f"after:{self.step}:{event.data.node_info.node_name}")
        elif name == "LogStartLine" and self.progress:
            self.progress(event.data.description, event.data.index, event.data.total)


def raise_for(results: list[Any]) -> None:
    """Turn the worst result into one error that names what failed."""
    errors = [r for r in results if str(r.status) in ("error", "runtime error", "partial success")]
    errors.sort(key=lambda r: getattr(r.node, "resource_type", "") != "operation")  # a hook's error causes the others
    failures = [r for r in results if str(r.status) == "fail"]
    if errors:
        first = errors[0]
        raise _as_error(first.message or "", getattr(first.node, "name", ""))
    if failures:
        names = ", ".join(f"{r.node.name} ({r.failures} rows)" for r in failures[:3])
        raise BrokenRule(
            f"A hard rule is broken: {names}; nothing was published and yesterday stays live.",
            f"The rows are in ops_intermediate.{('failures__' + failures[0].node.name)[:63]}.",
        )


def _as_error(message: str, node: str = "") -> CabinetError:
    """The sentence for a dbt failure; only the first lines, for the rest may hold data."""
    lines = [line.strip() for line in message.splitlines() if line.strip()]
    text = " ".join(lines)
    if "password authentication failed" in text:
        return DatabaseAway(
            "The database refused the user or password.", "Check DATABASE_URL (or DB_USER and DB_PASSWORD)."
        )
    if any(
        sign in text
        for sign in (
            "could not connect",
            "Connection refused",
            "server closed the connection",
            "terminating connection",
            "connection to server",
            "already closed",
            "No such file or directory",
        )
    ):
        return DatabaseAway(
            "The database can't be reached or went away while dbt was at work.",
            "Check the server, then run the same command again; nothing half done is visible.",
        )
    if "another build took over" in text or "another cabinet14d run is at work" in text:
        return LockHeld(
            "Another build took over in the middle of this one.", "Wait for it to end, then run the same command again."
        )
    if "No space left on device" in text or "could not extend file" in text:
        return DatabaseAway(
            "The database server's disk is full; nothing of this step is visible.",
            "Free space on the server, then run the same command again.",
        )
    if "does not match any enabled nodes" in text or "No nodes selected" in text:
        return NOTHING_SELECTED
    detail = lines[1] if len(lines) > 1 else (lines[0] if lines else "no message")  # the first is dbt's kind of error
    subject = f"The model {node} can't be built" if node else "dbt can't run this project"
    return DbtFailed(
        f"{subject}: {detail[:200].rstrip('.')}.",
        "Mend the model, then run the same command again; yesterday stays live.",
    )


def _summary(results: list[Any], seconds: float) -> BuildResult:
    summary = BuildResult(seconds=seconds)
    results = [result for result in results if getattr(result.node, "resource_type", "") != "operation"]
    for result in results:
        key = {"success": "built", "pass": "passed", "warn": "warned"}.get(str(result.status), str(result.status))
        summary.nodes[key] = summary.nodes.get(key, 0) + 1
        summary.seconds_in_nodes += result.execution_time
    summary.rows = [node_row(result) for result in results]
    summary.slowest = sorted(((r.node.name, r.execution_time) for r in results), key=lambda pair: -pair[1])[:5]
    return summary


def node_row(result: Any) -> tuple[Any, ...]:
    """What the run log keeps of a node: the facts of run_results.json, from memory; messages may hold data."""
    affected = (getattr(result, "adapter_response", None) or {}).get("rows_affected")
    return (
        result.node.name,
        str(result.node.resource_type),
        str(result.status),
        round(result.execution_time, 3),
        affected if isinstance(affected, int) and affected >= 0 else None,
        result.failures,
    )
