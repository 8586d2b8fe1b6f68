"""The drill: dump, lose the database, restore into a new one, migrate, build; and all is row by row as it was."""

from __future__ import annotations

import os
import stat
import tarfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from runner import backup, backup_programs, chain, migrate
from runner.database import Server
from runner.errors import BadConfiguration, BadFile, BadInput, CabinetError
from runner.settings import Settings
from tests import harness
from tests.conftest import new_database, settings_at, temporary_folder
from tests.worlds import combine, sample, worlds

AS_OF = date(2026, 1, 14)
Rows = dict[str, list[str]]


def ask(where: Server, sql: str) -> list[tuple[Any, ...]]:
    """Rows of one statement, committed."""
    with closing(harness.connect(where)) as session, session, session.cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall()) if cursor.description else []


# The alerts say which run judged them, and watch the jobs: a new run is news to those.
WHOLE = "select cast(t as text) from {} as t"
PART = {"ops.v_cabinet_alerts": "select cast(to_jsonb(t) - 'run_id' as text) from ops.v_cabinet_alerts as t"
                                " where family <> 'jobs'"}


def rows(where: Server, kinds: str, schemas: str) -> Rows:
    """Every row of the tables or views of some schemas, as sorted texts."""
    names = [name for (name,) in ask(where, f"""
        select format('%I.%I', n.nspname, c.relname)
        from pg_class as c inner join pg_namespace as n on n.oid = c.relnamespace
        where n.nspname = any('{{{schemas}}}') and c.relkind = any('{{{kinds}}}')""")]
    return {name: sorted(row for (row,) in ask(where, PART.get(name, WHOLE.format(name))))
            for name in names}


@dataclass
class Lost:
    """A database that is gone: its backup, and what was in it."""

    file: Path
    manifest: backup.Manifest
    tables: Rows
    views: Rows


@pytest.fixture(scope="module")
def lost(settings: Settings, migrated_template: str) -> Iterator[Lost]:
    """A build and a night with claims, links, payments and history; a backup; and the database is dropped."""
    with temporary_folder() as folder:
        file = folder / "Cobranza ñ" / "respaldo.c14d"
        with new_database(settings, migrated_template) as where:
            ours = settings_at(where, settings.home)
            world = combine(sample(worlds(AS_OF), 40, 11))
            harness.write_world(where, world)
            chain.build(ours, AS_OF - timedelta(days=2), progress=harness.QUIET)
            chain.nightly(ours, AS_OF, progress=harness.QUIET)
            manifest = backup.backup(ours, file, raw=True)
            tables, views = rows(where, "r", "public,canon,ops,ops_intermediate"), rows(where, "v", "ops")
        yield Lost(file, manifest, tables, views)


@pytest.fixture(scope="module")
def restored(settings: Settings, lost: Lost) -> Iterator[Server]:
    """A new database, filled from the backup; nothing built yet."""
    with new_database(settings, "template0") as where:
        backup.restore(settings_at(where, settings.home), lost.file)
        yield where


def test_every_kept_table_is_row_by_row_the_same(lost: Lost, restored: Server) -> None:
    """Claims, events, links, runs, steps, metrics, states: as they were, before anything is built."""
    there = rows(restored, "r", "public,canon,ops,ops_intermediate")
    for table in lost.manifest.rows:
        assert there[table] == lost.tables[table], table
    filled = {table for table, count in lost.manifest.rows.items() if count}
    assert {"canon.claims_yango_cabinet_14d", "canon.claim_events", "canon.identity_links", "ops.runs",
            "ops.run_steps", "ops_intermediate.int_metrics__daily", "ops_intermediate.int_states__leads",
            "public.summary_daily"} <= filled
    assert "ops_intermediate.int_leads__resolved" not in there


def test_guards_keys_and_counters_came_back(lost: Lost, restored: Server) -> None:
    """A claim can't be deleted, and the next run's number follows."""
    with pytest.raises(psycopg2.errors.CheckViolation):
        ask(restored, "delete from canon.claims_yango_cabinet_14d")
    assert ask(restored, "select count(*) from ops.standing_project") == [(0,)]
    last = ask(restored, "select max(run_id) from ops.runs")[0][0]
    assert ask(restored, "select last_value from ops.runs_run_id_seq")[0][0] >= last


def test_a_build_makes_the_rest_as_it_was(lost: Lost, restored: Server, settings: Settings) -> None:
    """Every relation of ops says what it said, every metric of every day with it; only the new run is new."""
    run = chain.build(settings_at(restored, settings.home), AS_OF, progress=harness.QUIET).run
    there = rows(restored, "v", "ops")
    of_runs = {name for name in there if "run" in name or "health" in name}
    assert set(there) == set(lost.views)
    differing = [name for name in there if name not in of_runs and there[name] != lost.views[name]]
    assert differing == []
    assert sum(len(there[name]) for name in there if name not in of_runs) > 500
    kept = rows(restored, "r", "canon,ops,ops_intermediate")
    for name in ("canon.claims_yango_cabinet_14d", "canon.claim_events", "canon.identity_links",
                 "ops_intermediate.int_metrics__daily", "ops_intermediate.int_states__leads"):
        assert kept[name] == lost.tables[name], name
    old = ask(restored, f"select count(*) from ops.runs where run_id < {run.run_id}")
    assert old == [(len(lost.tables["ops.runs"]),)]


