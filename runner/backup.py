"""Backup and restore of what can't be rebuilt: canon, run log, history, and raw tables that were loaded by us."""

from __future__ import annotations

import json
import os
import re
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from typing import Any

from runner import __version__, backup_programs, database, migrate, queries
from runner.errors import BadFile, BadInput
from runner.migrations import read
from runner.settings import Settings

RAW = ["public.module_ct_cabinet_leads", "public.summary_daily", "public.drivers", "public.module_ct_cabinet_payments"]
# What a build knows of this very server (its transactions, its triggers): after a restore it looks at everything.
OF_THIS_SERVER = ["ops.standing_project", "ops.run_marks", "canon.source_changes"]
MANIFEST, STATE, RAW_DUMP = "manifest.json", "state.dump", "raw.dump"


@dataclass
class Manifest:
    """What a backup says of itself: by it a restore knows what it needs and whether all came back."""

    version: str
    revision: str
    server: int
    taken_at: str
    raw: bool
    rows: dict[str, int] = field(default_factory=dict)

    @property
    def summary(self) -> str:
        """One line for people."""
        raw = "with" if self.raw else "without"
        return (f"{sum(self.rows.values()):,} rows of {len(self.rows)} tables, {raw} the raw tables, "
                f"at {self.revision}, taken {self.taken_at}")


def backup(settings: Settings, file: Path, *, raw: bool | None = None, force: bool = False) -> Manifest:
    """Write one file, readable only by us: it holds names and phones. Raises BadInput when it is there already."""
    if file.exists() and not force:
        raise BadInput(f"{file} is there already.", "Name another file, or say --force.")
    where = database.server(settings)
    migrate.require(where, settings)
    with closing(database.connect(where, "backup", settings)) as session, database.transaction(session) as cursor:
        cursor.execute("set transaction isolation level repeatable read, read only")
        manifest, left_out = _look(cursor, session.server_version // 10000, raw)
        cursor.execute("select pg_export_snapshot()")
        snapshot = cursor.fetchone()[0]
        with _folder_beside(file) as folder:
            # Both dumps and the counts are of one snapshot: a night at work meanwhile is in all of them or in none.
            dump = backup_programs.find("pg_dump", manifest.server)
            common = ["-Fc", "--no-owner", "--no-acl", f"--snapshot={snapshot}", "--lock-wait-timeout=30000"]
            backup_programs.call(dump, where, *common, "-f", folder / STATE, "-n", "canon", "-n", "ops",
                                 "-n", "ops_intermediate", "-e", "fuzzystrmatch",
                                 *(f"--exclude-table-data={name}" for name in OF_THIS_SERVER),
                                 *(f"--exclude-table={name}" for name in left_out))
            if manifest.raw:
                tables = [f"--table={name}" for name in RAW]
                backup_programs.call(dump, where, *common, "-f", folder / RAW_DUMP, *tables)
            (folder / MANIFEST).write_text(json.dumps(asdict(manifest), indent=2), encoding="utf-8")
            _pack(folder, file)
    return manifest


def _look(cursor: Any, server: int, raw: bool | None) -> tuple[Manifest, list[str]]:
    """What will be in the backup, counted, and what is left out."""
    def ask(name: str, **parameters: Any) -> list[Any]:
        cursor.execute(queries.get("backup", name), parameters or None)
        return [row[0] for row in cursor.fetchall()]

    with_raw = bool(ask("loaded_by_us")[0]) if raw is None else raw
    manifest = Manifest(__version__, ask("revision")[0], server,
                        datetime.now(UTC).isoformat(timespec="seconds"), with_raw)
    left_out = ask("rebuilt", ours=_our_views())
    for table in ask("kept", raw=with_raw, raw_tables=RAW, of_this_server=OF_THIS_SERVER):
        if table not in left_out:
            cursor.execute(f"select count(*) from {table}")
            manifest.rows[table] = cursor.fetchone()[0]
    return manifest, left_out


def _our_views() -> list[str]:
    """Views that migrations made, by their own text."""
    folder = resources.files("runner.migrations").joinpath("sql")
    texts = [file.read_text(encoding="utf-8") for file in folder.iterdir() if file.name.endswith(".up.sql")]
    return sorted({name for text in texts for name in re.findall(r"create (?:or replace )?view (\w+\.\w+)", text)})


@contextmanager
def _folder_beside(file: Path) -> Iterator[Path]:
    """Where the parts are made: on the same disk, seen by nobody else, gone afterwards."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".backup-", dir=file.parent) as folder:
        yield Path(folder)


def _pack(folder: Path, file: Path) -> None:
    """One file that is whole from the moment it has its name."""
    whole = folder / "whole"
    with tarfile.open(whole, "w") as archive:
        for name in (MANIFEST, STATE, RAW_DUMP):
            if (folder / name).exists():
                archive.add(folder / name, name)
    whole.chmod(0o600)
    with whole.open("rb") as written:
        os.fsync(written.fileno())
    whole.replace(file)


def restore(settings: Settings, file: Path) -> Manifest:
    """Fill a new database. Raises BadInput when it is not new, BadFile when the file is no backup of ours."""
    where = database.server(settings)
    with _folder_beside(file) as folder:
        manifest = _unpack(file, folder)
        with closing(database.connect(where, "restore", settings)) as session:
            _refuse_occupied(session)
            program = backup_programs.find("pg_restore", manifest.server)
            with database.transaction(session) as cursor:
                cursor.execute("create extension if not exists fuzzystrmatch")
                if not manifest.raw:  # the outside feeds them; until it does, they are there and empty
                    cursor.execute(read("0001_raw.up"))
            for part in [STATE, RAW_DUMP] if manifest.raw else [STATE]:  # raw tables call functions of ops
                backup_programs.call(program, where, "--single-transaction", "--exit-on-error", "--no-owner",
                                     "--no-acl", "-d", where.dbname, folder / part)
            _check(session, manifest)
    migrate.upgrade(where, settings)
    return manifest


def _unpack(file: Path, folder: Path) -> Manifest:
    try:
        with tarfile.open(file) as archive:
            archive.extractall(folder, filter="data")
        manifest = Manifest(**json.loads((folder / MANIFEST).read_text(encoding="utf-8")))
    except (tarfile.TarError, OSError, ValueError, TypeError) as error:
        if isinstance(error, FileNotFoundError) and not file.exists():
            raise BadInput(f"There is no file {file}.", "Name the file that 'cabinet14d backup' wrote.") from error
        raise BadFile(f"{file} is no whole backup of cabinet14d.", "Take another one.") from error
    if manifest.revision > migrate.HEAD:
        raise BadInput(f"The backup is of {manifest.revision}, newer than this program knows ({migrate.HEAD}).",
                       "Install the cabinet14d that wrote it.")
    return manifest


def _refuse_occupied(session: Any) -> None:
    with database.transaction(session) as cursor:
        cursor.execute(queries.get("backup", "occupied"), {"raw_tables": RAW})
        found = [row[0] for row in cursor.fetchall()]
    if found:
        raise BadInput(f"The database is not new: it has {', '.join(found[:3])}.",
                       "Create an empty database, name it in DATABASE_URL, and restore into that.")


def _check(session: Any, manifest: Manifest) -> None:
    """All rows are there that the backup counted; and the next build looks at everything."""
    with database.transaction(session) as cursor:
        for table, rows in manifest.rows.items():
            cursor.execute(f"select count(*) from {table}")
            found = cursor.fetchone()[0]
            if found != rows:
                raise BadFile(f"{table} has {found} rows, the backup counted {rows}.", "Take another backup.")
        cursor.execute(queries.get("backup", "forget_standing"))
