"""/docs/datos: the models' documentation, as `cabinet14d docs` last made it, under a policy of its own."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import lru_cache
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import Response

from runner.web.access import Who
from runner.web.problems import Problem

router = APIRouter(include_in_schema=False)
SCRIPT = re.compile(r"<script[^>]*>(.*?)</script", re.DOTALL | re.IGNORECASE)


@router.get("/docs/datos")
def show(request: Request, who: Who) -> Response:
    """The page, or where it comes from when it was not made yet."""
    page: Path = request.app.state.docs
    try:
        changed = page.stat().st_mtime_ns
    except FileNotFoundError:
        raise Problem(
            404, "NOT_FOUND", "The page of relations and columns was not made yet.", "Run 'cabinet14d docs'."
        ) from None
    headers = {
        "etag": f'"{changed}"',
        "cache-control": "private, no-cache",
        "content-security-policy": policy(page, changed),
    }
    if request.headers.get("if-none-match") == headers["etag"]:
        return Response(status_code=304, headers=headers)
    return Response(page.read_bytes(), headers=headers, media_type="text/html")


@lru_cache(maxsize=2)
def policy(page: Path, changed: int) -> str:
    """What this page alone may do: run its own scripts, known by their content, and dress itself; it asks nobody.

    The sandbox gives it no origin: were there a fault in it, it could neither read the API nor act as the visitor.
    """
    scripts = SCRIPT.findall(page.read_text(encoding="utf-8"))
    sums = (base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in scripts)
    known = " ".join(f"'sha256-{checksum}'" for checksum in sums)
    return (
        f"default-src 'none'; script-src {known}; style-src 'unsafe-inline'; img-src data:; font-src data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox allow-scripts allow-popups"
    )
