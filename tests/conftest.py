"""What all tests share: a clean environment, one PostgreSQL server per session, and a database for each test.

The server is the embedded one; CABINET14D_TEST_SERVER=15 takes a throw-away cluster of PostgreSQL 15 instead.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path

import hypothesis
import psycopg2
import pytest

# Before anything of ours is imported: the developer's own settings must not lead the tests to their data.
OURS = ("CABINET14D_", "DB_", "PG")
for _name in [name for name in os.environ if name.startswith(OURS) or name == "DATABASE_URL"]:
    if _name != "CABINET14D_TEST_SERVER":  # workers of pytest-xdist inherit what is left, and need this one
        del os.environ[_name]

from runner import embedded  # noqa: E402
from runner import settings as settings_module  # noqa: E402
from runner.database import Server  # noqa: E402
from runner.embedded import system  # noqa: E402
from runner.settings import Settings  # noqa: E402

hypothesis.settings.register_profile("ci", derandomize=True, deadline=None)
hypothesis.settings.register_profile("soak", deadline=None, max_examples=5_000)


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--soak` lets the long tests run."""
    parser.addoption("--soak", action="store_true", help="run the tests marked soak, and many more examples")


def pytest_configure(config: pytest.Config) -> None:
    """Choose how many examples hypothesis tries; without --soak the same ones each time."""
    hypothesis.settings.load_profile("soak" if config.getoption("--soak") else "ci")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip the long tests unless they were asked for."""
    if not config.getoption("--soak"):
        for item in items:
            if "soak" in item.keywords:
                item.add_marker(pytest.mark.skip(reason="long; run by `make soak`"))


# --- the server -------------------------------------------------------------------------------------------

@contextmanager
def temporary_folder() -> Iterator[Path]:
    """A folder of our own directly under the temporary one: pytest closes its own to the server's account."""
    folder = Path(tempfile.mkdtemp(prefix="c14d-test-")).resolve()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def settings() -> Iterator[Settings]:
    """Settings that point to the session's server; its database `postgres` is for administration only."""
    with temporary_folder() as folder:
        start = system_server if os.environ.get("CABINET14D_TEST_SERVER") == "15" else embedded_server
        with start(folder / "home") as server:
            yield settings_at(server, folder / "home")


@contextmanager
def embedded_server(home: Path) -> Iterator[Server]:
    """The embedded server, with speed instead of safety."""
    os.environ["CABINET14D_EMBEDDED_FAST"] = "1"
    ours = settings_module.load({"home": home}, folder=home)
    try:
        yield replace(embedded.ensure_running(ours), dbname="postgres")
    finally:
        del os.environ["CABINET14D_EMBEDDED_FAST"]
        embedded.stop(ours)


@contextmanager
def system_server(home: Path) -> Iterator[Server]:
    """A throw-away cluster of the system's PostgreSQL 15, run by its own user if we are root."""
    programs, data = Path("/usr/lib/postgresql/15/bin"), home / "postgres"
    account = None
    if os.geteuid() == 0:
        import pwd

        user = pwd.getpwnam("postgres")
        account = system.Account(user.pw_uid, user.pw_gid)
    data.mkdir(parents=True, mode=0o700)
    system.give(data, account)
    system.let_pass(home, account)

    def run(program: str, *words: str) -> None:
        subprocess.run([programs / program, "-D", data, *words], check=True, cwd=home, env={"LC_ALL": "C"},
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, **system.run_as(account))

    run("initdb", "-U", "postgres", "--encoding=UTF8", "--locale=C.UTF-8", "--auth=trust", "--no-sync")
    fast = "-c fsync=off -c full_page_writes=off -c timezone=UTC -c jit=off"
    run("pg_ctl", "start", "-w", "-s", "-l", str(data / "log"), "-o", f"-h '' -k {data} {fast}")
    try:
        yield Server(str(data), "5432", "postgres", "postgres", "")
    finally:
        run("pg_ctl", "stop", "-w", "-s", "-m", "immediate")


