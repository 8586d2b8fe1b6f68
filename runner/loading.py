"""`load` and `demo` as runs: files through the door, with a row in the run log for each command."""

from __future__ import annotations

import tempfile
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from runner import chain, database, migrate, runlog
from runner.progress import Progress
from runner.settings import Settings

if TYPE_CHECKING:
    from runner.load import LoadResult


def load(settings: Settings, kind: str, paths: list[Path], *, dry_run: bool, progress: Progress) -> list[LoadResult]:
    """Load files of one kind; one step of the run log per command. A dry run leaves no row anywhere."""
    from runner.load import load_files

    where = database.server(settings)
    migrate.require(where, settings)
    progress.step(f"load {kind}")
    if dry_run:
        results = load_files(where, settings, kind, paths, dry_run=True, progress=progress.rows)
    else:
        arguments = {"files": [path.name for path in paths]}
        name, today = f"load {kind}", _today(settings)
        with runlog.open_run(where, settings, name, arguments, today, exclusive=False) as run, run.step(name) as step:
            results = load_files(where, settings, kind, paths, run_id=run.run_id, progress=progress.rows)
            step.counters.update(total=sum(r.total for r in results), rejected=sum(r.rejected for r in results))
    progress.done(f"{sum(r.total for r in results):,} rows")
    return results


def demo(settings: Settings, leads: int, folder: Path | None, *, if_empty: bool, progress: Progress) -> str:
    """Write the sample files and load them; with `if_empty` an already filled database is left alone."""
    from runner import demo as sample

    where = database.server(settings)
    migrate.require(where, settings)
    if if_empty and has_leads(where, settings):
        return "The database already has leads: the sample was not loaded."
    with tempfile.TemporaryDirectory() as temporary:
        target = folder or Path(temporary)
        progress.step("write sample files")
        files = sample.write(target, leads)
        progress.done(f"{leads:,} leads")
        progress.step("load sample files")
        today = _today(settings)
        with (runlog.open_run(where, settings, "load demo", {"leads": leads}, today, exclusive=False) as run,
              run.step("load sample") as step):
            loaded = sample.load_into(where, settings, files, run_id=run.run_id, progress=progress.rows)
            step.counters.update({kind: result.total for kind, result in loaded.results.items()}, claims=loaded.claims)
        progress.done(", ".join(f"{result.total:,} {kind}" for kind, result in loaded.results.items()))
    return f"Loaded a sample of {leads:,} invented leads."


def has_leads(where: database.Server, settings: Settings) -> bool:
    """Whether the raw leads table has any row."""
    session = database.connect(where, "demo", settings)
    try:
        with database.transaction(session) as cursor:
            cursor.execute("select exists (select 1 from public.module_ct_cabinet_leads)")
            return bool(cursor.fetchone()[0])
    finally:
        session.close()


def table(results: list[LoadResult]) -> str:
    """One line per file and one per example of a reject, 80 columns."""
    lines = [f"{'file':<28}{'rows':>9}{'new':>9}{'changed':>9}{'same':>9}{'rejected':>10}"]
    for result in results:
        lines.append(f"{Path(result.file).name[:27]:<28}{result.total:>9,}{result.new:>9,}{result.changed:>9,}"
                     f"{result.unchanged:>9,}{result.rejected:>10,}")
        if result.already_loaded:
            lines.append("  the same content was loaded before: not read again")
        lines += [f"  row {r.row_number}, {r.column or 'whole row'}: {r.reason}"[:79] for r in result.rejects[:5]]
    if any(result.rejected for result in results):
        lines.append("Rejected rows are kept, with value and rule, in ops.load_rejects.")
    return "\n".join(lines)


def _today(settings: Settings) -> date:
    return chain.today(settings)
