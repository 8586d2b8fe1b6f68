"""What the API's answers look like, for OpenAPI only: answers are written from what the database gave."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel


class Error(BaseModel):
    """The one error form."""

    error: dict[str, str]
    detail: str


class Limbo(BaseModel):
    """To be told in full."""


class Gap(Limbo):
    """To be told in full."""


GapSummary = Financial = WeeklyKpis = FunnelGap = Alerts = Runs = Run = Suggestions = Gap


def answers(model: Any, *, missing: bool = False) -> dict[int | str, dict[str, Any]]:
    """A route's answers."""
    refused = (400, 401, 403, 422, 429, 503, *((404,) if missing else ()))
    told: dict[int | str, dict[str, Any]] = {status: {"model": Error} for status in refused}
    return {200: {"model": model}, 304: {"description": "You have it already."}, **told}


def health_answers() -> dict[int | str, dict[str, Any]]:
    """Those of /healthz."""
    return {200: {}, 503: {}}
