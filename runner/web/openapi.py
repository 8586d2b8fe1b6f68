"""The published OpenAPI: what FastAPI gathers from the routes, with our schemas and how to sign in."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from runner.web.shapes import components

ABOUT = """Cabinet 14d: where leads stand, which claims are missing, and what is due. Read only; every answer is that of
one published run, named in `meta`. Money is text with two decimals, in PEN. The same addresses answer under
`/api/v1/payments`."""


def publish(app: FastAPI) -> None:
    """Let the application answer with it; made once, when first asked for."""

    def schema() -> dict[str, Any]:
        if not app.openapi_schema:
            app.openapi_schema = _made(app)
        return app.openapi_schema

    app.openapi = schema  # type: ignore[method-assign]


def example(schema: dict[str, Any]) -> Any:
    """A whole answer, put together from the examples of its fields."""
    if "example" in schema:
        return schema["example"]
    if "properties" in schema:
        return {name: example(part) for name, part in schema["properties"].items()}
    return [example(schema["items"])] if "items" in schema else schema["enum"][0]


def _made(app: FastAPI) -> dict[str, Any]:
    made = get_openapi(title=app.title, version=app.version, description=ABOUT, routes=app.routes)
    parts = made.setdefault("components", {})
    ours = {name: {**schema, "example": example(schema)} for name, schema in components().items()}
    parts["schemas"] = {**parts.get("schemas", {}), **ours}
    parts["securitySchemes"] = {
        "token": {"type": "http", "scheme": "bearer", "description": "A token of `cabinet14d tokens add`."},
        "session": {"type": "apiKey", "in": "cookie", "name": "c14d_session", "description": "Signed in at /entrar."},
    }
    for path, operations in made["paths"].items():
        for operation in operations.values():
            operation["security"] = [] if path == "/healthz" else [{"token": []}, {"session": []}, {}]
    return made