def test_without_raw_tables_they_are_empty_and_there(
    settings: Settings, migrated_database: Server, settings_for: Callable[..., Settings], tmp_path: Path
) -> None:
    """They are the outside's to feed: nothing was loaded here, so by default they are left out."""
    manifest = backup.backup(settings_for(migrated_database), tmp_path / "x.c14d")
    assert not manifest.raw and not any(table.startswith("public.") for table in manifest.rows)
    with new_database(settings, "template0") as where:
        ours = settings_at(where, settings.home)
        assert backup.restore(ours, tmp_path / "x.c14d").rows == manifest.rows
        assert ask(where, "select count(*) from public.drivers") == [(0,)]


def test_only_a_new_database_is_filled(lost: Lost, restored: Server, settings: Settings) -> None:
    before = rows(restored, "r", "canon,ops")
    with pytest.raises(BadInput, match="not new: it has") as caught:
        backup.restore(settings_at(restored, settings.home), lost.file)
    assert "Create an empty database" in caught.value.hint
    assert rows(restored, "r", "canon,ops") == before


def test_a_file_that_is_no_backup_is_refused(
    lost: Lost, fresh_database: Server, settings: Settings, tmp_path: Path
) -> None:
    """Missing, another kind, cut short, or newer than we are: a sentence, and nothing in the database."""
    ours = settings_at(fresh_database, settings.home)
    with pytest.raises(BadInput, match="There is no file"):
        backup.restore(ours, tmp_path / "none.c14d")
    (tmp_path / "text").write_text("hello")
    with pytest.raises(BadFile, match="no whole backup"):
        backup.restore(ours, tmp_path / "text")
    whole = lost.file.read_bytes()
    (tmp_path / "cut").write_bytes(whole[: len(whole) // 3])
    with pytest.raises(BadFile, match="no whole backup"):
        backup.restore(ours, tmp_path / "cut")
    with tarfile.open(lost.file) as archive:
        archive.extractall(tmp_path / "parts", filter="data")
    manifest = tmp_path / "parts" / "manifest.json"
    manifest.write_text(manifest.read_text().replace(migrate.HEAD, "9999_later"))
    backup._pack(tmp_path / "parts", tmp_path / "later")
    with pytest.raises(BadInput, match="newer than this program"):
        backup.restore(ours, tmp_path / "later")
    assert ask(fresh_database, "select to_regnamespace('canon')") == [(None,)]


def test_the_file_is_ours_alone_and_never_overwritten_unasked(
    lost: Lost, migrated_database: Server, settings_for: Callable[..., Settings]
) -> None:
    if os.name != "nt":
        assert stat.S_IMODE(lost.file.stat().st_mode) == 0o600
    assert [path.name for path in lost.file.parent.iterdir()] == [lost.file.name]
    before = lost.file.read_bytes()
    with pytest.raises(BadInput, match="there already"):
        backup.backup(settings_for(migrated_database), lost.file)
    assert lost.file.read_bytes() == before


def test_programs_that_are_absent_or_too_old_are_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(backup_programs, "_candidates", lambda name: [])
    with pytest.raises(BadConfiguration, match="pg_dump was not found"):
        backup_programs.find("pg_dump", 18)
    monkeypatch.setattr(backup_programs, "_candidates", lambda name: [tmp_path / "pg_dump"])
    monkeypatch.setattr(backup_programs, "_major", lambda path: 14)
    with pytest.raises(BadConfiguration, match=r"too old for this server, which is PostgreSQL 18"):
        backup_programs.find("pg_dump", 18)


@pytest.mark.skipif(os.name == "nt", reason="a script stands for the program")
def test_the_password_is_not_on_the_command_line(tmp_path: Path) -> None:
    """Only in the environment; and what the program complains of is one sentence."""
    program = tmp_path / "pg_dump"
    program.write_text('#!/bin/sh\necho "$0 $*" > "$1"\necho "pg_dump: error: no such thing $PGUSER" >&2\nexit 1\n')
    program.chmod(0o755)
    where = Server("db.example.org", "5432", "cobranza", "noche", "s3creto")
    with pytest.raises(CabinetError, match="no such thing noche"):
        backup_programs.call(program, where, str(tmp_path / "words"))
    assert "s3creto" not in (tmp_path / "words").read_text()
    assert backup_programs._environment(where)["PGPASSWORD"] == "s3creto"
