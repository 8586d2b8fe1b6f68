"""The builds of a run: of everything, of a selection, or in stages that each make what the next write-back reads."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from runner import database, standing, warehouse
from runner.errors import CabinetError
from runner.outcome import Figures, Outcome, step
from runner.progress import Progress
from runner.selection import Stages
from runner.settings import Settings


def build_all(
    outcome: Outcome, where: database.Server, settings: Settings, name: str, progress: Progress, **options: Any
) -> None:
    """The build of the command of that name: of everything, or of what the user selects."""

    def work() -> tuple[Figures, str]:
        mark = standing.fingerprint(settings)
        stands = not options.get("full_refresh") and standing.stands(outcome.run, mark)
        partial = stands and standing.may_build_part(outcome.run, mark)
        if options.get("select"):
            return _invoke(outcome, where, settings, name, progress, stands=stands, partial=partial, **options)
        if partial and outcome.run.execute("nothing_changed", project=mark)[0][0]:
            return _stand_built(outcome, mark)
        told = _invoke(outcome, where, settings, name, progress, stands=stands, partial=partial, **options)
        _remember(outcome, mark, stands)
        return told

    step(outcome, name, progress, work)


def build_stage(
    outcome: Outcome,
    where: database.Server,
    settings: Settings,
    stages: Stages,
    progress: Progress,
    name: str,
    needs: tuple[str, ...] | None,
    full_refresh: bool = False,
) -> None:
    """A build of a chain: what `needs` rest on and is not built yet; everything where the project does not stand."""

    def work() -> tuple[Figures, str]:
        mark = standing.fingerprint(settings)
        stands = not full_refresh and standing.stands(outcome.run, mark)
        partial = stands and standing.may_build_part(outcome.run, mark)
        if partial and not stages.begun and outcome.run.execute("nothing_changed", project=mark)[0][0]:
            stages.stand()
            return _stand_built(outcome, mark)
        wanted = needs if stands else None
        chosen = stages.next(wanted) if stands else None
        if chosen == []:
            return {}, "nothing changed"
        told = _invoke(
            outcome,
            where,
            settings,
            name,
            progress,
            stands=stands,
            partial=partial,
            chosen=chosen,
            again=stages.again(wanted) if partial else [],
            full_refresh=full_refresh,
        )
        stages.built(wanted)
        _remember(outcome, mark, stands)
        return told

    step(outcome, name, progress, work)


def _stand_built(outcome: Outcome, mark: str) -> tuple[Figures, str]:
    outcome.run.execute("stands_built", project=mark)
    return {}, f"nothing changed since run {outcome.run.execute('live_run')[0][0]}"


def _remember(outcome: Outcome, mark: str, stands: bool) -> None:
    """After a build or a stage that passed: which project the run is of, and how a whole build left the database."""
    outcome.run.execute("built_by", project=mark)
    if not stands:
        standing.remember(outcome.run, mark)


def _invoke(
    outcome: Outcome,
    where: database.Server,
    settings: Settings,
    name: str,
    progress: Progress,
    *,
    partial: bool,
    **options: Any,
) -> tuple[Figures, str]:
    run = outcome.run
    try:
        result = warehouse.build(
            where, settings, run.run_id, name=name, partial=partial, progress=progress.node, **options
        )
    except CabinetError as error:
        with suppress(CabinetError):  # the server may be what failed
            run.keep_nodes(name, error.nodes)
        raise
    outcome.builds.append(result)
    run.keep_nodes(name, result.rows)
    counts = ", ".join(f"{count} {status}" for status, count in result.nodes.items())
    return {**result.counters(), "partial": partial}, counts
