"""The commands that build and publish: build, reconcile …, nightly; each one run, one lock, in named steps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial as bind
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from runner import (
    __version__,
    alerts,
    database,
    migrate,
    ping,
    queries,
    reconcile,
    reconcile_leads,
    reconcile_payments,
    runlog,
    validate,
    warehouse,
)
from runner.errors import BadConfiguration
from runner.outcome import Figures, Outcome, Written, step
from runner.progress import Progress
from runner.reconcile import ClaimsFilter, ClaimsResult
from runner.reconcile_leads import LeadsFilter, LeadsResult
from runner.reconcile_payments import PaymentsResult
from runner.selection import Stages
from runner.settings import Settings
from runner.stages import build_all, build_stage


@dataclass(frozen=True)
class WriteBack:
    """Decisions that become rows.

    The models that it reads (None: everything must stand), its step, what it does, the source that it writes, and the
    step that builds what it changed and what the next one reads.
    """

    needs: tuple[str, ...] | None
    step: str
    work: Callable[[runlog.Run], Written]
    writes: str
    then: str


def today(settings: Settings) -> date:
    """The as-of date when none is given: today in the business time zone (D-7). Raises BadConfiguration."""
    name = settings.text("timezone")
    try:
        return datetime.now(ZoneInfo(name)).date()
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise BadConfiguration(
            f"{name} is not a time zone.", "Set CABINET14D_TIMEZONE, for example to America/Lima."
        ) from error


def build(
    settings: Settings, as_of: date, *, select: str | None = None, full_refresh: bool = False, progress: Progress
) -> Outcome:
    """Build, test and publish; a selection is built and tested but never published."""
    arguments = {"select": select, "full_refresh": full_refresh}
    with _run(settings, "build", arguments, as_of) as (where, run):
        outcome = Outcome(run)
        run.execute("begin_build")
        build_all(
            outcome,
            where,
            settings,
            "build",
            progress,
            select=select,
            full_refresh=full_refresh or _is_other_version(run),
        )
        step(outcome, "publish", progress, lambda: _publish(run))
        outcome.figures["published"] = run.execute("is_published")[0][0]
        return outcome


def reconcile_claims(settings: Settings, as_of: date, chosen: ClaimsFilter, *, progress: Progress) -> Outcome:
    """Build, raise the chosen missing claims, build what they changed, publish."""
    with _run(settings, "reconcile claims", _arguments(chosen), as_of) as (where, run):
        outcome = Outcome(run)
        _chain(outcome, where, settings, [claims_write_back(chosen)], progress)
        return outcome


def reconcile_leads_now(settings: Settings, as_of: date, chosen: LeadsFilter, *, progress: Progress) -> Outcome:
    """Build, link the leads that the models decided about, build what that changed, publish. Raises no claim."""
    with _run(settings, "reconcile leads", _arguments(chosen), as_of) as (where, run):
        outcome = Outcome(run)
        _chain(outcome, where, settings, [leads_write_back(chosen)], progress)
        return outcome


def reconcile_payments_chain(settings: Settings, as_of: date, *, progress: Progress) -> Outcome:
    """Build, record what payments settle, build what they changed, publish."""
    with _run(settings, "reconcile payments", {}, as_of) as (where, run):
        outcome = Outcome(run)
        _chain(outcome, where, settings, [payments_write_back()], progress)
        return outcome


def nightly(
    settings: Settings, as_of: date, *, fail_on: str = "critical", notify: bool = False, progress: Progress
) -> Outcome:
    """The whole chain under one lock; readers see yesterday until the last build is published."""
    arguments = {"fail_on": fail_on, "notify": notify}
    with ping.around(settings), _run(settings, "nightly", arguments, as_of) as (where, run):
        outcome = Outcome(run)
        step(outcome, "migrate check", progress, lambda: _check_migrations(where, settings))
        write_backs = [leads_write_back(LeadsFilter()), claims_write_back(ClaimsFilter()), payments_write_back()]
        _chain(outcome, where, settings, write_backs, progress)
        step(outcome, "validate", progress, lambda: _validate(outcome))
        step(outcome, "alerts", progress, lambda: _alerts(outcome, settings, notify))
        outcome.figures.update(_figures(run))
        run.exit_code = max(validate.exit_code(outcome.checks, fail_on), alerts.exit_code(outcome.watched, fail_on))
        _export(outcome, settings, progress)
        run.counters.update(_run_counters(outcome))
        return outcome


def preview_claims(settings: Settings, as_of: date, chosen: ClaimsFilter) -> ClaimsResult:
    """What `reconcile claims` would raise from the live gap. Reads only: no lock, no run, no row anywhere."""
    session = database.connect(database.server(settings), "preview", settings)
    try:
        return reconcile.preview(session, chosen, as_of)
    finally:
        session.close()


def preview_leads(settings: Settings, as_of: date, chosen: LeadsFilter) -> LeadsResult:
    """What `reconcile leads` would link by the live run. Reads only: no lock, no run, no row anywhere."""
    session = database.connect(database.server(settings), "preview", settings)
    try:
        return reconcile_leads.preview(session, chosen, as_of)
    finally:
        session.close()


def preview_payments(settings: Settings) -> PaymentsResult:
    """What `reconcile payments` would do on the live run. Reads only: no lock, no run, no row anywhere."""
    session = database.connect(database.server(settings), "preview", settings)
    try:
        return reconcile_payments.preview(session)
    finally:
        session.close()


def _run(settings: Settings, command: str, arguments: Figures, as_of: date) -> Any:
    from contextlib import contextmanager

    @contextmanager
    def opened() -> Any:
        where = database.server(settings)
        migrate.require(where, settings)
        with runlog.open_run(where, settings, command, arguments, as_of) as run:
            yield where, run

    return opened()


def leads_write_back(chosen: LeadsFilter) -> WriteBack:
    """The identity decisions of the run become links."""
    return WriteBack(
        ("int_states__identity", "int_states__identity_candidates"),
        "reconcile leads",
        lambda run: reconcile_leads.write_links(run.session, chosen, run.run_id, run.as_of),
        "canon.identity_links",
        "build what links changed",
    )


def claims_write_back(chosen: ClaimsFilter) -> WriteBack:
    """The missing claims of the run's candidate states become rows."""
    return WriteBack(
        ("int_states__leads", "int_states__lead_claims", "int_states__claims_unsupported", "int_states__exclusions"),
        "reconcile claims",
        lambda run: reconcile.raise_claims(run.session, chosen, run.as_of),
        "canon.claims_yango_cabinet_14d",
        "build what changed",
    )


