"""The page: its router, and what it answers to a refusal."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from runner.web.page.templating import render
from runner.web.problems import Problem

router = APIRouter(include_in_schema=False)


def problem_page(request: Request, problem: Problem) -> Response:
    """A refusal for people."""
    return render(request, "problem.html", status=problem.status, problem=problem)
