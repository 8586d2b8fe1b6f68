"""Everything that a request can be refused for, in one form: a code, a sentence, a next step; never database text."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import psycopg2
from fastapi import Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from psycopg2 import errorcodes

BUSY = "Try again in a moment; if it lasts, look at 'cabinet14d runs' and the database server."


class Problem(Exception):
    """A refusal told to people: what is wrong, what to do next, and the parameter that it is about."""

    def __init__(self, status: int, code: str, message: str, hint: str = "", field: str | None = None) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.hint, self.field = status, code, message, hint, field
        self.headers: dict[str, str] = {}

    def with_headers(self, **headers: str) -> Problem:
        """The same refusal with headers, as `retry_after="60"`."""
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}
        return self

    def as_dict(self) -> dict[str, Any]:
        """The one error form; `detail` stays beside it because existing clients read it."""
        error: dict[str, Any] = {"code": self.code, "message": self.message, "next": self.hint}
        if self.field:
            error["field"] = self.field
        return {"error": error, "detail": self.message}

    def as_json(self) -> Response:
        """The answer of the API."""
        headers = {"cache-control": "no-store", **self.headers}
        return JSONResponse(self.as_dict(), self.status, headers=headers)


def bad_value(field: str, message: str, hint: str = "") -> Problem:
    """A parameter of the wrong type or out of range (422)."""
    return Problem(422, "INVALID_PARAMETER", message, hint, field)


def bad_choice(field: str, value: str, known: tuple[str, ...]) -> Problem:
    """A parameter that must be one of a few values (400, as it always was)."""
    shown = value if len(value) <= 40 and value.isprintable() else "This"
    return Problem(
        400, "UNKNOWN_VALUE", f"{shown!r} is not a {field} that exists.", f"Known are: {', '.join(known)}.", field
    )


def not_ready() -> Problem:
    """The server's own settings or files are in the way; its log says which."""
    return Problem(
        503, "NOT_READY", "The server can't answer until its operators mend something.", "Its log says what."
    )


def nothing_built() -> Problem:
    """Before the first publication."""
    return Problem(
        503, "NOTHING_BUILT", "Nothing was built yet, so there is nothing to show.", "Run 'cabinet14d nightly' first."
    )


def from_database(error: psycopg2.Error) -> Problem:
    """A database error as a refusal, without its words."""
    code = error.pgcode or ""
    if code == errorcodes.QUERY_CANCELED:
        return Problem(503, "TOO_SLOW", "The database took too long to answer.", "Ask for less: a week, or fewer rows.")
    if code in (errorcodes.LOCK_NOT_AVAILABLE, errorcodes.DEADLOCK_DETECTED):
        return Problem(503, "DATABASE_BUSY", "Another session holds what this request reads.", BUSY)
    if code in (errorcodes.UNDEFINED_TABLE, errorcodes.UNDEFINED_COLUMN, errorcodes.INVALID_SCHEMA_NAME):
        return Problem(
            503,
            "NOT_MIGRATED",
            "The database lacks something that this version reads.",
            "Run 'cabinet14d migrate', then 'cabinet14d build'.",
        )
    if code == errorcodes.INSUFFICIENT_PRIVILEGE:
        return Problem(503, "NO_GRANT", "The web's database role may not read this.", "Run 'cabinet14d migrate' again.")
    if code.startswith("22"):
        return Problem(422, "INVALID_PARAMETER", "A value is outside of what the database can hold.", "Correct it.")
    return Problem(503, "DATABASE_AWAY", "The database can't be reached or refused the request.", BUSY)


def answer(request: Request, problem: Problem) -> Response:
    """A problem as JSON for programs, as a page for people; who must sign in is led to the form and back."""
    if not request.url.path.startswith(("/pagos", "/entrar", "/salir")):
        return problem.as_json()
    if problem.status == 401:
        asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse(f"/entrar?next={quote(asked, safe='')}", 303, {"cache-control": "no-store"})
    from runner.web.page import problem_page

    return problem_page(request, problem)


STATUSES = {
    404: ("NOT_FOUND", "There is nothing at this address.", "The addresses are listed in /api/v1/openapi.json."),
    405: ("READ_ONLY", "Only GET is answered here.", "Nothing can be changed through the web."),
}


def from_status(status: int, headers: dict[str, str]) -> Problem:
    """What the framework refuses by itself, in our form."""
    code, message, hint = STATUSES.get(status, ("REFUSED", "This request can't be answered.", "Correct it."))
    problem = Problem(status, code, message, hint)
    problem.headers = {name.lower(): value for name, value in headers.items()}
    return problem
