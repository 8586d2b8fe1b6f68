"""How commands end: one sentence and a next step on stderr, the exit code of D-12, no traceback, no secret."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from runner import chain, cli, warehouse
from runner.database import Server
from runner.settings import Settings
from tests import harness
from tests.integration.test_broken_rules import BREAKS, Break, copy_with
from tests.worlds import combine, sample, worlds

AS_OF = date(2026, 1, 14)
NEVER_TOLD = "example-words"  # given as a password, and looked for in everything that is printed


def run(environment: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    """The command as a user starts it."""
    return subprocess.run([sys.executable, "-m", "runner", *words], env=environment, text=True, capture_output=True)


def told(result: subprocess.CompletedProcess[str], code: int, *parts: str) -> None:
    """It ended with this code and said these things, in a sentence and not in a traceback."""
    assert result.returncode == code, result.stderr
    for part in parts:
        assert part in result.stderr
    assert "Traceback" not in result.stderr
    assert NEVER_TOLD not in result.stderr + result.stdout


def test_database_away(environment_for: Callable[[Server], dict[str, str]], fresh_database: Server) -> None:
    """Nobody listens."""
    environment = {
        **environment_for(fresh_database),
        "DATABASE_URL": f"postgresql://u:{NEVER_TOLD}@127.0.0.1:1/nothing",
    }
    told(run(environment, "nightly"), 4, "The database can't be reached or went away.", "Check that the server runs")


def test_wrong_password(environment_for: Callable[[Server], dict[str, str]], migrated_database: Server) -> None:
    """A role that must give a password gives a wrong one."""
    with closing(harness.connect(migrated_database)) as session:
        session.autocommit = True
        cursor = session.cursor()
        cursor.execute("show hba_file")
        path = Path(cursor.fetchone()[0])
        before = path.read_text(encoding="utf-8")
        cursor.execute("create role c14d_guarded login password 'other'")
        try:
            path.write_text("local all c14d_guarded scram-sha-256\n" + before, encoding="utf-8")
            cursor.execute("select pg_reload_conf()")
            environment = {**environment_for(migrated_database), "DB_USER": "c14d_guarded", "DB_PASSWORD": NEVER_TOLD}
            told(run(environment, "nightly"), 4, "The database refused the user or password.", "Check DATABASE_URL")
        finally:
            path.write_text(before, encoding="utf-8")
            cursor.execute("select pg_reload_conf()")
            cursor.execute("drop role c14d_guarded")


def test_not_migrated(environment_for: Callable[[Server], dict[str, str]], fresh_database: Server) -> None:
    """An empty database."""
    told(
        run(environment_for(fresh_database), "nightly"), 4, "The database is not migrated", "Run 'cabinet14d migrate'."
    )


def test_nothing_built_yet(environment_for: Callable[[Server], dict[str, str]], migrated_database: Server) -> None:
    """A dry run before the first build has nothing to look at, and says so."""
    told(
        run(environment_for(migrated_database), "reconcile", "claims", "--dry-run"),
        4,
        "Nothing was built yet",
        "Run 'cabinet14d build' first.",
    )


def test_empty_selection(environment_for: Callable[[Server], dict[str, str]], migrated_database: Server) -> None:
    """dbt calls it success; we do not."""
    told(
        run(environment_for(migrated_database), "build", "--select", "no_such_model"),
        4,
        "The selection names nothing that can be built.",
        "Check --select",
    )


def test_disk_full_while_loading(
    environment_for: Callable[[Server], dict[str, str]], migrated_database: Server, tmp_path: Path
) -> None:
    """The server says 53100 in the middle of a load: nothing of the file stays. The error is raised by a trigger, since
    a full disk can't be had in a test without taking it from everybody else."""
    with closing(harness.connect(migrated_database)) as session, session, session.cursor() as cursor:
        cursor.execute(
            "create function full_disk() returns trigger language plpgsql as $$ begin"
            " raise exception 'could not extend file: No space left on device' using errcode = '53100'; end $$;"
            "create trigger full_disk after insert on public.summary_daily execute function full_disk()"
        )
    path = tmp_path / "trips.csv"
    path.write_text("driver_id,date_file,count_orders_completed\nd1,01-12-2025,3\n", encoding="utf-8")
    told(
        run(environment_for(migrated_database), "load", "trips", str(path)),
        4,
        "The database server's disk is full; nothing of this step was kept.",
        "Free space on the server",
    )
    with closing(harness.connect(migrated_database)) as session, session, session.cursor() as cursor:
        cursor.execute("select (select count(*) from public.summary_daily), (select count(*) from ops.loaded_files)")
        assert cursor.fetchone() == (0, 0)


