"""Who gets in, what a viewer sees, and what no request can do."""

from __future__ import annotations

import json
import logging
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from runner.database import Server
from runner.settings import Settings
from runner.web import server, throttle
from runner.web.access import Who
from runner.web.tokens import TokenFile
from tests import harness
from tests.conftest import settings_at

BASE = "/api/v1/ops/payments"
LIMBO, RUNS = f"{BASE}/cabinet-financial-14d/limbo", f"{BASE}/runs"
PERSONAL = ("park_phone", "asset_plate_number", "lead_name")


@pytest.fixture
def own(sample_database: Server, home: Path) -> Settings:
    """A web on the sample with tokens of its own."""
    return settings_at(sample_database, home)


@pytest.fixture
def secrets_of(own: Settings) -> dict[str, str]:
    """A token of each role."""
    tokens = TokenFile(own)
    return {role: tokens.add(f"{role}-1", role) for role in ("viewer", "operator")}


def bearer(secret: str) -> dict[str, str]:
    """The header of a program."""
    return {"authorization": f"Bearer {secret}"}


# --- tokens -------------------------------------------------------------------------------------------------


def test_without_tokens_a_local_web_is_open(client_for: Callable[..., Any], own: Settings) -> None:
    assert client_for(own).get(LIMBO).status_code == 200


def test_a_web_for_others_is_never_open(client_for: Callable[..., Any], own: Settings) -> None:
    answer = client_for(own, require_token=True).get(LIMBO)
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")


def test_one_token_closes_the_local_web_too(client_for: Callable[..., Any], own: Settings) -> None:
    """At once, without a restart; the last one revoked opens it again."""
    client = client_for(own)
    tokens = TokenFile(own)
    secret = tokens.add("ana", "operator")
    assert [client.get(LIMBO, headers=headers).status_code for headers in ({}, bearer("c14d_x"), bearer(secret))] == [
        401,
        401,
        200,
    ]
    assert client.get("/healthz").status_code == 200
    tokens.revoke("ana")
    assert client.get(LIMBO).status_code == 200


def test_tokens_are_kept_as_hashes_for_their_owner_only(own: Settings, secrets_of: dict[str, str]) -> None:
    path = own.home / "web_tokens.json"
    text = path.read_text(encoding="utf-8")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not [secret for secret in secrets_of.values() if secret in text or secret[5:20] in text]
    assert len(set(secrets_of.values())) == 2 and all(len(secret) == 48 for secret in secrets_of.values())


def test_an_unreadable_token_file_lets_nobody_in(
    client_for: Callable[..., Any], own: Settings, secrets_of: Any
) -> None:
    client = client_for(own)
    (own.home / "web_tokens.json").write_text("{", encoding="utf-8")
    answer = client.get(LIMBO)
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "NOT_READY")


# --- roles --------------------------------------------------------------------------------------------------


def test_a_viewer_sees_no_personal_data(
    client_for: Callable[..., Any], own: Settings, secrets_of: dict[str, str]
) -> None:
    client = client_for(own)
    shown = client.get(LIMBO, params={"limit": 1000}, headers=bearer(secrets_of["viewer"]))
    whole = client.get(LIMBO, params={"limit": 1000}, headers=bearer(secrets_of["operator"]))
    assert shown.headers["etag"] != whole.headers["etag"]
    for masked, row in zip(shown.json()["data"], whole.json()["data"], strict=True):
        assert {name: value for name, value in masked.items() if name not in PERSONAL} == {
            name: value for name, value in row.items() if name not in PERSONAL
        }
        for name in PERSONAL:
            assert (masked[name] is None) == (row[name] is None)
    seen = [row[name] for row in whole.json()["data"] for name in PERSONAL if row[name] and len(row[name]) > 4]
    assert len(seen) > 1000
    assert not [value for value in seen if json.dumps(value, ensure_ascii=False)[1:-1] in shown.text]


def test_a_viewer_sees_no_driver_names(
    client_for: Callable[..., Any], own: Settings, secrets_of: dict[str, str]
) -> None:
    client = client_for(own)
    shown = client.get(f"{BASE}/cabinet-financial-14d", headers=bearer(secrets_of["viewer"])).text
    names = [
        row["driver_name"]
        for row in client.get(f"{BASE}/cabinet-financial-14d", headers=bearer(secrets_of["operator"])).json()["data"]
        if row["driver_name"]
    ]
    assert names and not [name for name in names if name in shown]


