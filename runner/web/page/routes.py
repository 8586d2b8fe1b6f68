"""Routes of the page, and the page that tells of a problem."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from runner.web.access import Visitor, visitor
from runner.web.page import tabs, texts
from runner.web.page.frame import asked
from runner.web.page.templating import PAGE, language_of, link, render
from runner.web.pool import reading
from runner.web.problems import Problem

router = APIRouter(include_in_schema=False)


@router.get("/")
def start(request: Request) -> Response:
    """The page is what people come for."""
    return RedirectResponse(link(PAGE, request.query_params, {}), 307)


@router.get(PAGE)
def show(request: Request, who: Visitor = Depends(visitor), cursor: Any = Depends(reading)) -> Response:
    """One tab of the page; an unknown tab is the first."""
    tab = request.query_params.get("tab", "")
    tab = tab if tab in tabs.TABS else "resumen"
    context = tabs.TABS[tab](asked(request, cursor, who))
    refused = [context[name].problem for name in ("limbo", "gap", "drivers") if name in context and context[name].problem]
    return render(request, f"tab_{tab}.html", status=refused[0].status if refused else 200, **context)


def problem_page(request: Request, problem: Problem) -> Response:
    """A problem as people read it: what is wrong, what to do next, and ways on."""
    language = language_of(request)
    told = texts.told(problem, language)
    home = link(PAGE, {"lang": request.query_params.get("lang")}, {})
    ways = [("Sign in" if language == "en" else "Entrar", link("/entrar", {}, {"lang": request.query_params.get("lang")}))]
    if problem.status != 401:
        ways = [("Go to the start" if language == "en" else "Ir al inicio", home)]
    response = render(request, "message.html", status=problem.status, title=texts.title(problem, language),
                      message=f"Error {told.status}: {told.message}", next=told.hint, ways=ways,
                      tone="orange" if problem.code in ("NOTHING_BUILT", "SIGN_IN", "OPERATORS_ONLY") else "red")
    response.headers.update(problem.headers)
    return response
