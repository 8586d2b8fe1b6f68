"""One lead end to end: the API route and the page, both of them the dict of runner.explain."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import Response

from runner import explain
from runner.errors import BadConfiguration
from runner.explain_identity import by_driver
from runner.explain_lines import clean
from runner.texts import LANGUAGES, Texts
from runner.web import parsing
from runner.web.access import Visitor, Who, hide, masked
from runner.web.answers import answers
from runner.web.meta import as_json
from runner.web.page.charts import Chart, Series, bars
from runner.web.page.frame import Row, freshness
from runner.web.page.templating import PAGE, language_of, link, number, render
from runner.web.page.texts import STAGE_TONES
from runner.web.params import Parameters
from runner.web.pool import Reading
from runner.web.problems import Problem, nothing_built

router = APIRouter(tags=["leads"])
page_router = APIRouter(include_in_schema=False)

LANGUAGE = Parameters(lang=({"type": "string", "enum": list(LANGUAGES)}, "Language of the sentences.", "en"))
Lead = Annotated[str, Path(description="lead_source_pk; if no lead has it, lead_id.", examples=["827"])]
TONES = {
    "JOB": "accent",
    "PERSON": "orange",
    "DRIVER": "yellow",
    "PLATFORM": "blue",
    "SOURCE": "grey",
    "NOBODY": "green",
}
HIDDEN = "•••••"


@router.get(
    "/leads/{lead:path}",
    operation_id="lead",
    summary="One lead end to end",
    responses=answers("Trace", 404, tagged=False),
    openapi_extra=LANGUAGE.openapi(),
)
def lead_trace(
    lead: Lead, who: Who, given: Annotated[dict[str, str], Depends(LANGUAGE.read)], cursor: Reading
) -> Response:
    """What was found at each step and why, from the original row to the payment, and what would have to be true for
    the lead to move on. Has no ETag: links, claims and the source row are told as they are at this moment."""
    trace, _ = _read(cursor, lead, parsing.choice(given, "lang", LANGUAGES) or who.language)
    return as_json(hidden(who, trace))


@page_router.get(PAGE + "/leads/{lead:path}")
def lead_page(request: Request, lead: str, who: Who, cursor: Reading) -> Response:
    """The same as a page."""
    language = language_of(request, who)
    found, texts = _read(cursor, lead, language)
    trace = _printable(hidden(who, found))
    stage = found["stage"]
    return render(
        request,
        "trace.html",
        visitor=who,
        signed_in=bool(request.cookies.get("c14d_session")),
        freshness=freshness(cursor),
        catalogue={},
        trace=trace,
        say=_say(texts),
        chart=_chart(trace, texts, language),
        hits=by_driver(trace["identity"]["candidates"]),
        tones=TONES,
        tone=STAGE_TONES.get(trace["stage"]["code"], "grey"),
        ways={name: _address(request, stage[name]) for name in ("duplicate_of", "overlaps") if stage[name]},
    )


def _read(cursor: Any, lead: str, language: str) -> tuple[Row, Texts]:
    try:
        return explain.trace(cursor, lead, language)
    except explain.NoSuchLead as error:
        raise Problem(404, "NO_SUCH_LEAD", error.message, error.hint, "lead") from error
    except BadConfiguration as error:
        raise nothing_built() from error


def _address(request: Request, lead: str) -> str:
    return link(f"{PAGE}/leads/{quote(lead, safe='')}", {"lang": request.query_params.get("lang")}, {})


def _printable(value: Any) -> Any:
    """Rows hold anything; a page holds no control signs, and none that turn the direction of what follows."""
    if isinstance(value, dict):
        return {name: _printable(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_printable(each) for each in value]
    return clean(value) if isinstance(value, str) else value


def _say(texts: Texts) -> Any:
    def say(code: str, **values: Any) -> str:
        return texts.label("trace", code, **values)

    return say


def hidden(who: Visitor, trace: Row) -> Row:
    """The trace as this visitor may see it: also matching forms, evidence, and what people wrote freely."""
    if who.is_operator:
        return trace
    shown: Row = _with_levels(masked(who, trace), trace)
    keys = shown["keys"]
    for name in ("plate_shape", "licence"):
        keys[name] = hide("plate", keys[name])
    for name in ("name_parts", "given_parts", "surname_parts"):
        keys[name] = [hide("full_name", part) for part in keys[name]]
    for candidate in shown["identity"]["candidates"]:
        driver = candidate["driver"]
        driver["name"], driver["licence"] = hide("full_name", driver["name"]), hide("license", driver["licence"])
    for its in (shown["person"] or {"links": []})["links"]:
        its["evidence"] = None
    return shown


def _with_levels(shown: Any, given: Any) -> Any:
    """How phones and plates compare is no phone or plate, and stays; reasons are free text that may name anybody."""
    if isinstance(shown, dict):
        return {name: _part(name, each, given[name]) for name, each in shown.items()}
    return [_with_levels(*pair) for pair in zip(shown, given, strict=True)] if isinstance(shown, list) else shown


def _part(name: str, shown: Any, given: Any) -> Any:
    if name in ("levels", "level_labels", "points"):
        return given
    return HIDDEN if name == "why" and given else _with_levels(shown, given)


def _chart(trace: Row, texts: Texts, language: str) -> Chart | None:
    """Trips per day; the days that brought a milestone stand out. None without a driver."""
    window = trace["window"]
    if not window or not window["days"]:
        return None
    days = window["days"]
    names = [str(int(day["day"][-2:])) for day in days]
    plain = [0 if day["milestones"] else day["trips"] or 0 for day in days]
    reaching = [day["trips"] if day["milestones"] else 0 for day in days]
    return bars(
        "trips",
        texts.label("trace", "trips"),
        "",
        names,
        [
            Series(texts.label("trace", "trips_of_day"), "blue", plain),
            Series(texts.label("trace", "milestone_day"), "green", reaching),
        ],
        number,
        stacked=True,
        axis=lambda trips: number(trips) if float(trips).is_integer() else "",
    )