@pytest.mark.parametrize("route", ["limbo/export", "claims-gap/export", "export"])
def test_a_viewer_takes_no_files(
    client_for: Callable[..., Any], own: Settings, secrets_of: dict[str, str], route: str
) -> None:
    client, address = client_for(own), f"{BASE}/cabinet-financial-14d/{route}"
    refused = client.get(address, headers=bearer(secrets_of["viewer"]))
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "OPERATORS_ONLY")
    assert client.get(address, headers=bearer(secrets_of["operator"])).status_code == 200


# --- sign-in ------------------------------------------------------------------------------------------------


def sign_in(client: Any, secret: str, following: str = "", **headers: str) -> Any:
    """The form, sent."""
    return client.post("/entrar", data={"token": secret, "next": following}, headers=headers)


def for_visitors(who: Who) -> str:
    """A page that only visitors see."""
    return who.name


def test_a_person_signs_in_and_out(client_for: Callable[..., Any], own: Settings, secrets_of: dict[str, str]) -> None:
    client = client_for(own)
    client.app.get("/pagos/prueba")(for_visitors)
    refused = client.get("/pagos/prueba?tab=kpis")
    assert (refused.status_code, refused.headers["location"]) == (303, "/entrar?next=%2Fpagos%2Fprueba%3Ftab%3Dkpis")
    answer = sign_in(client, secrets_of["viewer"], "/pagos/cobranza-yango?tab=kpis")
    assert (answer.status_code, answer.headers["location"]) == (303, "/pagos/cobranza-yango?tab=kpis")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=lax" in cookie and "Secure" not in cookie
    assert secrets_of["viewer"] not in cookie
    assert client.get(LIMBO).status_code == 200
    assert client.get(f"{BASE}/cabinet-financial-14d/export").status_code == 403
    assert client.post("/salir").headers["location"] == "/entrar"
    assert client.get(LIMBO).status_code == 401


def test_over_https_the_cookie_stays_there(
    client_for: Callable[..., Any], own: Settings, secrets_of: dict[str, str]
) -> None:
    client = client_for(own)
    client.base_url = "https://localhost"
    answer = sign_in(client, secrets_of["viewer"])
    assert "Secure" in answer.headers["set-cookie"] and "strict-transport-security" in answer.headers


def test_a_session_ends_with_its_token(
    client_for: Callable[..., Any], own: Settings, secrets_of: dict[str, str]
) -> None:
    """And is not taken over by a new token of the same name."""
    client = client_for(own)
    sign_in(client, secrets_of["operator"])
    assert client.get(LIMBO).status_code == 200
    TokenFile(own).revoke("operator-1")
    TokenFile(own).add("operator-1", "operator")
    assert client.get(LIMBO).status_code == 401


@pytest.mark.parametrize(
    "change",
    [
        lambda cookie: cookie[:-2] + "AA",
        lambda cookie: "x" + cookie,
        lambda cookie: "a" * 600,
        lambda cookie: "é",
        lambda cookie: cookie.split(".")[0],
    ],
)
def test_a_session_can_not_be_made_up(
    client_for: Callable[..., Any], own: Settings, secrets_of: dict[str, str], change: Callable[[str], str]
) -> None:
    client = client_for(own)
    sign_in(client, secrets_of["operator"])
    good = client.cookies["c14d_session"]
    client.cookies.clear()
    answer = client.get(LIMBO, headers={"cookie": f"c14d_session={change(good)}".encode()})
    assert answer.status_code == 401


@pytest.mark.parametrize(
    "following",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil",
        "javascript:alert(1)",
        "pagos",
        "/%0d%0aset-cookie: x",
        "/\r\nset-cookie: x=1",
    ],
)
def test_signing_in_leads_nowhere_else(
    client_for: Callable[..., Any], own: Settings, secrets_of: dict[str, str], following: str
) -> None:
    answer = sign_in(client_for(own), secrets_of["viewer"], following)
    assert answer.headers["location"] in ("/pagos/cobranza-yango", "/%0d%0aset-cookie: x".replace(" ", "%20"))
    assert "set-cookie: x" not in str(answer.headers).lower().replace("location", "")


