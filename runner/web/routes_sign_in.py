"""Sign-in and sign-out of people: a token in a form becomes a session cookie."""

from __future__ import annotations

from urllib.parse import urlsplit

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from runner.web import sessions
from runner.web.page.templating import render
from runner.web.problems import Problem
from runner.web.throttle import address_of

router = APIRouter(include_in_schema=False)
HOME = "/pagos/cobranza-yango"


@router.get("/entrar")
def form(request: Request, next: str = "") -> Response:
    """The form."""
    return render(request, "sign_in.html", next=_local(next), error=None)


@router.post("/entrar")
def sign_in(request: Request, token: str = Form("", max_length=200), next: str = Form("", max_length=2000)) -> Response:
    """Begin a session, or say that the token is not one; who tries too often must wait."""
    _refuse_foreign(request)
    throttle, address = request.app.state.throttle, address_of(request)
    if not throttle.may(address):
        return render(request, "sign_in.html", status=429, next=_local(next), error="too_many")
    found = request.app.state.tokens.find(token.strip())
    if found is None:
        throttle.failed(address)
        return render(request, "sign_in.html", status=401, next=_local(next), error="unknown")
    throttle.forget(address)
    response = RedirectResponse(_local(next) or HOME, 303)
    sessions.begin(request, response, found)
    return response


@router.post("/salir")
def sign_out(request: Request) -> Response:
    """End the session."""
    _refuse_foreign(request)
    response = RedirectResponse("/entrar", 303)
    sessions.end(request, response)
    return response


def _local(address: str) -> str:
    """Where to go on: a path of ours, never another site."""
    parts = urlsplit(address) if address.isascii() and address.isprintable() else None
    good = parts is not None and not parts.scheme and not parts.netloc and address.startswith("/")
    return address if good and not address.startswith(("//", "/\\")) and "\\" not in address else ""


def _refuse_foreign(request: Request) -> None:
    """A form of another site may not sign anybody in or out."""
    origin, site = request.headers.get("origin"), request.headers.get("sec-fetch-site")
    foreign = origin is not None and urlsplit(origin).netloc != request.headers.get("host")
    if foreign or site not in (None, "same-origin", "none"):
        raise Problem(403, "FOREIGN_FORM", "This form came from another site.", "Open the page here and sign in again.")
