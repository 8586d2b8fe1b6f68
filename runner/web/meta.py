"""Answers as JSON: money as text, an ETag of run, query and reader, and 304 to who has it already."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import orjson
from fastapi import Request
from fastapi.responses import Response

from runner import __version__
from runner.web.access import Visitor, masked
from runner.web.reads import freshness


def plain(value: Any) -> Any:
    """What JSON has no form for: money as text with two decimals (D-11), days in ISO form (orjson knows those)."""
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(type(value).__name__)


def as_json(content: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """One answer; never kept by caches in between, since it may hold personal data."""
    body = orjson.dumps(content, default=plain)
    return Response(body, status, {"cache-control": "no-store", **(headers or {})}, "application/json")


def tagged(request: Request, cursor: Any, who: Visitor, read: Callable[[], Any]) -> Response:
    """The answer of the live run, or 304: what a run shows never changes, so run, query and role say what it holds."""
    fresh = freshness(cursor)
    seed = "\n".join(
        (__version__, request.url.path, str(request.url.query), who.role, str(fresh["run_id"]), str(fresh["built_at"]))
    )
    tag = f'"{hashlib.sha256(seed.encode()).hexdigest()[:32]}"'
    headers = {"etag": tag, "cache-control": "private, no-cache", "vary": "authorization, cookie"}
    known = request.headers.get("if-none-match", "").split(",")
    if any(each.strip().removeprefix("W/") in (tag, "*") for each in known):
        return Response(status_code=304, headers=headers)
    return as_json(masked(who, read()), headers=headers)
