"""The four tabs: each reads what it shows through the API's own reads and gives the template its context."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from runner.web import reads
from runner.web.access import masked
from runner.web.filters import REASONS, STAGES, FinancialFilter, GapFilter, LimboFilter, Page
from runner.web.page import pictures
from runner.web.page.frame import Asked, Row, common
from runner.web.page.listing import Listing
from runner.web.page.templating import day_in, labels
from runner.web.page.texts import REASON_TONES, STAGE_TONES, STATUS_TONES, STATUSES
from runner.web.reads.drivers import SORTS as DRIVER_SORTS
from runner.web.reads.gap import SORTS as GAP_SORTS
from runner.web.reads.limbo import SORTS as LIMBO_SORTS

EXPORT = "/pagos/cobranza-yango/exportar"
FILE_ROWS = 10_000  # of limbo and gap; drivers are all in their file, or refused
DRIVERS = {"only_with_debt": "only_with_debt", "reached_milestone": "reached_milestone", "scout_id": "scout_id",
           "week_start": "week_start"}
LIMBO = {"limbo_stage": "limbo_stage", "week_start": "limbo_week", "lead_date_from": "limbo_from",
         "lead_date_to": "limbo_to"}
GAP = {"gap_reason": "gap_reason", "week_start": "gap_week", "lead_date_from": "gap_from", "lead_date_to": "gap_to",
       "milestone_value": "gap_milestone"}
MILESTONES = {"m1": ("solo M1", "M1 only"), "m5": ("M5 sin M25", "M5 but not M25"), "m25": ("M25", "M25")}


def resumen(ask: Asked) -> Row:
    """Identity and claims at a glance, the money, and where both get stuck."""
    context = common(ask, "resumen")
    listing = drivers_listing(ask)
    listing.size = 1
    _read_drivers(ask, listing)
    charts = [pictures.funnel(ask, ask.rows_of_run("funnel")[0]), pictures.aging(ask, ask.rows_of_run("aging"))]
    return {**context, "drivers": listing, "filtered": listing.summary, "filter_words": _filter_words(ask, listing),
            "charts": charts}


def kpis(ask: Asked) -> Row:
    """Money per week, and where the leads of each week stand."""
    context = common(ask, "kpis")
    weekly = ask.rows_of_run("weekly")[-pictures.WEEKS:]
    label = labels(context["catalogue"], ask.language)
    return {**context, "charts": [pictures.stages(ask, weekly, label), pictures.due(ask, weekly, context["weeks"])]}


def conductores(ask: Asked) -> Row:
    """Drivers with their money."""
    context = common(ask, "conductores")
    listing = _read_drivers(ask, drivers_listing(ask))
    return {**context, "drivers": listing, "filtered": listing.summary,
            "week_options": _weeks(ask, [row["week_start"] for row in context["weeks"]])}


def recovery(ask: Asked) -> Row:
    """The identity gap, leads in limbo, claims missing."""
    context = common(ask, "recovery")
    label = labels(context["catalogue"], ask.language)
    limbo = limbo_listing(ask).read(LimboFilter.from_query, _reader(ask, reads.limbo), ask.language)
    gap = gap_listing(ask).read(GapFilter.from_query, _reader(ask, reads.gap), ask.language)
    return {**context, **_identity(ask), "limbo": limbo, "gap": gap, **_codes(ask, label, limbo.summary),
            "reason": _reason(ask, label),
            "week_options": _weeks(ask, [row["week_start"] for row in reversed(ask.rows_of_run("weekly"))]),
            "charts": [pictures.watched(ask, ask.rows_of_run("watched")), pictures.told(ask, ask.rows("told"))]}


TABS: Mapping[str, Callable[[Asked], Row]] = {
    "resumen": resumen, "kpis": kpis, "conductores": conductores, "recovery": recovery
}


# --- lists ----------------------------------------------------------------------------------------------------

def drivers_listing(ask: Asked) -> Listing:
    """Conductores, with debt only unless told otherwise."""
    return Listing("conductores", ask.t("conductores", "drivers"), ask.params, DRIVERS, tuple(DRIVER_SORTS),
                   "-lead_date", size=100, defaults={"only_with_debt": "true"},
                   export_path=_export(ask, "conductores"))


def limbo_listing(ask: Asked) -> Listing:
    """Leads en Limbo."""
    return Listing("limbo", ask.t("leads en limbo", "leads in limbo"), ask.params, LIMBO, tuple(LIMBO_SORTS),
                   "-week_start", export_path=_export(ask, "limbo"), export_rows=FILE_ROWS)


def gap_listing(ask: Asked) -> Listing:
    """Claims Gap."""
    note = ask.t("Todo hito alcanzado tiene su claim.", "Every milestone reached has its claim.")
    return Listing("gap", "claims gap", ask.params, GAP, tuple(GAP_SORTS), "-week_start",
                   export_path=_export(ask, "gap"), export_rows=FILE_ROWS, empty_note=note)


def _export(ask: Asked, kind: str) -> str | None:
    return f"{EXPORT}/{kind}" if ask.visitor.is_operator else None


def _reader(ask: Asked, read: Callable[..., Row]) -> Callable[[Any, Page], Row]:
    return lambda wanted, page: masked(ask.visitor, read(ask.cursor, wanted, page))


def _read_drivers(ask: Asked, listing: Listing) -> Listing:
    return listing.read(FinancialFilter.from_query, _reader(ask, reads.financial), ask.language)


# --- texts and options ------------------------------------------------------------------------------------------

def _weeks(ask: Asked, weeks: list[Any]) -> list[tuple[str, str]]:
    every = [("", ask.t("Todas las semanas", "All weeks"))]
    return every + [(week.isoformat(), day_in(ask.language, week)) for week in weeks]


def _filter_words(ask: Asked, listing: Listing) -> str:
    """The filters of Conductores in words."""
    query = listing.query()
    debt = query.get("only_with_debt") == "true"
    words = [ask.t("solo con deuda", "with debt only") if debt else ask.t("todos", "all")]
    if query.get("reached_milestone") in MILESTONES:
        words.append(ask.t(*MILESTONES[query["reached_milestone"]]))
    if query.get("scout_id"):
        words.append(f"scout {query['scout_id']}")
    if query.get("week_start"):
        words.append(f"{ask.t('semana', 'week')} {query['week_start']}")
    text = ", ".join(words)
    return text[0].upper() + text[1:]


def _codes(ask: Asked, label: Callable[..., str], summary: Row) -> Row:
    """Stages, reasons and statuses with their words and tones."""
    return {
        "stages": [(stage, summary.get(f"limbo_{stage.lower()}"), STAGE_TONES[stage]) for stage in STAGES],
        "stage_tones": STAGE_TONES,
        "reason_tones": REASON_TONES,
        "status_tones": STATUS_TONES,
        "stage_options": [("", ask.t("Todas las etapas", "All stages")),
                          *((code, label("stage", code)) for code in STAGES)],
        "reason_options": [("", ask.t("Todas (las que faltan)", "All (the missing ones)")),
                           *((code, label("reason", code)) for code in REASONS)],
        "status_text": lambda code: ask.t(*STATUSES[code]) if code in STATUSES else label("reason", code),
    }


def _reason(ask: Asked, label: Callable[..., str]) -> Callable[[Row], str]:
    """The sentence of a lead: its own, if relations are built in the reader's language; else that of its stage."""
    if ask.language == ask.request.app.state.language:
        return lambda row: str(row["limbo_reason_detail"])
    return lambda row: f"{label('stage', row['limbo_stage'], 'detail')} {label('stage', row['limbo_stage'], 'action')}"


def _identity(ask: Asked) -> Row:
    """The identity block: suggestions, alerts, and how long ago each job succeeded."""
    alerts = reads.alerts(ask.cursor)
    built_in = ask.request.app.state.language
    return {
        "suggestions": reads.suggestions(ask.cursor, None, None, Page(limit=10)),
        "alerts": alerts,
        "firing": [row for row in alerts["data"] if row["state"] == "FIRING"],
        "jobs": ask.rows("jobs"),
        "data_lang": "" if built_in == ask.language else f" lang={built_in}",
    }