def settings_at(server: Server, home: Path, **more: str) -> Settings:
    """Settings as a user would have them who names this server."""
    flags = {"home": home, "db_host": server.host, "db_port": server.port, "db_name": server.dbname,
             "db_user": server.user, "db_password": server.password or None}
    return settings_module.load({**flags, **more}, folder=home)


# --- databases --------------------------------------------------------------------------------------------

@pytest.fixture
def fresh_database(settings: Settings) -> Iterator[Server]:
    """A new empty database, dropped afterwards."""
    with new_database(settings, "template0") as server:
        yield server


@pytest.fixture(scope="session")
def unbuilt_template(settings: Settings) -> Iterator[str]:
    """The name of a database migrated once, for others to be copied from; nobody may be connected to it."""
    from runner import migrate

    with new_database(settings, "template0") as server:
        migrate.upgrade(server, settings)
        yield server.dbname


@pytest.fixture(scope="session")
def migrated_template(settings: Settings, unbuilt_template: str) -> Iterator[str]:
    """The same with every relation of the project, empty, and an empty run log: a first build is the dearest."""
    from runner import chain
    from runner.progress import Progress

    with new_database(settings, unbuilt_template) as server:
        ours = settings_at(server, settings.home)
        chain.build(ours, date(2000, 1, 1), progress=Progress(9, quiet=True))
        with closing(psycopg2.connect(**server.conninfo())) as session, session, session.cursor() as cursor:
            cursor.execute(FORGET)
        yield server.dbname


# What the empty build left behind beside empty relations and seeds: zeros that add up, and its own log.
FORGET = """
    truncate ops_intermediate.int_metrics__daily, ops_intermediate.int_collection__conservation;
    truncate ops.run_nodes, ops.run_steps, ops.runs restart identity cascade
"""


@pytest.fixture
def migrated_database(settings: Settings, migrated_template: str) -> Iterator[Server]:
    """A new database with all migrations, every relation and no rows, dropped afterwards."""
    with new_database(settings, migrated_template) as server:
        yield server


@pytest.fixture
def unbuilt_database(settings: Settings, unbuilt_template: str) -> Iterator[Server]:
    """A new database with all migrations, where nothing was built yet, dropped afterwards."""
    with new_database(settings, unbuilt_template) as server:
        yield server


@pytest.fixture
def settings_for(settings: Settings) -> Callable[..., Settings]:
    """`settings_for(server, home=…, name=value…)`: settings of this server, by default with the session's home."""
    def make(server: Server, home: Path | None = None, **more: str) -> Settings:
        return settings_at(server, home or settings.home, **more)

    return make


@pytest.fixture
def environment_for(settings: Settings) -> Callable[[Server], dict[str, str]]:
    """`environment_for(server)`: the environment of a command that runs against this server."""
    def make(server: Server) -> dict[str, str]:
        given = {name: value for name, value in server.environment().items() if value}
        return {**os.environ, **given, "CABINET14D_HOME": str(settings.home)}

    return make


@contextmanager
def new_database(settings: Settings, template: str) -> Iterator[Server]:
    """A database copied from `template`, dropped at the end whoever is still connected."""
    # The same names again and again: dbt parses the project anew for a database that it does not know.
    taken = {found for (found,) in administrate(settings, "select datname from pg_database")}
    name = next(name for name in (f"t_{number}" for number in itertools.count()) if name not in taken)
    administrate(settings, f"create database {name} template {template}")
    try:
        yield Server(settings.text("db_host"), settings.text("db_port"), name, settings.text("db_user"),
                     settings.text("db_password"))
    finally:
        with contextlib.suppress(psycopg2.OperationalError):  # a test may have killed the server
            administrate(settings, f"drop database {name} with (force)")


def administrate(settings: Settings, statement: str) -> list[tuple[str, ...]]:
    """Run one statement that can't be in a transaction; its rows."""
    with closing(psycopg2.connect(host=settings["db_host"], port=settings["db_port"], dbname="postgres",
                                  user=settings["db_user"], password=settings["db_password"])) as connection:
        connection.autocommit = True
        cursor = connection.cursor()
        cursor.execute(statement)
        return list(cursor.fetchall()) if cursor.description else []
