"""The page /pagos/cobranza-yango: rendered on the server from the same reads as the API; it writes nothing."""

from __future__ import annotations

from runner.web.page.routes import problem_page, router

__all__ = ["problem_page", "router"]
