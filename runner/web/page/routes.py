"""Routes of the page, and the page that tells of a problem."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from runner.web.access import Visitor, visitor
from runner.web.page import tabs, texts
from runner.web.page.frame import asked
from runner.web.page.templating import PAGE, language_of, link, render
from runner.web.pool import reading
from runner.web.problems import Problem

router = APIRouter(include_in_schema=False)
Who = Annotated[Visitor, Depends(visitor)]
Cursor = Annotated[Any, Depends(reading)]


@router.get("/")
def start(request: Request) -> Response:
    """The page is what people come for."""
    return RedirectResponse(link(PAGE, request.query_params, {}), 307)


@router.get(PAGE)
def show(request: Request, who: Who, cursor: Cursor) -> Response:
    """One tab of the page; an unknown tab is the first."""
    tab = request.query_params.get("tab", "")
    tab = tab if tab in tabs.TABS else "resumen"
    context = tabs.TABS[tab](asked(request, cursor, who))
    lists = [context[name] for name in ("limbo", "gap", "drivers") if name in context]
    status = next((each.problem.status for each in lists if each.problem), 200)
    return render(request, f"tab_{tab}.html", status=status, **context)


def problem_page(request: Request, problem: Problem) -> Response:
    """A problem as people read it: what is wrong, what to do next, and ways on."""
    language = language_of(request)
    told = texts.told(problem, language)
    kept = {"lang": request.query_params.get("lang")}
    ways = [("Go to the start" if language == "en" else "Ir al inicio", link(PAGE, kept, {}))]
    if problem.status == 401:
        ways = [("Sign in" if language == "en" else "Entrar", link("/entrar", kept, {"next": _asked_for(request)}))]
    response = render(request, "message.html", status=problem.status, title=texts.title(problem, language),
                      message=f"Error {told.status}: {told.message}", next=told.hint, ways=ways,
                      tone="orange" if problem.code in ("NOTHING_BUILT", "SIGN_IN", "OPERATORS_ONLY") else "red")
    response.headers.update(problem.headers)
    return response


def _asked_for(request: Request) -> str:
    """Where to go on after signing in."""
    return link(request.url.path, request.query_params, {})
