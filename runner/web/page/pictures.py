"""The pictures of each tab: the numbers come as rows, the texts in the reader's language."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from runner.web.page.charts import Chart, Series, bars
from runner.web.page.frame import Asked
from runner.web.page.templating import MONTHS, money, number
from runner.web.page.texts import BUCKETS, STAGE_TONES

Row = dict[str, Any]
STEPS = (("leads_total", "Leads", "Leads"), ("leads_with_identity", "Con identidad", "With identity"),
         ("leads_with_driver", "Con conductor", "With driver"), ("drivers_with_trips_14d", "Con viajes", "With trips"),
         ("reached_m1_14d", "M1", "M1"), ("reached_m5_14d", "M5", "M5"), ("reached_m25_14d", "M25", "M25"))
WEEKS = 26  # half a year can be looked at; the table has more
EVENTS = (("started", "Nuevos", "New", "red"), ("worsened", "Peores", "Worse", "orange"),
          ("reminded", "Siguen", "Still on", "yellow"), ("recovered", "Recuperados", "Recovered", "green"))
WATCHED = (("leads_no_identity", "Leads sin identidad", "Leads without identity", "red"),
           ("leads_trips_no_claim", "Viajes sin claim", "Trips without claim", "orange"),
           ("claims_missing", "Claims que faltan", "Claims missing", "accent"))


def days(ask: Asked, rows: Sequence[Row], name: str) -> list[str]:
    """`24 nov`: short enough to stand under a bar; the year is in the table's order."""
    return [f"{row[name].day:02d} {MONTHS[ask.language][row[name].month - 1]}" for row in rows]


def column(rows: Sequence[Row], name: str) -> list[Any]:
    """One value of every row."""
    return [row[name] for row in rows]


def funnel(ask: Asked, row: Row) -> Chart:
    """From lead to the last milestone."""
    return bars("funnel", ask.t("Embudo", "Funnel"),
                ask.t("Leads hasta el conductor; desde ahí, conductores por semana.",
                      "Leads as far as the driver; from there on, drivers per week."),
                [ask.t(es, en) for _, es, en in STEPS],
                [Series(ask.t("Cantidad", "Count"), "accent", [row[name] for name, _, _ in STEPS])],
                number, head=ask.t("Paso", "Step"), sideways=True)


def aging(ask: Asked, rows: Sequence[Row]) -> Chart:
    """Money due by how long it is overdue; every bucket has its place, so that none looks forgotten."""
    found = {row["bucket_overdue"]: row["amount_due"] for row in rows}
    return bars("aging", ask.t("Antigüedad de la deuda", "Aging"),
                ask.t("Monto pendiente de los claims con sustento, por días de atraso.",
                      "Amount due of the claims that a lead supports, by days overdue."),
                [ask.t(*words) for words in BUCKETS.values()],
                [Series(ask.t("Pendiente", "Due"), "red", [found.get(bucket, 0) for bucket in BUCKETS])],
                money, head=ask.t("Atraso", "Overdue"), sideways=True)


def stages(ask: Asked, weeks: Sequence[Row], label: Any) -> Chart:
    """Where the leads of each week stand."""
    return bars("stages", ask.t("Etapas por semana", "Stages per week"),
                ask.t("Leads de cada una de las últimas 26 semanas según dónde están hoy.",
                      "Leads of each of the last 26 weeks by where they stand today."),
                days(ask, weeks, "week_start"),
                [Series(label("stage", stage), tone, column(weeks, f"limbo_{stage.lower()}"))
                 for stage, tone in STAGE_TONES.items()],
                number, head=ask.t("Semana", "Week"), stacked=True)


def due(ask: Asked, weeks: Sequence[Row], kpis: Sequence[Row]) -> Chart:
    """Debt and missing claims of each week, in money."""
    debts = {row["week_start"]: row["debt_sum"] for row in kpis}
    return bars("due", ask.t("Deuda y gap por semana", "Debt and gap per week"),
                ask.t("Deuda de los conductores de la semana, y lo que aún les falta de claims a sus leads.",
                      "Debt of the week's drivers, and what the week's leads still lack a claim for."),
                days(ask, weeks, "week_start"),
                [Series(ask.t("Deuda", "Debt"), "accent", [debts.get(row["week_start"], 0) for row in weeks]),
                 Series(ask.t("Sin claim", "Without claim"), "orange", column(weeks, "debt_missing_total"))],
                money, head=ask.t("Semana", "Week"), axis=number)


def watched(ask: Asked, rows: Sequence[Row]) -> Chart:
    """What the main alerts watch, night by night."""
    return bars("watched", ask.t("Lo que vigilan los avisos", "What alerts watch"),
                ask.t("Por noche publicada, las últimas 30.", "Per published night, the last 30."),
                days(ask, rows, "as_of_date"),
                [Series(ask.t(es, en), tone, column(rows, name)) for name, es, en, tone in WATCHED],
                number, head=ask.t("Noche", "Night"))


def told(ask: Asked, rows: Sequence[Row]) -> Chart:
    """Which alerts were told, day by day."""
    return bars("told", ask.t("Historia de avisos", "Alert history"),
                ask.t("Avisos enviados por día y tipo, los últimos 30 días con avisos.",
                      "Alerts sent by day and kind, the last 30 days that have any."),
                days(ask, rows, "as_of_date"),
                [Series(ask.t(es, en), tone, column(rows, name)) for name, es, en, tone in EVENTS],
                number, head=ask.t("Día", "Day"), stacked=True)
