"""/docs/datos: the models' documentation in the web, under a policy that is wider for this one address only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from runner.database import Server
from runner.settings import Settings
from runner.warehouse import docs_page
from runner.web.guard import CSP
from runner.web.tokens import TokenFile
from tests.conftest import settings_at

ADDRESS = "/docs/datos"
# The sum is that of the text between the tags, worked out by hand with another tool.
MADE = "<html><script>alert(1)</script><style>p {}</style></html>"
SUM = "sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI="


@pytest.fixture
def own(sample_database: Server, home: Any) -> Settings:
    """A web with a home of its own, where no docs were made yet."""
    return settings_at(sample_database, home)


def made(settings: Settings) -> None:
    docs_page(settings).parent.mkdir(parents=True, exist_ok=True)
    docs_page(settings).write_text(MADE, encoding="utf-8")


def test_before_they_are_made_it_says_how(client_for: Callable[..., Any], own: Settings) -> None:
    answer = client_for(own).get(ADDRESS)
    assert answer.status_code == 404 and "cabinet14d docs" in answer.text


def test_the_page_runs_its_own_scripts_and_asks_nobody(client_for: Callable[..., Any], own: Settings) -> None:
    made(own)
    answer = client_for(own).get(ADDRESS)
    assert (answer.status_code, answer.text) == (200, MADE)
    rules = dict(rule.strip().split(" ", 1) for rule in answer.headers["content-security-policy"].split(";"))
    assert rules["default-src"] == "'none'" and rules["script-src"] == f"'{SUM}'"
    assert "allow-same-origin" not in rules["sandbox"] and "connect-src" not in rules
    assert answer.headers["x-frame-options"] == "DENY"


def test_no_other_address_got_wider(client_for: Callable[..., Any], own: Settings) -> None:
    made(own)
    client = client_for(own)
    for address in ("/pagos/cobranza-yango", "/docs", "/docs/datos/x", "/healthz"):
        assert client.get(address).headers["content-security-policy"] == CSP
    assert "unsafe" not in CSP


def test_a_page_made_anew_is_seen_at_once_and_an_old_one_not_sent_twice(
    client_for: Callable[..., Any], own: Settings
) -> None:
    made(own)
    client = client_for(own)
    tag = client.get(ADDRESS).headers["etag"]
    assert client.get(ADDRESS, headers={"if-none-match": tag}).status_code == 304
    docs_page(own).write_text(MADE.replace("alert(1)", "alert(2)"), encoding="utf-8")
    again = client.get(ADDRESS, headers={"if-none-match": tag})
    assert again.status_code == 200 and SUM not in again.headers["content-security-policy"]


def test_it_needs_a_token_where_the_page_does(client_for: Callable[..., Any], own: Settings) -> None:
    made(own)
    secret = TokenFile(own).add("somebody", "viewer")
    client = client_for(own, require_token=True)
    assert client.get(ADDRESS).status_code in (303, 401)
    assert client.get(ADDRESS, headers={"authorization": f"Bearer {secret}"}).status_code == 200
