"""Templates of the page; until it is built, the bare words."""

from __future__ import annotations

import html
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse, Response


def render(request: Request, name: str, *, status: int = 200, **context: Any) -> Response:
    """One template with its context."""
    if name == "sign_in.html":
        wrong = html.escape(str(context.get("error") or ""))
        body = (f"<p>{wrong}</p><form method='post' action='/entrar'>"
                f"<input type='hidden' name='next' value='{html.escape(str(context.get('next') or ''))}'>"
                "<label>Token <input type='password' name='token' autocomplete='current-password'></label>"
                "<button>Entrar</button></form>")
    else:
        problem = context.get("problem")
        body = html.escape(f"{problem.message} {problem.hint}" if problem else name)
    return HTMLResponse(f"<!doctype html><html lang='es'><title>Cabinet 14d</title><body>{body}</body></html>", status)