@pytest.mark.parametrize(
    "headers", [{"origin": "https://evil.example"}, {"origin": "null"}, {"sec-fetch-site": "cross-site"}]
)
def test_forms_of_other_sites_are_refused(
    client_for: Callable[..., Any], own: Settings, secrets_of: dict[str, str], headers: dict[str, str]
) -> None:
    client = client_for(own)
    assert sign_in(client, secrets_of["operator"], **headers).status_code == 403
    assert client.post("/salir", headers=headers).status_code == 403
    assert sign_in(client, secrets_of["operator"], **{"origin": "http://localhost"}).status_code == 303


def test_who_guesses_must_wait(client_for: Callable[..., Any], own: Settings, secrets_of: dict[str, str]) -> None:
    client = client_for(own)
    statuses = [sign_in(client, f"c14d_{number}").status_code for number in range(throttle.TRIES + 1)]
    assert statuses == [401] * throttle.TRIES + [429]
    assert sign_in(client, secrets_of["operator"]).status_code == 429


# --- what every answer and request meets ----------------------------------------------------------------------

ODD = [
    ("/nope", 404),
    (f"{LIMBO}?limbo_stage=X", 400),
    ("/pagos/nope", 404),
    ("/static/../../etc/passwd", 404),
    ("/static/%2e%2e/%2e%2e/etc/passwd", 404),
    (f"{BASE}/runs/%00", 422),
    (f"{BASE}/runs/99999999999999999999", 422),
    (f"{BASE}/runs/1%20or%201=1", 422),
    ("/a%0d%0aset-cookie:%20x=1", 404),
    (f"{LIMBO}?" + "a" * 9000, 414),
]


@pytest.mark.parametrize(("address", "status"), ODD)
def test_refusals_are_in_one_form_and_guarded(client: Any, address: str, status: int) -> None:
    answer = client.get(address)
    assert answer.status_code == status
    assert answer.headers["content-security-policy"].startswith("default-src 'none'; style-src 'self';")
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff" and answer.headers["x-frame-options"] == "DENY"
    assert "server" not in answer.headers and "set-cookie" not in answer.headers
    if not address.startswith("/pagos"):
        told = answer.json()
        assert told["detail"] == told["error"]["message"] and told["error"]["code"] and told["error"]["next"]


@pytest.mark.parametrize(
    "query",
    [
        "limbo_stage=OK'--",
        "limbo_stage=OK%00",
        "limbo_stage=",
        "limbo_stage=OK&limbo_stage=OK",
        "week_start=2026-01-06",
        "week_start=2026-02-30",
        "week_start=20260105",
        "week_start=2026-01-05T00:00:00",
        "week_start=10000-01-01",
        "limit=0",
        "limit=1001",
        "limit=-1",
        "limit=1e3",
        "limit=１",
        "limit=999999999999999999999999",
        "offset=-1",
        "offset=99999999999999999",
        "cursor=",
        "cursor=00",
        "cursor=WyIyMDI2Il0",
        "cursor=zzzzzzzzzzzzzz",
        "cursor=300000ffffffff",
        "sort=lead_date;drop",
        "sort=lead_date desc",
        "unknown=1",
        "LIMIT=1",
        "lead_date_from=now()",
        "lead_date_from=0000-01-01",
        "lead_date_to=%27%20or%201=1--",
        "limit[]=1",
        "%00=1",
    ],
)
def test_odd_parameters_are_refused(client: Any, query: str) -> None:
    answer = client.get(f"{LIMBO}?{query}")
    assert answer.status_code in (400, 422), answer.text
    told = answer.json()["error"]
    assert told["message"] and told["next"]
    assert not [
        word for word in ("psycopg", "syntax", "relation", "ERROR", "Traceback", "select") if word in answer.text
    ]


@pytest.mark.parametrize(
    "query",
    [
        "lead_date_from=0001-01-01&lead_date_to=9999-12-31",
        "lead_date_from=9999-12-31&lead_date_to=0001-01-01",
        "offset=9007199254740991",
        "cursor=00000000000000",
        "cursor=2fffffffffffff",
        "cursor=0b4d1affffffff&offset=5",
        "cursor=0b4d1affffffff&sort=-trips_14d",
    ],
)
def test_extreme_parameters_are_answered(client: Any, query: str) -> None:
    assert client.get(f"{LIMBO}?{query}").status_code == 200


