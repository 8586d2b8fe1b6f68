"""The command `serve` and the tokens, as a person meets them."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from runner.cli import cli
from runner.database import Server
from runner.errors import BadConfiguration
from runner.settings import Settings
from runner.web import server
from tests import harness


def command(environment: dict[str, str], *words: str, code: int = 0) -> subprocess.CompletedProcess[str]:
    """One command, which must end with `code`."""
    done = subprocess.run([sys.executable, "-m", "runner", *words], env=environment, text=True, capture_output=True)
    assert done.returncode == code, done.stderr
    return done


def test_serve_says_where_answers_and_stops_when_asked(
    sample_database: Server, environment_for: Callable[[Server], dict[str, str]]
) -> None:
    """Graceful: being asked to stop is no error. The log has no query string, the answer no server's name."""
    environment = environment_for(sample_database)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        told = command(environment, "serve", "--port", port, code=4).stderr
        assert f"Port {port} of 127.0.0.1 is taken" in told and "--port" in told and "Traceback" not in told
    process = subprocess.Popen(
        [sys.executable, "-m", "runner", "serve", "--port", port], env=environment, text=True, stderr=subprocess.PIPE
    )
    assert process.stderr
    assert process.stderr.readline().endswith(
        f"serving http://127.0.0.1:{port}/pagos/cobranza-yango (open: there are no tokens)\n"
    )
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v1/ops/payments/runs?limit=1", timeout=30) as answer:
        assert json.load(answer)["meta"]["returned"] == 1
        assert "server" not in answer.headers
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 0
    rest = process.stderr.read()
    assert "GET /api/v1/ops/payments/runs 200" in rest and "limit" not in rest and "Traceback" not in rest
    process.stderr.close()


def test_answers_are_sent_at_once() -> None:
    """The event loop switches waiting off (TCP_NODELAY) on sockets that name their protocol; a page took 40 ms more."""
    with server._listening("127.0.0.1", 0) as listening, socket.create_connection(listening.getsockname()):
        accepted, _ = listening.accept()
        with accepted:
            assert accepted.proto == socket.IPPROTO_TCP


@pytest.fixture
def invoked(tmp_path: Path) -> Callable[..., Any]:
    """`invoked(words…)`: a command in this process, in a home of its own."""

    def run(*words: str) -> Any:
        return CliRunner().invoke(cli, ["--home", str(tmp_path / "home"), *words])

    return run


def test_tokens_are_added_listed_and_revoked(invoked: Callable[..., Any]) -> None:
    assert "There are no tokens" in invoked("tokens", "list").stderr
    added = invoked("tokens", "add", "ana", "--role", "viewer")
    assert added.stdout.startswith("c14d_") and len(added.stdout.strip()) == 48
    assert json.loads(invoked("tokens", "list", "--json").stdout)[0].keys() == {"name", "role", "created_at"}
    assert added.stdout.strip() not in invoked("tokens", "list").output
    assert "already" in str(invoked("tokens", "add", "ana", "--role", "operator").exception)
    assert "can't name a token" in str(invoked("tokens", "add", "a b", "--role", "operator").exception)
    assert invoked("tokens", "add", "ana").exit_code == 2
    assert invoked("tokens", "revoke", "ana").exit_code == 0
    assert "no token named ana" in str(invoked("tokens", "revoke", "ana").exception)


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.7", "::", "cobranza.example"])
def test_others_are_not_served_without_a_token(web_settings: Settings, host: str) -> None:
    with pytest.raises(BadConfiguration, match=r"there is no token yet\. Make one with 'cabinet14d tokens add"):
        server.serve(web_settings, host, 8000)


@pytest.mark.parametrize(
    ("host", "local"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("10.0.0.1", False),
        ("localhost.example", False),
    ],
)
def test_which_addresses_only_this_machine_reaches(host: str, local: bool) -> None:
    assert server.is_local(host) is local


def test_the_names_of_a_web_for_others_are_a_setting(web_settings: Settings) -> None:
    assert server.hosts(web_settings, "0.0.0.0", False) is None
    named = harness.settings_with(web_settings, web_hosts="Cobranza.example otro.example")
    assert server.hosts(named, "0.0.0.0", False) == {"cobranza.example", "otro.example"}


def test_without_the_extra_the_command_says_how_to_get_it(
    web_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    with pytest.raises(BadConfiguration, match=r"pip install 'cabinet14d\[web\]'"):
        server.serve(web_settings, "127.0.0.1", 8000)


def test_an_unmigrated_database_is_told_before_anybody_asks(
    fresh_database: Server, settings_for: Callable[..., Settings]
) -> None:
    with pytest.raises(BadConfiguration, match="cabinet14d migrate"):
        server.serve(settings_for(fresh_database), "127.0.0.1", 8000)
