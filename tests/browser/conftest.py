"""A real browser on the real application over the sample: built once per worker, and served on a free port."""

from __future__ import annotations

import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psycopg2
import pytest

from runner import chain, demo
from runner.database import Server
from runner.settings import Settings
from tests import harness
from tests.conftest import new_database, settings_at, temporary_folder

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
QUIET_BROWSER = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
                 "--disable-sync", "--no-first-run")
# What a night with channels would have left: alerts of two days.
TOLD = """
insert into ops.alert_events (run_id, as_of_date, rule, scope_value, event, severity, value)
select r.run_id, r.as_of_date - d.days, a.rule, '', d.event, a.severity, a.value
from ops.runs as r, ops.v_cabinet_alerts as a, (values (1, 'STARTED'), (0, 'REMINDED')) as d (days, event)
where r.is_live and a.state = 'FIRING' and (d.days = 1 or a.rule < 'B')
"""


@dataclass(frozen=True)
class Site:
    """The application, where it listens, and the database behind it."""

    address: str
    where: Server
    settings: Settings

    def page(self, **params: Any) -> str:
        """Address of the page in a state."""
        return f"{self.address}/pagos/cobranza-yango?{httpx.QueryParams(params)}"

    def api(self, path: str, headers: dict[str, str] | None = None, **params: Any) -> Any:
        """An answer of the API."""
        answer = httpx.get(f"{self.address}/api/v1/ops/payments/{path}", params=params, headers=headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def sql(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Rows, straight from the database."""
        with closing(psycopg2.connect(**self.where.conninfo())) as connection, connection.cursor() as cursor:
            cursor.execute(query, values or None)
            return list(cursor.fetchall())


@contextmanager
def serving(settings: Settings, where: Server, *, require_token: bool = False) -> Iterator[Site]:
    """The application in a thread of its own."""
    import uvicorn

    from runner.web.app import create_app

    with closing(socket.socket()) as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(128)
        app = create_app(settings, require_token=require_token)
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="on", timeout_graceful_shutdown=1))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        try:
            while not server.started:
                assert thread.is_alive(), "the application did not start"
                time.sleep(0.01)  # uvicorn has no event to wait for
            yield Site(f"http://127.0.0.1:{listening.getsockname()[1]}", where, settings)
        finally:
            server.should_exit = True
            thread.join(10)


@pytest.fixture(scope="session")
def sample(settings: Settings, migrated_template: str) -> Iterator[tuple[Settings, Server]]:
    """A database with the sample after two builds, so that there are gaps, alerts and two days of history."""
    with new_database(settings, migrated_template) as where, temporary_folder() as folder:
        chosen = settings_at(where, folder / "home")
        demo.load_into(where, chosen, demo.write(folder / "files"))
        chain.build(settings_at(where, settings.home), demo.AS_OF, progress=harness.QUIET)
        with closing(psycopg2.connect(**where.conninfo())) as connection, connection, connection.cursor() as cursor:
            cursor.execute(TOLD)
        yield chosen, where


@pytest.fixture(scope="session")
def site(sample: tuple[Settings, Server]) -> Iterator[Site]:
    """The application as it is on one's own machine: no token asked for."""
    with serving(*sample) as running:
        yield running


@pytest.fixture(scope="session")
def guarded(sample: tuple[Settings, Server]) -> Iterator[tuple[Site, dict[str, str]]]:
    """The application as it is on a network, and the tokens that open it, by role."""
    from runner.web.tokens import TokenFile

    where = sample[1]
    with temporary_folder() as home:
        chosen = settings_at(where, home)
        secrets = {role: TokenFile(chosen).add(f"un-{role}", role) for role in ("viewer", "operator")}
        with serving(chosen, where, require_token=True) as running:
            yield running, secrets


@pytest.fixture(scope="session")
def unbuilt(settings: Settings, migrated_template: str) -> Iterator[Site]:
    """The application over a database where nothing was built yet."""
    with (
        new_database(settings, migrated_template) as where,
        temporary_folder() as home,
        serving(settings_at(where, home), where) as running,
    ):
        yield running


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """The browser; started per module, since its loop would be in the way of other tests of this worker."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    with playwright.sync_playwright() as running:
        program = found or running.chromium.executable_path
        if not Path(program).exists():
            pytest.skip("no chromium is installed")
        browser = running.chromium.launch(executable_path=program, args=list(QUIET_BROWSER))
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium: Any) -> Iterator[Callable[..., Any]]:
    """`open_page(url, width=…, …)`: a page in a browser profile of its own, that fails on any error of the console."""
    with ExitStack() as stack:
        def make(url: str, width: int = 1440, wanted: int = 200, **context: Any) -> Any:
            profile = stack.enter_context(chromium.new_context(viewport={"width": width, "height": 900}, **context))
            page = profile.new_page()
            page.said = []
            page.on("console", lambda message: page.said.append(message.text))
            page.on("pageerror", lambda error: page.said.append(str(error)))
            answer = page.goto(url)
            assert answer is not None and answer.status == wanted, answer and answer.status
            assert [each for each in page.said if wanted == 200] == []
            return page

        yield make