@pytest.mark.parametrize(
    "text", ["' or '1'='1", "'; drop table ops.runs; --", "\\", "%", "%s", "{chosen}", "${x}", "a\nb", "ñandú"]
)
def test_free_text_is_only_ever_compared(client: Any, ask: Callable[..., Any], text: str) -> None:
    """The one parameter that is free text: it finds nothing, and does nothing."""
    answer = client.get(f"{BASE}/identity/suggestions", params={"lead_source_pk": text})
    assert answer.status_code in (200, 422)
    if answer.status_code == 200:
        assert answer.json()["data"] == []
    assert ask("select count(*) > 0 as there from ops.runs")[0]["there"]


def test_only_get_is_answered(client: Any) -> None:
    for method in ("post", "put", "patch", "delete"):
        answer = getattr(client, method)(LIMBO)
        assert (answer.status_code, answer.headers["allow"]) == (405, "GET")


def test_a_large_body_is_refused(client: Any) -> None:
    assert client.post("/entrar", data={"token": "x" * 20_000}).status_code == 413
    assert client.post(
        "/entrar",
        content=(b"x" * 1000 for _ in range(30)),
        headers={"content-type": "application/x-www-form-urlencoded"},
    ).status_code in (400, 413)


def test_a_borrowed_name_is_refused(client_for: Callable[..., Any], own: Settings) -> None:
    """DNS rebinding: a foreign page reaches this machine under its own name."""
    client = client_for(own, hosts=server.hosts(own, "127.0.0.1", True))
    statuses = {
        host: client.get("/healthz", headers={"host": host}).status_code
        for host in (
            "127.0.0.1:8000",
            "localhost",
            "LOCALHOST.:8000",
            "[::1]:8000",
            "evil.example",
            "127.0.0.1.evil.example",
            "",
            "[::1].evil",
        )
    }
    assert list(statuses.values()) == [200, 200, 200, 200, 421, 421, 421, 421]


def test_other_sites_read_nothing_unless_they_are_named(client_for: Callable[..., Any], own: Settings) -> None:
    origin = {"origin": "https://panel.example"}
    assert "access-control-allow-origin" not in client_for(own).get(LIMBO, headers=origin).headers
    named = client_for(harness.settings_with(own, web_origins="https://panel.example https://b.example"))
    assert named.get(LIMBO, headers=origin).headers["access-control-allow-origin"] == "https://panel.example"
    assert "access-control-allow-origin" not in named.get(LIMBO, headers={"origin": "https://evil.example"}).headers
    assert "access-control-allow-credentials" not in named.get(LIMBO, headers=origin).headers


def test_the_log_holds_neither_keys_nor_tokens(
    client_for: Callable[..., Any], own: Settings, secrets_of: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        client = client_for(own)
        client.get(f"{BASE}/identity/suggestions?lead_source_pk=somebody", headers=bearer(secrets_of["viewer"]))
        sign_in(client, secrets_of["viewer"])
        client.get("/a%0d%0ab")
    ours = [record.getMessage() for record in caplog.records if record.name.startswith(("cabinet14d", "uvicorn"))]
    assert len(ours) == 3 and not [line for line in ours if "somebody" in line or "c14d_" in line or "\n" in line]
    assert ours[0].startswith("testclient GET /api/v1/ops/payments/identity/suggestions 200 ")


def test_the_unforeseen_is_told_in_one_form(
    client: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A fault of ours: 500 without a word of it, and a line that says where, not what."""
    from runner.web import reads

    def broken(*_: Any) -> Any:
        raise ValueError("phone 900000001")

    monkeypatch.setattr(reads, "funnel_gap", broken)
    answer = client.get(f"{BASE}/cabinet-financial-14d/funnel-gap")
    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "UNEXPECTED")
    assert "900000001" not in answer.text + caplog.text and "ValueError at test_web_access.py" in caplog.text


# --- the throttle -------------------------------------------------------------------------------------------


def test_failures_are_forgotten_after_a_minute_and_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    watched = throttle.Throttle(lambda: now[0])
    for _ in range(throttle.TRIES):
        assert watched.may("a")
        watched.failed("a")
    assert not watched.may("a") and watched.may("b")
    now[0] = throttle.SECONDS + 1
    assert watched.may("a")
    monkeypatch.setattr(throttle, "ADDRESSES", 3)
    for number in range(10):
        watched.failed(str(number))
    assert len(watched._failures) == 3
