"""The embedded server and what happens to it: races, kills, odd paths, stale files, root, no way to start."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import psutil
import psycopg2
import pytest

from runner import embedded
from runner import settings as settings_module
from runner.database import Server
from runner.embedded import cluster, system
from runner.embedded import server as lifecycle
from runner.errors import BadConfiguration, CabinetError, DatabaseAway
from runner.settings import Settings

ROOT = Path(__file__).parents[2]
START = """
import sys
from runner import embedded, settings
where = embedded.ensure_running(settings.load({"home": sys.argv[1]}))
print(embedded.status(settings.load({"home": sys.argv[1]})).pid, where.host, sep="|", flush=True)
"""

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals and accounts of POSIX systems")
root_only = pytest.mark.skipif(os.name != "nt" and os.geteuid() != 0, reason="needs root")


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Settings]]:
    """`at(name)`: settings with a home of that name in this test's folder; its server is stopped later."""
    monkeypatch.setenv("CABINET14D_EMBEDDED_FAST", "1")
    folder = Path(tempfile.mkdtemp(prefix="c14d-emb-")).resolve()
    made: list[Settings] = []

    def make(name: str = "home") -> Settings:
        made.append(settings_module.load({"home": folder / name}, folder=folder))
        return made[-1]

    yield make
    monkeypatch.undo()
    for settings in made:
        with suppress(CabinetError):
            embedded.stop(settings)
    shutil.rmtree(folder, ignore_errors=True)


def ask(where: Server, statement: str) -> Any:
    """The first value that one statement gives, committed."""
    with closing(psycopg2.connect(**where.conninfo())) as connection, connection:
        cursor = connection.cursor()
        cursor.execute(statement)
        return cursor.fetchone()[0] if cursor.description else None


def pid_of(settings: Settings) -> int:
    """The postmaster's process number."""
    pid = embedded.status(settings).pid
    assert pid
    return pid


def kill_hard(pid: int) -> None:
    """kill -9, and wait until it has gone."""
    os.kill(pid, signal.SIGKILL)
    while system.is_alive(pid):
        time.sleep(0.01)


def start_elsewhere(settings: Settings) -> subprocess.Popen[str]:
    """Start the server from a process of its own."""
    return subprocess.Popen([sys.executable, "-c", START, str(settings.home)], cwd=ROOT, text=True,
                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            start_new_session=True)


def start_eight(settings: Settings) -> set[str]:
    """Eight processes at once; what they found."""
    starters = [start_elsewhere(settings) for _ in range(8)]
    answers = [starter.communicate(timeout=120) for starter in starters]
    assert [starter.returncode for starter in starters] == [0] * 8, answers
    return {out for out, _ in answers}


# --- making and finding -----------------------------------------------------------------------------------

def test_a_first_start_gives_a_usable_database_and_the_next_finds_it(at: Callable[..., Settings]) -> None:
    settings = at()
    first = embedded.ensure_running(settings)
    assert first.dbname == "cabinet14d" and first.user == "postgres"
    ask(first, "create table kept as select 14 as days")
    assert embedded.ensure_running(settings) == first
    assert ask(first, "select days from kept") == 14


def test_finding_a_running_server_is_quick_and_starts_no_program(
        at: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch) -> None:
    settings = at()
    embedded.ensure_running(settings)
    monkeypatch.setattr(subprocess, "Popen", None)
    times = []
    for _ in range(10):
        begin = time.perf_counter()
        embedded.ensure_running(settings)
        times.append(time.perf_counter() - begin)
    assert min(times) < 0.03, times


@pytest.mark.parametrize("name", [
    "Cobranza 14d ñ", "it's \"quoted\"", "a,b", "$HOME `x` \\back", "-D", "deep/" + "folder/" * 20 + "home"])
def test_any_path_will_do(at: Callable[..., Settings], name: str) -> None:
    settings = at(name)
    where = embedded.ensure_running(settings)
    assert ask(where, "show data_directory") == str(settings.home / "postgres")
    assert stat.S_IMODE(Path(where.host).stat().st_mode) == 0o700
    assert len(os.fsencode(where.host)) < 100
    assert embedded.stop(settings)
    assert Path(where.host) == settings.home / "postgres" or not Path(where.host).exists()


