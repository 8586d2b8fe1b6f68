"""/healthz: whether the database answers, and the ages of the last build and run; needs no token, tells no data."""

from __future__ import annotations

import logging

import psycopg2
from fastapi import APIRouter, Request
from fastapi.responses import Response

from runner.errors import CabinetError
from runner.web import reads
from runner.web.answers import health_answers
from runner.web.meta import as_json
from runner.web.problems import Problem

router = APIRouter(tags=["health"])
log = logging.getLogger("cabinet14d.web")


@router.get("/healthz", operation_id="healthz", summary="Health", responses=health_answers())
def healthz(request: Request) -> Response:
    """200 while the database answers; `status` is STARTING before the first build. 503 when it does not."""
    try:
        with request.app.state.pool.reading() as cursor:
            found = reads.health(cursor)
    except (psycopg2.Error, CabinetError, Problem) as error:
        log.warning("healthz: the database does not answer (%s)", type(error).__name__)
        return as_json({"status": "DOWN", "database": "unreachable"}, 503)
    status = "STARTING" if found["run_id"] is None else "UP"
    return as_json({"status": status, "database": "reachable", **found})
