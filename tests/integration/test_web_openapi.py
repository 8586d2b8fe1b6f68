"""The published OpenAPI: complete in words, and true under a fuzzer with all of its checks."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

from runner.settings import Settings
from runner.web.app import create_app
from tests.web_server import running


@pytest.fixture(scope="module")
def app(web_settings: Settings) -> FastAPI:
    """The application on the sample."""
    return create_app(web_settings, require_token=False)


def fuzz(app: FastAPI, folder: Path, *words: str) -> None:
    """The fuzzer as anybody runs it, with all checks: good values are taken, bad ones refused, nothing is an error."""
    with running(app) as address:
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "schemathesis.cli",
                "run",
                f"{address}/api/v1/openapi.json",
                "--checks",
                "all",
                "--no-color",
                *words,
            ],
            cwd=folder,
            capture_output=True,
            text=True,
        )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert "No issues found" in done.stdout or " passed in" in done.stdout


def test_every_operation_keeps_its_promises(app: FastAPI, tmp_path: Path) -> None:
    fuzz(app, tmp_path, "--max-examples", "10", "--generation-deterministic")


@pytest.mark.soak
def test_every_operation_keeps_its_promises_for_long(app: FastAPI, tmp_path: Path) -> None:
    fuzz(app, tmp_path, "--max-examples", "1000", "--generation-database", "none", "--workers", "2")


# --- in words -----------------------------------------------------------------------------------------------


def fields(schema: dict[str, Any], name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every field of a schema, at any depth."""
    for field, told in schema.get("properties", {}).items():
        yield f"{name}.{field}", told
        yield from fields(told, f"{name}.{field}")
    if "items" in schema:
        yield from fields(schema["items"], name)


def test_every_route_and_parameter_is_described(app: FastAPI) -> None:
    published = app.openapi()
    ids = []
    for path, operations in published["paths"].items():
        assert list(operations) == ["get"]
        told = operations["get"]
        ids.append(told["operationId"])
        assert told["summary"] and len(told["description"].split()) >= 4 and told["tags"], path
        for parameter in told.get("parameters", []):
            assert parameter["description"], (path, parameter["name"])
            schema = parameter["schema"]
            assert "$ref" in schema or schema["type"], (path, parameter["name"])
            has_example = "example" in parameter or "examples" in parameter or "examples" in schema
            assert has_example or parameter["name"] == "cursor", (path, parameter["name"])
    assert len(set(ids)) == len(ids)


def test_every_field_is_described_and_has_an_example(app: FastAPI) -> None:
    for name, schema in app.openapi()["components"]["schemas"].items():
        for field, told in fields(schema, name):
            assert told.get("description"), field
            assert "example" in told or "properties" in told or "items" in told, field


def test_every_refusal_is_declared_in_the_one_form(app: FastAPI) -> None:
    for path, operations in app.openapi()["paths"].items():
        responses = operations["get"]["responses"]
        assert {"200", "414", "421", "503"} <= set(responses), path
        for status, told in responses.items():
            if status not in ("200", "304") and path != "/healthz":
                assert told["content"]["application/json"]["schema"]["$ref"].endswith("/Error"), (path, status)


def test_no_page_of_documentation_is_fetched_from_elsewhere(client: Any) -> None:
    assert [client.get(address).status_code for address in ("/docs", "/redoc")] == [404, 404]