def test_a_socket_folder_made_by_somebody_else_is_refused(at: Callable[..., Settings]) -> None:
    settings = at("a,b")
    folder = Path(embedded.ensure_running(settings).host)
    embedded.stop(settings)
    folder.mkdir(mode=0o777)
    folder.chmod(0o777)
    try:
        with pytest.raises(BadConfiguration, match="somebody else"):
            embedded.ensure_running(settings)
    finally:
        folder.rmdir()


def test_it_listens_to_no_network_and_sorts_the_same_everywhere(at: Callable[..., Settings]) -> None:
    where = embedded.ensure_running(at())
    assert ask(where, "show listen_addresses") == ""
    assert ask(where, "show jit") == "off" and ask(where, "show timezone") == "UTC"
    assert ask(where, "show client_connection_check_interval") == "2s"
    assert ask(where, "show fsync") == "off"  # fast was asked for
    assert ask(where, "select lower('ÑÁÜ') || upper('ñ')") == "ñáüÑ"
    letters = "unnest(array['ñ', 'b', 'Z', 'a', 'É']) as letter"
    assert ask(where, f"select string_agg(letter, '' order by letter) from {letters}") == "ZabÉñ"


def test_without_the_wish_for_speed_it_is_safe(
        at: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch) -> None:
    settings = at()
    monkeypatch.delenv("CABINET14D_EMBEDDED_FAST")
    where = embedded.ensure_running(settings)
    for name in ("fsync", "synchronous_commit", "full_page_writes"):
        assert ask(where, f"show {name}") == "on"


def test_a_small_shared_memory_as_in_containers_is_not_used(
        at: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "SHARED_MEMORY_NEEDED", 2**60)
    assert ask(embedded.ensure_running(at()), "show dynamic_shared_memory_type") == "sysv"


def test_status_and_stop_tell_the_truth_and_start_nothing(at: Callable[..., Settings]) -> None:
    settings = at()
    assert not embedded.status(settings).running
    assert embedded.stop(settings) is False
    assert not settings.home.exists()
    embedded.ensure_running(settings)
    state = embedded.status(settings)
    assert state.running and state.pid and state.log.exists()
    assert embedded.stop(settings) is True
    assert not embedded.status(settings).running and not system.is_alive(state.pid)
    assert embedded.stop(settings) is False


# --- races and kills --------------------------------------------------------------------------------------

def test_eight_at_once_make_one_server(at: Callable[..., Settings]) -> None:
    assert len(start_eight(at())) == 1


def test_the_server_outlives_its_starter_and_holds_none_of_its_pipes(at: Callable[..., Settings]) -> None:
    settings = at()
    starter = start_elsewhere(settings)
    out, _ = starter.communicate(timeout=60)  # returns only when every holder of the pipes has gone
    with suppress(ProcessLookupError):
        os.killpg(starter.pid, signal.SIGKILL)
    pid = int(out.split("|")[0])
    assert psutil.Process(pid).ppid() != os.getpid()
    assert pid_of(settings) == pid


def test_a_starter_killed_in_mid_start_leaves_no_harm(at: Callable[..., Settings]) -> None:
    settings = at()
    for pause in (0.1, 0.3, 0.5, 0.7, 0.9):
        starter = start_elsewhere(settings)
        time.sleep(pause)
        os.killpg(starter.pid, signal.SIGKILL)
        starter.communicate()
    assert len(start_eight(settings)) == 1


def test_a_server_killed_hard_comes_back_once_with_what_was_committed(at: Callable[..., Settings]) -> None:
    settings = at()
    where = embedded.ensure_running(settings)
    ask(where, "create table kept as select 14 as days")
    with closing(psycopg2.connect(**where.conninfo())) as busy:  # its session outlives the postmaster
        busy.cursor().execute("begin; insert into kept values (15)")
        kill_hard(pid_of(settings))
        assert len(start_eight(settings)) == 1
    assert ask(embedded.ensure_running(settings), "select sum(days)::int from kept") == 14


def test_a_session_busy_on_a_dead_servers_memory_does_not_stop_the_next(at: Callable[..., Settings]) -> None:
    settings = at()
    where = embedded.ensure_running(settings)
    with closing(psycopg2.connect(**where.conninfo(), async_=True)) as busy:
        while busy.poll() != psycopg2.extensions.POLL_OK:
            time.sleep(0.01)
        busy.cursor().execute("select count(*) from generate_series(1, 2000000000)")
        time.sleep(0.2)
        kill_hard(pid_of(settings))
        assert ask(embedded.ensure_running(settings), "select 1") == 1


