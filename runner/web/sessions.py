"""Sessions of people: a signed cookie that names their token; it ends with the token, or after twelve hours."""

from __future__ import annotations

import secrets

from fastapi import Request
from fastapi.responses import Response
from itsdangerous import BadSignature, URLSafeTimedSerializer

from runner.settings import Settings
from runner.web.tokens import Token, TokenFile, write_private

COOKIE = "c14d_session"
HOURS = 12


def signer(settings: Settings) -> URLSafeTimedSerializer:
    """What signs sessions, with the key in home; made when there is none, and for its owner's eyes only."""
    path = settings.home / "web_session.key"
    if not path.exists():
        write_private(path, secrets.token_urlsafe(48) + "\n")
    return URLSafeTimedSerializer(path.read_text(encoding="ascii").strip(), salt="cabinet14d session")


def token_of(request: Request, tokens: TokenFile) -> Token | None:
    """The token that signed in, if its session is good and the token still is."""
    cookie = request.cookies.get(COOKIE)
    if not cookie or len(cookie) > 500:
        return None
    try:
        name, begins = request.app.state.signer.loads(cookie, max_age=HOURS * 3600)
    except (BadSignature, ValueError, TypeError):
        return None
    # The first digits of the hash: a token that was revoked and added again is another.
    return next((token for token in tokens.all() if token.name == name and token.hash[:16] == begins), None)


def begin(request: Request, response: Response, token: Token) -> None:
    """Sign in: http-only, and Lax, so that a pasted link works while a foreign form does not."""
    response.set_cookie(
        COOKIE,
        request.app.state.signer.dumps([token.name, token.hash[:16]]),
        max_age=HOURS * 3600,
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
        path="/",
    )


def end(request: Request, response: Response) -> None:
    """Sign out."""
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="lax", secure=request.url.scheme == "https")
