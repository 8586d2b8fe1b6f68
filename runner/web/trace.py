"""One lead end to end, as an API route; to be built."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter()
