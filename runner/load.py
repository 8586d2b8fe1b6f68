"""Loads files into the raw tables: every good row once, every bad row listed, nothing half done."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runner.database import Server, connect, transaction
from runner.errors import BadFile
from runner.load_copy import Counter, Feed, Progress, ignored, lines, places
from runner.load_file import Sheet, fingerprint, open_sheet, state
from runner.load_kinds import KINDS, RULES, Kind
from runner.load_merge import Merge
from runner.settings import Settings

if TYPE_CHECKING:
    from psycopg2.extensions import connection as Connection


@dataclass(frozen=True)
class Reject:
    """A row that was left out: its number in the file (the header is row 1), its first bad cell and the rule
    it broke. `value` may be personal data: it is for the operator's own file, never for a log."""

    row_number: int
    column: str | None
    value: str | None
    reason: str
    rule: str


@dataclass(frozen=True)
class LoadResult:
    """The fate of one file's rows: total = new + changed + unchanged + rejected, all 0 when already_loaded.
    `rejects` holds the first ones, in the order of the file."""

    file: str
    sha256: str
    total: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    rejected: int = 0
    rejects: tuple[Reject, ...] = ()
    rejected_by_reason: dict[str, int] = field(default_factory=dict)
    ignored_columns: tuple[str, ...] = ()
    already_loaded: bool = False


@dataclass(frozen=True)
class _Job:
    """What all files of one call share."""

    kind: Kind
    run_id: int | None
    counter: Counter
    examples: int | None


def load_files(where: Server, settings: Settings, kind: str, paths: list[Path], *, dry_run: bool = False,
               run_id: int | None = None, progress: Progress | None = None,
               examples: int | None = 20) -> list[LoadResult]:
    """Load files of one kind (leads, trips, drivers, payments), in their order, each in one transaction.

    All are looked at first: raises BadFile before anything is loaded when one can't be read. `dry_run` does
    the same in one transaction and takes it back. `progress` is told how many rows were read so far, over all
    files. The results hold the first `examples` rejects of a file (None: all); ops.load_rejects keeps each.
    """
    job = _Job(KINDS[kind], run_id, Counter(progress), examples)
    for path in paths:
        _inspect(path, job.kind)
    with closing(connect(where, f"load {kind}", settings)) as connection:
        # Statements must see what was committed while we waited for the lock, whatever the server's default.
        connection.set_session(isolation_level="READ COMMITTED")
        with transaction(connection) as cursor:
            cursor.execute("set timezone to %s", (settings.text("timezone"),))
        if dry_run:
            return _try(connection, paths, job)
        return [_load(connection, path, job) for path in paths]


def _load(connection: Connection, path: Path, job: _Job) -> LoadResult:
    with transaction(connection) as cursor:
        return _load_file(cursor, path, job)


def _try(connection: Connection, paths: list[Path], job: _Job) -> list[LoadResult]:
    with transaction(connection) as cursor:
        results = [_load_file(cursor, path, job) for path in paths]
        connection.rollback()
    return results


def _inspect(path: Path, kind: Kind) -> None:
    fingerprint(path)
    with open_sheet(path) as sheet:
        places(sheet, kind, path.name)


def _load_file(cursor: Any, path: Path, job: _Job) -> LoadResult:
    before, result = state(path), LoadResult(path.name, fingerprint(path))
    merge = Merge(cursor, job.kind, path.name, result.sha256, job.run_id)
    if merge.begin():
        return replace(result, already_loaded=True)
    with open_sheet(path) as sheet:
        total, left_out = _copy(merge, sheet, path.name, job)
    if state(path) != before:
        raise BadFile(f"{path.name} changed while it was read.", "Nothing of it was kept; load it again.")
    merge.check()
    merge.write()
    result = _counted(merge, replace(result, total=total, ignored_columns=left_out), job.examples)
    merge.keep({name: getattr(result, name) for name in ("total", "new", "changed", "unchanged", "rejected")})
    return result


def _counted(merge: Merge, result: LoadResult, examples: int | None) -> LoadResult:
    """The result with the server's counts. A row unaccounted for ends the load, and nothing is kept."""
    outcomes, reasons = merge.outcomes(), merge.reasons()
    if result.total != sum(outcomes.values()) + sum(reasons.values()):
        raise RuntimeError(f"{result.total} rows were read, but there are {outcomes} and {reasons}")
    return replace(result, new=outcomes.get("new", 0), changed=outcomes.get("changed", 0),
                   unchanged=outcomes.get("unchanged", 0), rejected=sum(reasons.values()),
                   rejected_by_reason=reasons,
                   rejects=tuple(Reject(*row, RULES[row[3]]) for row in merge.examples(examples)))


def _copy(merge: Merge, sheet: Sheet, name: str, job: _Job) -> tuple[int, tuple[str, ...]]:
    """Send the rows of a file to the server; says how many there were and which columns were ignored."""
    found = places(sheet, job.kind, name)
    used = {column: place for column, place in found.items() if column in merge.table_columns}
    merge.create(list(used))
    feed = Feed(lines(sheet, used), job.counter)
    merge.copy(feed)
    return feed.total, ignored(sheet, used)
