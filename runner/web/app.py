"""The application: routers, what they share, and the order in which a request meets it."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio.to_thread
import psycopg2
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from runner import __version__, warehouse
from runner.errors import CabinetError
from runner.settings import Settings
from runner.web import (
    openapi,
    page,
    problems,
    routes_docs,
    routes_exports,
    routes_health,
    routes_lists,
    routes_money,
    routes_sign_in,
    routes_watch,
    sessions,
    trace,
)
from runner.web.exports import Slots
from runner.web.guard import Guard
from runner.web.pool import Pool
from runner.web.problems import Problem
from runner.web.throttle import Throttle
from runner.web.tokens import TokenFile

log = logging.getLogger("cabinet14d.web")

BASES = ("/api/v1/ops/payments", "/api/v1/payments")


def create_app(settings: Settings, *, require_token: bool, hosts: frozenset[str] | None = None) -> FastAPI:
    """The API and the page on one database. With `require_token` nobody is let in without one; `hosts` None is any."""
    app = FastAPI(
        title="Cabinet 14d",
        version=__version__,
        docs_url=None,
        redoc_url=None,
        lifespan=_lifespan,
        openapi_url="/api/v1/openapi.json",
        redirect_slashes=False,
    )
    app.state.pool = Pool(settings)
    app.state.slots = Slots(app.state.pool)
    app.state.tokens = TokenFile(settings)
    app.state.signer = sessions.signer(settings)
    app.state.throttle = Throttle()
    app.state.require_token = require_token
    app.state.language = settings.text("language")
    app.state.timezone = settings.text("timezone")
    app.state.docs = warehouse.docs_page(settings)
    _add_errors(app)
    _add_routes(app)
    openapi.publish(app)
    origins = (settings["web_origins"] or "").split()
    if origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=origins,
            allow_methods=["GET"],
            allow_headers=["authorization"],
            expose_headers=["etag", "x-total-rows", "x-truncated"],
        )
    app.add_middleware(Guard, hosts=hosts)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    """As many worker threads as connections, and a few that need none (files, forms)."""
    anyio.to_thread.current_default_thread_limiter().total_tokens = app.state.pool.size + 4
    yield
    app.state.pool.close()


def _add_routes(app: FastAPI) -> None:
    routers = (routes_lists, routes_money, routes_exports, routes_watch, trace)
    for number, base in enumerate(BASES):
        for each in routers:
            app.include_router(each.router, prefix=base, include_in_schema=number == 0)
    for router in (routes_health.router, routes_sign_in.router, page.router, trace.page_router, routes_docs.router):
        app.include_router(router)


def _add_errors(app: FastAPI) -> None:
    """Whatever is raised becomes a problem in the one form."""

    @app.exception_handler(Problem)
    async def _problem(request: Request, error: Problem) -> Response:
        return problems.answer(request, error)

    @app.exception_handler(psycopg2.Error)
    async def _database(request: Request, error: psycopg2.Error) -> Response:
        problem = problems.from_database(error)
        log.warning("%s from the database (%s, code %s)", problem.code, type(error).__name__, error.pgcode)
        return problems.answer(request, problem)

    @app.exception_handler(CabinetError)
    async def _cabinet(request: Request, error: CabinetError) -> Response:
        log.error("%s", error.message)
        return problems.answer(request, problems.not_ready())

    @app.exception_handler(RequestValidationError)
    async def _invalid(request: Request, error: RequestValidationError) -> Response:
        first: Any = error.errors()[0] if error.errors() else {}
        field = str((first.get("loc") or ["request"])[-1])
        return problems.answer(request, problems.bad_value(field, f"{field} is not what it must be.", "Correct it."))

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> Response:
        return problems.answer(request, problems.from_status(error.status_code, dict(error.headers or {})))
