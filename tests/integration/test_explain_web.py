"""A lead's trace on the web: API and page tell what the command tells, to whom may see it; odd keys are harmless."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import jsonschema
import pytest
from fastapi.testclient import TestClient

from runner import explain
from runner.database import Server
from runner.explain_lines import clean
from runner.settings import Settings
from runner.web.app import create_app
from runner.web.tokens import TokenFile
from tests import explain_world
from tests.conftest import settings_at
from tests.explain_world import KEYS, PEOPLE

API, PAGE = "/api/v1/ops/payments/leads/", "/pagos/cobranza-yango/leads/"


@pytest.fixture(scope="module")
def built(settings: Settings, migrated_template: str) -> tuple[Server, Settings]:
    """The world of test_explain."""
    return explain_world.built(settings, migrated_template)


@pytest.fixture(scope="module")
def client(built: tuple[Server, Settings]) -> Iterator[TestClient]:
    """Somebody on this machine, where nobody needs a token."""
    with TestClient(create_app(built[1], require_token=False), base_url="http://localhost") as client:
        yield client


@pytest.fixture(scope="module")
def viewer(built: tuple[Server, Settings], tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """Somebody who may not see personal data."""
    ours = settings_at(built[0], tmp_path_factory.mktemp("viewer") / "home")
    secret = TokenFile(ours).add("reader", "viewer")
    headers = {"authorization": f"Bearer {secret}"}
    with TestClient(create_app(ours, require_token=True), base_url="http://localhost", headers=headers) as client:
        yield client


def shown(page: str) -> str:
    """The words of a page without blanks, as a reader sees them."""
    return re.sub(r"\s+", "", html.unescape(re.sub(r"<[^>]*>", "", page)))


def at(base: str, key: str) -> str:
    """Address of a lead, whatever signs its key has; the test's client takes percent signs apart twice."""
    return base + quote(key.replace("%", "%25"), safe="")


def facts(found: Any) -> list[str]:
    """What a trace must not leave out, in any form."""
    links = (found["person"] or {"links": []})["links"]
    days = found["window"]["days"] if found["window"] else []
    return [
        found["lead"],
        found["stage"]["code"],
        found["stage"]["reason"],
        *(its["text"] for its in found["moves"]),
        *(its["command"] for its in found["moves"] if its["command"]),
        *(its["driver_id"] for its in found["identity"]["candidates"]),
        *(f"{its['verdict_label']}" for its in found["identity"]["verdicts"]),
        *(link["source_pk"] for link in links),
        *(link["rule_label"] for link in links),
        *(f"Claim {its['claim_id']} · M{its['milestone']}" for its in found["claims"]),
        *(event["actor"] for its in found["claims"] for event in its["events"]),
        *(str(its["payment_id"]) for its in found["payments"]),
        *(str(day["running"]) for day in days if day["running"] is not None),
    ]


@pytest.mark.parametrize("language", ["es", "en"])
def test_api_and_page_tell_what_the_command_tells(
    client: TestClient, built: tuple[Server, Settings], language: str
) -> None:
    """Every lead of the world, odd keys too: the API's answer is the dict, and each of its facts is on the page."""
    for key in KEYS.values():
        expected = explain.explain(built[1], key, language)[0]
        answer = client.get(at(API, key), params={"lang": language})
        assert (answer.status_code, answer.json()) == (200, expected)
        page = client.get(at(PAGE, key), params={"lang": language})
        assert page.status_code == 200 and f'<html lang="{language}">' in page.text
        missing = [fact for fact in facts(expected) if re.sub(r"\s+", "", clean(fact)) not in shown(page.text)]
        assert missing == [], key


def test_the_page_keeps_the_strict_policy(client: TestClient) -> None:
    """Nothing inline, nothing from elsewhere, no markup from a row; light enough for a phone."""
    for key in ("young", "paid", "kept", "id:19"):
        page = client.get(at(PAGE, key)).text
        assert not re.search(r"<(script|style)|\sstyle=|\son\w+=|javascript:", page)
        assert not re.search(r"(?:src|href|action)=\"(?:https?:)?//", page)
        assert len(page.encode()) < 60_000
    assert "\x1b" not in client.get(at(PAGE, "id:19")).text


ODD = ("zz", "x" * 1500, "../../etc/passwd", "a\r\nx-evil: 1", "%00", "' or 1=1 --", "\ud7ff")


@pytest.mark.parametrize("key", ODD)
def test_an_unknown_lead_is_a_404_in_the_one_form(client: TestClient, key: str) -> None:
    """For programs as JSON, for people as a page; never a database's words."""
    answer, page = client.get(at(API, key)), client.get(at(PAGE, key))
    assert answer.status_code == page.status_code == 404
    assert answer.json()["error"]["code"] == ("NOT_FOUND" if "\n" in key else "NO_SUCH_LEAD")
    assert "x-evil" not in answer.headers and len(answer.json()["detail"]) < 80
    assert client.get(API + "young", params={"lang": "fr"}).status_code in (400, 422)


def test_a_viewer_sees_no_personal_data(viewer: TestClient, client: TestClient) -> None:
    """No phone, plate, name, or reason that somebody wrote, in API and page; all else is the same."""
    secrets = {its[3] for its in PEOPLE.values()} | {its[5] for its in PEOPLE.values()} - {None}
    secrets |= {"900333444", "900111333", "900 333", "CHAVEZ", "DEF456", "la llamé", "No procede", "no es él"}
    told = ""
    for key in KEYS.values():
        answer, page = viewer.get(at(API, key)), viewer.get(at(PAGE, key))
        assert answer.status_code == page.status_code == 200
        told = answer.text + html.unescape(page.text)
        assert [secret for secret in secrets if str(secret) in told.replace(key, "")] == [], key
        ours, theirs = client.get(at(API, key)).json(), answer.json()
        for part in ("lead", "run", "window", "milestones", "moves", "stage"):
            assert theirs[part] == ours[part]
        assert [its["outcome"] for its in theirs["identity"]["candidates"]] == [
            its["outcome"] for its in ours["identity"]["candidates"]
        ]
        assert [its["levels"] for its in theirs["identity"]["candidates"]] == [
            its["levels"] for its in ours["identity"]["candidates"]
        ]
    assert "900333444" in client.get(at(API, "dropped")).text, "an operator does"


def test_the_published_shape_is_what_is_answered(client: TestClient) -> None:
    """OpenAPI names the route; every lead's answer has exactly the fields of its schema, of their types."""
    schema = client.get("/api/v1/openapi.json").json()
    route = schema["paths"]["/api/v1/ops/payments/leads/{lead}"]["get"]
    assert set(route["responses"]) >= {"200", "404"}
    judge = jsonschema.Draft202012Validator(schema["components"]["schemas"]["Trace"])
    for key in KEYS.values():
        found = [error.message for error in judge.iter_errors(client.get(at(API, key)).json())]
        assert found == [], key
    broken = client.get(API + "young").json()
    broken["moves"][0]["days_left"] = "many"
    assert not judge.is_valid(broken)


def test_who_is_not_let_in_sees_nothing(built: tuple[Server, Settings], tmp_path: Any) -> None:
    """Without a token: 401 for programs, the form for people."""
    ours = settings_at(built[0], tmp_path / "home")
    with TestClient(create_app(ours, require_token=True), base_url="http://localhost") as client:
        assert client.get(API + "young").status_code == 401
        answer = client.get(PAGE + "young", follow_redirects=False)
        assert answer.status_code == 303 and answer.headers["location"].startswith("/entrar?next=")