def test_wrong_usage(environment_for: Callable[[Server], dict[str, str]], fresh_database: Server) -> None:
    """Click's own code."""
    environment = environment_for(fresh_database)
    told(run(environment, "nightly", "--no-such-flag"), 2, "No such option")
    told(run(environment, "reconcile", "claims", "--week-start", "2026-01-06"), 2, "2026-01-06 is not a Monday")
    told(run(environment, "build", "--as-of", "31-02-2026"), 2, "is not a day; write it as YYYY-MM-DD")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("language = ", "is not valid TOML"),
        ('lenguage = "es"\n', "has an unknown setting: lenguage"),
        ('timezone = "America/Nowhere"\n', "America/Nowhere is not a time zone."),
    ],
    ids=["not toml", "unknown setting", "no such zone"],
)
def test_bad_configuration(
    environment_for: Callable[[Server], dict[str, str]],
    migrated_database: Server,
    tmp_path: Path,
    text: str,
    sentence: str,
) -> None:
    """The file is named, and what is wrong with it."""
    path = tmp_path / "cabinet14d.toml"
    path.write_text(text, encoding="utf-8")
    told(run({**environment_for(migrated_database), "CABINET14D_CONFIG": str(path)}, "nightly"), 4, sentence)


def in_process(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], where: Server, home: Path, *words: str
) -> tuple[int, str]:
    """The command in this process, for tests that must change the project under it."""
    for name, value in {**where.environment(), "CABINET14D_HOME": str(home)}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "argv", ["cabinet14d", *words])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return int(ended.value.code or 0), capsys.readouterr().err


BROKEN_MODEL = Break(
    "sql",
    "models/intermediate/leads/int_leads__windowed.sql",
    "from leads\n    left join window_trips",
    "from leeds\n    left join window_trips",
)


@pytest.mark.parametrize(
    ("broken", "code", "sentence"),
    [
        (BROKEN_MODEL, 4, 'The model int_leads__windowed can\'t be built: relation "leeds" does not exist'),
        (next(b for b in BREAKS if b.rule == "H3"), 3, "A hard rule is broken: h3_expected_claims_have_an_amount"),
    ],
    ids=["broken model", "broken rule"],
)
def test_a_bad_build_leaves_yesterday_live(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    migrated_database: Server,
    settings_for: Callable[..., Settings],
    tmp_path: Path,
    broken: Break,
    code: int,
    sentence: str,
) -> None:
    """A model that does not run is 4, a broken hard rule is 3; readers still see the night before."""
    settings = settings_for(migrated_database)
    first, second = (combine(sample(worlds(AS_OF), 60, seed)) for seed in (31, 32))
    harness.write_world(migrated_database, first)
    harness.build(settings, first)
    before = harness.read_all(migrated_database)
    harness.write_world(migrated_database, second)
    project = copy_with(tmp_path / "project", broken)
    with monkeypatch.context() as patch:
        patch.setattr(warehouse, "project_folder", lambda: project)
        ended, errors = in_process(patch, capsys, migrated_database, settings.home, "nightly", "--as-of", str(AS_OF))
    assert (ended, sentence in errors, "Traceback" in errors) == (code, True, False), errors
    assert harness.read_all(migrated_database) == before
    harness.build(settings, second)
    assert harness.differences(harness.read_all(migrated_database), harness.answers(second)) == []


def test_database_goes_away_in_the_middle(
    migrated_database: Server,
    settings_for: Callable[..., Settings],
    environment_for: Callable[[Server], dict[str, str]],
) -> None:
    """Every session of the night is ended by the server while dbt works: exit code 4, and the next night ends well."""
    settings = settings_for(migrated_database)
    world = combine(sample(worlds(AS_OF), 60, 33))
    harness.write_world(migrated_database, world)
    process = subprocess.Popen(
        [sys.executable, "-m", "runner", "nightly", "--as-of", str(AS_OF)],
        text=True,
        env=environment_for(migrated_database),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    stop = threading.Event()
    killer = threading.Thread(target=_end_sessions, args=(migrated_database, stop))
    killer.start()
    errors = process.communicate()[1]
    stop.set()
    killer.join()
    assert process.returncode == 4, errors
    assert "The database can't be reached or went away" in errors and "Traceback" not in errors
    chain.nightly(settings, AS_OF, progress=harness.QUIET)


def _end_sessions(where: Server, stop: threading.Event) -> None:
    with closing(harness.connect(where)) as session:
        session.autocommit = True
        cursor: Any = session.cursor()
        while not stop.wait(0.02):
            cursor.execute(
                "select count(pg_terminate_backend(pid)) from pg_stat_activity where datname = current_database()"
                " and application_name = 'cabinet14d dbt'"
            )


def test_debug_shows_the_traceback(environment_for: Callable[[Server], dict[str, str]], fresh_database: Server) -> None:
    """Only when asked for, and the exit code stays."""
    result = run(environment_for(fresh_database), "--debug", "nightly")
    assert result.returncode == 4
    assert "Traceback" in result.stderr