def payments_write_back() -> WriteBack:
    """The settlements of the run's candidate states move claims to paid, and back."""
    return WriteBack(
        None,
        "reconcile payments",
        lambda run: reconcile_payments.settle(run.session, run.run_id),
        "canon.claims_yango_cabinet_14d",
        "build what payments changed",
    )


def _chain(
    outcome: Outcome, where: database.Server, settings: Settings, write_backs: list[WriteBack], progress: Progress
) -> None:
    """Build what the first write-back reads; after each what it changed and the next one reads; publish once."""
    run = outcome.run
    run.execute("begin_build")
    stages = Stages(lambda: warehouse.project(where, settings))
    build = bind(build_stage, outcome, where, settings, stages, progress)
    full_refresh = _is_other_version(run)
    build("build", write_backs[0].needs, full_refresh=full_refresh)
    for write_back, following in zip(write_backs, [*write_backs[1:], None], strict=True):
        step(outcome, write_back.step, progress, bind(_write, outcome, write_back))
        if outcome.written[write_back.step].wrote:
            stages.written(write_back.writes)
        build(write_back.then, following.needs if following else None)
    step(outcome, "publish", progress, lambda: _publish(run))


def _write(outcome: Outcome, write_back: WriteBack) -> tuple[Figures, str]:
    result = write_back.work(outcome.run)
    outcome.written[write_back.step] = result
    return result.counters, result.summary


def _is_other_version(run: runlog.Run) -> bool:
    """Whether another version of this program built what is live: its rules may differ."""
    live = run.execute("live_version")
    return bool(live) and live[0][0] is not None and live[0][0] != __version__


def _check_migrations(where: database.Server, settings: Settings) -> tuple[Figures, str]:
    migrate.require(where, settings)
    return {"pending": 0}, "nothing pending"


def _publish(run: runlog.Run) -> tuple[Figures, str]:
    """Through the session that holds the run lock: a run that lost its lock can't publish."""
    if not run.execute("is_built")[0][0]:
        return {"published": 0}, "not published: this was a part of the project"
    run.execute("publish")
    return {"published": 1}, "readers see this run now"


def _validate(outcome: Outcome) -> tuple[Figures, str]:
    outcome.checks = validate.run_checks(outcome.run.session)
    findings = [check for check in outcome.checks if check.violations]
    return {
        check.name: check.violations for check in outcome.checks
    }, f"{len(findings)} findings in {len(outcome.checks)} checks"


def _alerts(outcome: Outcome, settings: Settings, notify: bool) -> tuple[Figures, str]:
    from runner import watch

    outcome.alerts, told = watch.step(outcome.run, settings, send=notify)
    return {**outcome.alerts.counters(), **(told.counters() if told else {})}, watch.summary(outcome.alerts, told)


def _export(outcome: Outcome, settings: Settings, progress: Progress) -> None:
    from runner import watch

    problem = watch.export(outcome.run, settings, outcome.watched)
    if problem:
        progress.done(problem)


def _figures(run: runlog.Run) -> Figures:
    with database.transaction(run.session) as cursor:
        figures: Figures = {}
        for name in ("stages", "gap", "claims"):
            cursor.execute(queries.get("report", name))
            figures[name] = cursor.fetchall()
    return figures


def _run_counters(outcome: Outcome) -> Figures:
    claims = outcome.claims.counters if outcome.claims else {}
    leads = outcome.leads.counters if outcome.leads else {}
    return {
        "newly_linked": leads.get("newly_linked"),
        "claims_inserted": claims.get("claims_inserted"),
        "inserted_amount": claims.get("inserted_amount"),
        "claims_paid": outcome.payments.counters["claims_paid"] if outcome.payments else None,
        "findings": sum(1 for check in outcome.checks if check.violations),
    }


def _arguments(chosen: ClaimsFilter | LeadsFilter) -> Figures:
    return {name: value for name, value in vars(chosen).items() if value is not None}
