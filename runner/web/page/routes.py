"""Routes of the page, and the page that tells of a problem."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from runner.web import routes_exports
from runner.web.access import Operator, Who
from runner.web.page import tabs, texts
from runner.web.page.frame import asked
from runner.web.page.templating import PAGE, WEB, language_of, link, render
from runner.web.pool import Reading
from runner.web.problems import Problem

router = APIRouter(include_in_schema=False)
FILES = {
    "limbo": ("cabinet_limbo", routes_exports.limbo, tabs.LIMBO),
    "gap": ("cabinet_claims_gap", routes_exports.gap, tabs.GAP),
    "conductores": ("cabinet_financial_14d", routes_exports.financial, tabs.DRIVERS),
}
ROWS = tabs.FILE_ROWS
KINDS = {".css": "text/css", ".svg": "image/svg+xml"}
STATIC = {file.name: KINDS[file.suffix] for file in (WEB / "static").iterdir() if file.suffix in KINDS}


@router.get("/")
def start(request: Request) -> Response:
    """The page is what people come for."""
    return RedirectResponse(link(PAGE, request.query_params, {}), 307)


@router.get(PAGE)
def show(request: Request, who: Who, cursor: Reading) -> Response:
    """One tab of the page; an unknown tab is the first. Fields that a form left empty go, so that links stay short."""
    if not all(request.query_params.values()):
        return RedirectResponse(link(PAGE, request.query_params, {}), 303)
    tab = request.query_params.get("tab", "")
    tab = tab if tab in tabs.TABS else "resumen"
    context = tabs.TABS[tab](asked(request, cursor, who))
    lists = [context[name] for name in ("limbo", "gap", "drivers") if name in context]
    status = next((each.problem.status for each in lists if each.problem), 200)
    return render(request, f"tab_{tab}.html", status=status, **context)


@router.get(f"{PAGE}/exportar/{{kind}}")
def export(request: Request, who: Operator, kind: str) -> Response:
    """The file of a list with its filters, as the API writes it; here a refusal is a page, and the name is a day's."""
    if kind not in FILES:
        raise Problem(404, "NOT_FOUND", "There is no such file.", "Go back to the start.")
    begins, write, known = FILES[kind]
    given = {name: request.query_params[name] for name in known if request.query_params.get(name)}
    response = write(request, who, {**given, "limit": str(ROWS), "lang": who.language})
    cut = f"_{ROWS}_de_{response.headers['x-total-rows']}" if response.headers["x-truncated"] == "true" else ""
    today = datetime.now(ZoneInfo(request.app.state.timezone)).date()
    response.headers["content-disposition"] = f'attachment; filename="{begins}_{today}{cut}.csv"'
    return response


@router.get("/static/{name}")
def static(name: str) -> Response:
    """The stylesheet and the icon; their addresses change with their content, so browsers keep them for a year."""
    if name not in STATIC:
        raise Problem(404, "NOT_FOUND", "There is no such file.", "Go back to the start.")
    forever = {"cache-control": "public, max-age=31536000, immutable"}
    return Response((WEB / "static" / name).read_bytes(), headers=forever, media_type=STATIC[name])


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
