"""Who is asking, what they may see, and what is hidden from a viewer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import Depends, Request

from runner.web import sessions
from runner.web.problems import Problem
from runner.web.tokens import Token, TokenFile

Role = Literal["viewer", "operator"]
Language = Literal["es", "en"]

# Field names of personal data, wherever they stand; how each is hidden.
PHONES = frozenset({"park_phone", "phone", "phone_norm", "phone_normalized", "primary_phone"})
PLATES = frozenset(
    {"asset_plate_number", "plate", "plate_norm", "plate_normalized", "car_number", "car_normalized_number"}
)
NAMES = frozenset(
    {
        "lead_name",
        "driver_name",
        "first_name",
        "middle_name",
        "last_name",
        "full_name",
        "full_name_norm",
        "primary_full_name",
    }
)
DOCUMENTS = frozenset(
    {
        "license",
        "license_number",
        "license_norm",
        "license_normalized",
        "primary_license",
        "document_number",
        "primary_document",
        "key_value",
    }
)


@dataclass(frozen=True)
class Visitor:
    """Who asks: their role, the name of their token, and the language of texts."""

    role: Role
    name: str
    language: Language

    @property
    def is_operator(self) -> bool:
        """May see personal data and export."""
        return self.role == "operator"


def visitor(request: Request) -> Visitor:
    """Dependency: who asks. Raises a 401 Problem when a token is required and none is good."""
    language = language_of(request)
    tokens: TokenFile = request.app.state.tokens
    known = tokens.all()
    if not known and not request.app.state.require_token:
        return Visitor("operator", "local", language)
    token = _token(request, tokens)
    if token is None:
        raise Problem(
            401,
            "SIGN_IN",
            "This needs a token, and none that is good was given.",
            "Send it as 'Authorization: Bearer …', or sign in at /entrar.",
        ).with_headers(www_authenticate="Bearer")
    return Visitor(token.role, token.name, language)


Who = Annotated[Visitor, Depends(visitor)]


def operator(who: Who) -> Visitor:
    """Dependency: an operator. Raises a 403 Problem for a viewer."""
    if not who.is_operator:
        raise Problem(
            403,
            "OPERATORS_ONLY",
            "Viewers can't export: files leave with personal data.",
            "Ask for a token with the role operator.",
        )
    return who


Operator = Annotated[Visitor, Depends(operator)]


def language_of(request: Request) -> Language:
    """`lang` in the address, else the cookie that the page sets, else the setting."""
    chosen = request.query_params.get("lang") or request.cookies.get("c14d_lang") or request.app.state.language
    return "en" if chosen == "en" else "es"


def _token(request: Request, tokens: TokenFile) -> Token | None:
    kind, _, secret = request.headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer":
        return tokens.find(secret.strip())
    return sessions.token_of(request, tokens)


def masked(who: Visitor, rows: Any) -> Any:
    """The same rows; for a viewer with personal data hidden, also inside details. Takes a dict, a list, or a value."""
    if who.is_operator:
        return rows
    if isinstance(rows, dict):
        return {name: hide(name, masked(who, value)) for name, value in rows.items()}
    if isinstance(rows, Iterable) and not isinstance(rows, str | bytes):
        return [masked(who, row) for row in rows]
    return rows


def hide(field: str, value: Any) -> Any:
    """A personal value as a viewer sees it; anything else as it is."""
    if not isinstance(value, str) or not value:
        return value
    if field in PHONES:
        return "•••••" + value[-2:] if len(value) > 6 else "•••••"
    if field in PLATES or field in DOCUMENTS:
        return "•••••"
    if field in NAMES:
        return " ".join(f"{word[0]}." for word in value.split()) or value
    return value


def mask(who: Visitor, field: str, value: Any) -> Any:
    """One value as this visitor sees it."""
    return value if who.is_operator else hide(field, value)
