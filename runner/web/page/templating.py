"""The page's templates: one environment, the filters that show money, numbers and dates, and `render`."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import jinja2
from fastapi import Request
from fastapi.responses import HTMLResponse

from runner.web import access

PAGE = "/pagos/cobranza-yango"
WEB = Path(__file__).resolve().parent.parent
MONTHS = {
    "es": ("ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "set", "oct", "nov", "dic"),
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
}
NONE = "–"

Values = Mapping[str, Any]


def render(request: Request, name: str, *, status: int = 200, **context: Any) -> HTMLResponse:
    """The template as a response; `visitor`, `freshness` and `catalogue` are read from the context."""
    page = environment().get_template(name).render(**base(request, context), **context)
    # The page holds personal data and changes with the run: no cache in between, and the browser asks each time.
    return HTMLResponse(page, status, {"cache-control": "private, no-cache", "vary": "cookie"})


def base(request: Request, given: Values) -> dict[str, Any]:
    """What every template can use: the language, texts in it, and links that keep the rest of the state."""
    language = language_of(request, given.get("visitor"))
    return {
        "request": request,
        "lang": language,
        "zone": zone_of(request),
        "t": lambda es, en: en if language == "en" else es,
        "label": labels(given.get("catalogue") or {}, language),
        "here": lambda **changes: link(request.url.path, request.query_params, changes),
        "page_link": lambda **changes: link(PAGE, {"lang": request.query_params.get("lang")}, changes),
    }


def language_of(request: Request, visitor: Any = None) -> str:
    """What the visitor brings (`?lang=` first, the setting last), or what the request says when nobody is known."""
    return str(visitor.language if visitor else access.language_of(request))


def zone_of(request: Request) -> ZoneInfo:
    """The business time zone; moments are shown in it, whatever zone the browser is in."""
    return ZoneInfo(request.app.state.timezone)


def labels(catalogue: Mapping[Any, Any], language: str) -> Callable[..., str]:
    """`label(kind, code, part='label')`: the catalogue's text of a code; the code itself if it has none."""

    def label(kind: str, code: Any, part: str = "label") -> str:
        entry: Values = catalogue.get((kind, code)) or {}
        return str(entry.get(f"{part}_{language}") or code or NONE)

    return label


def link(path: str, params: Values, changes: Values) -> str:
    """A link with some parameters changed; None or '' takes one away, `_hash` names a place on the page."""
    merged = {**{name: params[name] for name in params}, **changes}
    place = merged.pop("_hash", None)
    words = urlencode([(name, value) for name, value in merged.items() if value not in (None, "")])
    return path + (f"?{words}" if words else "") + (f"#{place}" if place else "")


@cache
def environment() -> jinja2.Environment:
    """One environment for the process; everything is escaped, and a name that is missing is an error."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(WEB / "templates"),
        autoescape=True,
        undefined=jinja2.ChainableUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(money=money, number=number, percent=percent, day=day, moment=moment, iso=iso, positive=positive)
    made.globals.update(asset=asset, PAGE=PAGE)
    return made


@cache
def asset(name: str) -> str:
    """Address of a static file that changes when the file does, so that browsers may keep it."""
    content = (WEB / "static" / name).read_bytes()
    return f"/static/{name}?v={hashlib.sha256(content).hexdigest()[:10]}"


def _decimal(value: Any) -> Decimal | None:
    if value is None or isinstance(value, jinja2.Undefined):
        return None
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None


def money(value: Any) -> str:
    """`S/ 1,234.50`; a dash for what is not known."""
    amount = _decimal(value)
    if amount is None:
        return NONE
    return f"{'−' if amount < 0 else ''}S/\N{NO-BREAK SPACE}{abs(amount):,.2f}"


def number(value: Any) -> str:
    """`1,234`: whole numbers without decimals, others with one."""
    amount = _decimal(value)
    if amount is None:
        return NONE
    return f"{amount:,.0f}" if amount == amount.to_integral_value() else f"{amount:,.1f}"


def percent(value: Any) -> str:
    """`84.69 %`, of a value that is already in percent."""
    amount = _decimal(value)
    return NONE if amount is None else f"{amount:,.2f}\N{NO-BREAK SPACE}%"


def positive(value: Any) -> bool:
    """Whether an amount is more than nothing."""
    amount = _decimal(value)
    return amount is not None and amount > 0


def iso(value: Any) -> str:
    """`2026-11-24` of a date or of its text."""
    return value.isoformat() if isinstance(value, date) else str(value or "")


@jinja2.pass_context
def day(context: jinja2.runtime.Context, value: Any) -> str:
    """`24 nov 2026`: a date without a time belongs to no zone, so nothing can move it by a day (F36)."""
    if value is None or value == "" or isinstance(value, jinja2.Undefined):
        return NONE
    return day_in(_language(context), value if isinstance(value, date) else date.fromisoformat(str(value)[:10]))


def day_in(language: str, value: date) -> str:
    """`24 nov 2026` in a language."""
    return f"{value.day:02d}\N{NO-BREAK SPACE}{MONTHS[language][value.month - 1]}\N{NO-BREAK SPACE}{value.year}"


@jinja2.pass_context
def moment(context: jinja2.runtime.Context, value: Any) -> str:
    """`24 nov 2026, 06:53`: a moment, in the business time zone."""
    if value is None or value == "" or isinstance(value, jinja2.Undefined):
        return NONE
    read = value if isinstance(value, datetime) else datetime.fromisoformat(str(value).replace("Z", "+00:00"))
    local = read.astimezone(context["zone"]) if read.tzinfo else read
    return f"{day(context, local.date())}, {local:%H:%M}"


def _language(context: jinja2.runtime.Context) -> str:
    language = context.get("lang")
    return language if language in MONTHS else "es"
