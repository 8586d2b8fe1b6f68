"""What the tests of the web share: the sample, built once per session, and clients of the application on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from runner import chain, demo
from runner.database import Server
from runner.settings import Settings
from tests import harness
from tests.conftest import new_database, settings_at, temporary_folder

SAMPLE_DAY = date(2026, 1, 12)
# Names that a spreadsheet would run, or that break a careless file: one per lead, lowest ids first.
RISKY_NAMES = (
    '=HYPERLINK("x")',
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    'a "b", c',
    "x\r\ny: z",
    "ÑANDÚ;Ó",
)


@pytest.fixture(scope="session")
def sample_database(settings: Settings, migrated_template: str) -> Iterator[Server]:
    """The sample after a build and before any night, so that every stage and reason has rows. Only read from it."""
    with new_database(settings, migrated_template) as server, temporary_folder() as folder:
        ours = settings_at(server, settings.home)
        demo.load_into(server, ours, demo.write(folder / "sample"))
        with closing(harness.connect(server)) as session, session, session.cursor() as cursor:
            for place, name in enumerate(RISKY_NAMES):
                cursor.execute(
                    "update public.module_ct_cabinet_leads set first_name = %s where id = "
                    "(select id from public.module_ct_cabinet_leads where lead_created_at is not null"
                    " order by id offset %s limit 1)",
                    (name, place),
                )
        chain.build(ours, SAMPLE_DAY, progress=harness.QUIET)
        yield server


@pytest.fixture(scope="session")
def web_settings(sample_database: Server, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of a web on the sample, with a home of its own."""
    return settings_at(sample_database, tmp_path_factory.mktemp("web") / "home")


@pytest.fixture
def client_for() -> Iterator[Callable[..., Any]]:
    """`client_for(settings, require_token=False, …)`: a client of an application that lives as long as the test."""
    from fastapi.testclient import TestClient

    from runner.web.app import create_app

    with ExitStack() as open_clients:

        def make(chosen: Settings, *, require_token: bool = False, hosts: frozenset[str] | None = None) -> Any:
            app = create_app(chosen, require_token=require_token, hosts=hosts)
            return open_clients.enter_context(TestClient(app, base_url="http://localhost", follow_redirects=False))

        yield make


@pytest.fixture
def client(client_for: Callable[..., Any], web_settings: Settings) -> Any:
    """A client on the sample, where nobody needs a token."""
    return client_for(web_settings)


@pytest.fixture
def ask(sample_database: Server) -> Iterator[Callable[..., list[dict[str, Any]]]]:
    """`ask(sql, …)`: rows of the sample as dicts, asked directly."""
    from psycopg2.extras import RealDictCursor

    with closing(harness.connect(sample_database)) as session, session.cursor(cursor_factory=RealDictCursor) as cursor:

        def rows(sql: str, *values: Any) -> list[dict[str, Any]]:
            cursor.execute(sql, values or None)
            return [dict(row) for row in cursor.fetchall()]

        yield rows


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home of one test's own."""
    return tmp_path / "home"