def test_a_server_without_its_socket_is_replaced(
        at: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch) -> None:
    settings = at("a,b")
    where = embedded.ensure_running(settings)
    before = pid_of(settings)
    shutil.rmtree(where.host)  # as cleaners of temporary folders do
    monkeypatch.setattr(lifecycle, "DEAF_LIMIT", 0.2)
    assert ask(embedded.ensure_running(settings), "select 1") == 1
    assert pid_of(settings) != before


def test_a_full_server_is_found_not_started_again(at: Callable[..., Settings]) -> None:
    settings = at()
    where = embedded.ensure_running(settings)
    pid, many = pid_of(settings), []
    with suppress(psycopg2.OperationalError):
        while True:
            many.append(psycopg2.connect(**where.conninfo()))
    assert len(many) == 60
    assert embedded.ensure_running(settings) == where
    for connection in many:
        connection.close()
    assert pid_of(settings) == pid


# --- stale files ------------------------------------------------------------------------------------------

def test_a_stale_number_given_to_another_process_is_not_believed(at: Callable[..., Settings]) -> None:
    settings = at()
    data = Path(embedded.ensure_running(settings).host)
    notes = (data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
    socket_notes = (data / ".s.PGSQL.5432.lock").read_text(encoding="utf-8").splitlines()
    embedded.stop(settings)
    owner = data.stat()
    who = {"user": owner.st_uid, "group": owner.st_gid} if os.geteuid() == 0 else {}
    with subprocess.Popen(["sleep", "60"], **who) as stranger:  # its account's: it would be believed
        for name, lines in (("postmaster.pid", notes), (".s.PGSQL.5432.lock", socket_notes)):
            (data / name).write_text("\n".join([str(stranger.pid), *lines[1:]]) + "\n", encoding="utf-8")
            os.chown(data / name, owner.st_uid, owner.st_gid)
        assert not embedded.status(settings).running
        assert embedded.stop(settings) is False
        assert ask(embedded.ensure_running(settings), "select 1") == 1
        assert stranger.poll() is None
        stranger.kill()


def test_a_copied_pid_file_does_not_lead_to_another_server(at: Callable[..., Settings]) -> None:
    one, other = at("one"), at("other")
    embedded.ensure_running(other)
    embedded.stop(other)
    first = embedded.ensure_running(one)
    copy = shutil.copy(Path(first.host) / "postmaster.pid", other.home / "postgres")
    seen = (other.home / "postgres").stat()
    os.chown(copy, seen.st_uid, seen.st_gid)
    assert embedded.stop(other) is False
    assert embedded.ensure_running(other).host != first.host
    assert pid_of(one) != pid_of(other)


def test_a_home_that_was_removed_under_its_server_begins_anew(at: Callable[..., Settings]) -> None:
    settings = at()
    embedded.ensure_running(settings)
    before = pid_of(settings)
    shutil.rmtree(settings.home)
    assert ask(embedded.ensure_running(settings), "select 1") == 1
    assert pid_of(settings) != before and not system.is_alive(before)


def test_a_home_that_was_moved_under_its_server_is_still_found(
        at: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lifecycle, "DEAF_LIMIT", 0.2)
    settings, moved = at("one"), at("two")
    embedded.ensure_running(settings)
    before = pid_of(settings)
    settings.home.rename(moved.home)
    assert ask(embedded.ensure_running(moved), "select 1") == 1
    assert not system.is_alive(before)


def test_a_half_made_cluster_is_made_again(at: Callable[..., Settings]) -> None:
    settings = at()
    (settings.home / "postgres.new" / "base").mkdir(parents=True)
    (settings.home / "postgres.new" / "PG_VERSION").write_text("18\n", encoding="ascii")
    (settings.home / "postgres").mkdir()
    assert ask(embedded.ensure_running(settings), "select 1") == 1
    assert not (settings.home / "postgres.new").exists()


# --- no way to start --------------------------------------------------------------------------------------

def test_without_the_wheel_it_says_what_to_set(
        at: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(BadConfiguration, match="No database is configured") as caught:
        embedded.ensure_running(at())
    assert "DATABASE_URL" in caught.value.hint and "cabinet14d[embedded]" in caught.value.hint


def test_a_home_that_is_a_file_is_told(at: Callable[..., Settings]) -> None:
    settings = at("home")
    settings.home.write_text("", encoding="ascii")
    with pytest.raises(BadConfiguration, match="can't be used") as caught:
        embedded.ensure_running(settings)
    assert str(settings.home) in caught.value.message and "CABINET14D_HOME" in caught.value.hint


def test_files_that_are_no_cluster_are_kept_and_told(at: Callable[..., Settings]) -> None:
    settings = at()
    (settings.home / "postgres").mkdir(parents=True)
    (settings.home / "postgres" / "thesis.txt").write_text("", encoding="ascii")
    with pytest.raises(BadConfiguration, match="not empty"):
        embedded.ensure_running(settings)
    assert (settings.home / "postgres" / "thesis.txt").exists()


def test_a_data_folder_of_another_release_is_told(at: Callable[..., Settings]) -> None:
    settings = at()
    embedded.ensure_running(settings)
    embedded.stop(settings)
    (settings.home / "postgres" / "PG_VERSION").write_text("17\n", encoding="ascii")
    with pytest.raises(BadConfiguration, match=r"made by PostgreSQL 17; the wheel brings \d\d\."):
        embedded.ensure_running(settings)


def test_a_server_that_will_not_start_is_told_in_its_own_words(at: Callable[..., Settings]) -> None:
    settings = at()
    embedded.ensure_running(settings)
    embedded.stop(settings)
    with (settings.home / "postgres" / "postgresql.auto.conf").open("a", encoding="utf-8") as file:
        file.write("max_connections = 'plenty'\n")
    begin = time.monotonic()
    with pytest.raises(DatabaseAway, match=r"could not start: .*max_connections") as caught:
        embedded.ensure_running(settings)
    assert time.monotonic() - begin < 5
    assert "postgres.log" in caught.value.hint


@pytest.mark.parametrize("line", [
    'FATAL:  could not write lock file "postmaster.pid": No space left on device',
    'FATAL:  could not extend file "base/1/2691": wrote only 4096 of 8192 bytes at block 10'])
def test_a_full_disk_is_told_as_that(tmp_path: Path, line: str) -> None:
    place = cluster.Place(tmp_path)
    place.log.write_text(f"earlier: could not care less\n2026-11-24 UTC [1] {line}\n", encoding="utf-8")
    assert cluster.did_not(place, "start", begin=29).message == f"The disk that holds {tmp_path} is full."


# --- root -------------------------------------------------------------------------------------------------

@root_only
def test_as_root_it_runs_as_its_own_user_and_opens_no_folder_but_to_pass(at: Callable[..., Settings]) -> None:
    settings = at("private/inner/home")
    private = settings.home.parents[1]
    private.mkdir(mode=0o700)
    settings.home.parent.mkdir(mode=0o750)
    embedded.ensure_running(settings)
    assert psutil.Process(pid_of(settings)).username() == "embedded_postgres"
    folders = (private, settings.home.parent, settings.home)
    assert [stat.S_IMODE(folder.stat().st_mode) for folder in folders] == [0o701, 0o751, 0o701]
    owners = {path.name: pwd.getpwuid(path.stat().st_uid).pw_name for path in settings.home.iterdir()}
    assert owners.pop("postgres") == "embedded_postgres"
    assert set(owners.values()) == {"root"} and settings.home.stat().st_uid == 0


@root_only
def test_the_account_keeps_its_number_when_several_first_commands_make_it() -> None:
    make = "from runner.embedded import system; system.USER_NAME = 'c14d_race'; print(system._own_user())"
    try:
        started = [subprocess.Popen([sys.executable, "-c", make], stdout=subprocess.PIPE, text=True, cwd=ROOT)
                   for _ in range(6)]
        assert len({process.communicate()[0] for process in started}) == 1
    finally:
        subprocess.run(["userdel", "c14d_race"], capture_output=True, check=False)


@root_only
def test_root_in_somebodys_home_runs_the_server_as_that_somebody(at: Callable[..., Settings]) -> None:
    settings, somebody = at(), pwd.getpwnam("nobody")
    settings.home.mkdir()
    os.chown(settings.home, somebody.pw_uid, somebody.pw_gid)
    embedded.ensure_running(settings)
    assert psutil.Process(pid_of(settings)).username() == "nobody"
    assert {path.stat().st_uid for path in settings.home.iterdir()} == {somebody.pw_uid}
