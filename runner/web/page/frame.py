"""What every tab needs: who asks, how fresh the data is, the labels of codes, the tabs with their counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from fastapi import Request

from runner import queries
from runner.web import reads, sessions
from runner.web.access import Visitor
from runner.web.filters import FinancialFilter, KpiFilter, Page
from runner.web.memory import remembered
from runner.web.page.templating import PAGE, language_of, link

Row = dict[str, Any]
TABS = {"resumen": ("Resumen", "Summary", "", ""), "kpis": ("KPIs semanales", "Weekly KPIs", "semanas", "weeks"),
        "conductores": ("Conductores", "Drivers", "conductores", "drivers"),
        "recovery": ("Recovery & Gaps", "Recovery & Gaps", "sin identidad", "without identity")}
STALE_AFTER = timedelta(days=1)


@dataclass(frozen=True)
class Asked:
    """One request of the page: what a tab needs to read and to say."""

    request: Request
    cursor: Any
    visitor: Visitor
    language: str

    @property
    def params(self) -> Mapping[str, str]:
        """The parameters of the address."""
        return self.request.query_params

    def t(self, es: str, en: str) -> str:
        """A text in the reader's language."""
        return en if self.language == "en" else es

    def rows(self, name: str) -> list[Row]:
        """A named statement of the page."""
        self.cursor.execute(queries.get("page", name))
        return list(self.cursor.fetchall())

    def rows_of_run(self, name: str) -> list[Row]:
        """The same for what a published run never changes: asked once per run; only to be read."""
        fresh = reads.freshness(self.cursor)
        rows: list[Row] = remembered(
            self.cursor, ("page", name, fresh["run_id"], fresh["built_at"]), lambda: self.rows(name)
        )
        return rows


def asked(request: Request, cursor: Any, visitor: Visitor) -> Asked:
    """The request with its language settled once."""
    return Asked(request, cursor, visitor, language_of(request, visitor))


def freshness(cursor: Any) -> Row:
    """As of when, and whether that is long ago. Raises a Problem before the first publication."""
    fresh = reads.freshness(cursor)
    age = datetime.now(UTC) - fresh["built_at"]
    return {**fresh, "stale": age > STALE_AFTER, "age_hours": int(age / timedelta(hours=1))}


def catalogue(ask: Asked) -> dict[tuple[str, str], Row]:
    """Labels, details and actions of codes in both languages (D-13), by kind and code."""
    return {(row["kind"], row["code"]): row for row in ask.rows_of_run("catalogue")}


def common(ask: Asked, tab: str) -> Row:
    """The context that every tab shares."""
    fresh = freshness(ask.cursor)
    funnel = reads.funnel_gap(ask.cursor)
    weeks = reads.weekly_kpis(ask.cursor, KpiFilter())["weeks"]
    total = _total(ask.cursor)
    counts = {"kpis": len(weeks), "conductores": total["total_drivers"], "recovery": funnel["leads_without_identity"]}
    return {
        "visitor": ask.visitor,
        "signed_in": sessions.COOKIE in ask.request.cookies,
        "freshness": fresh,
        "catalogue": catalogue(ask),
        "tab": tab,
        "tab_name": ask.t(*TABS[tab][:2]),
        "tabs": [_tab(ask, key, counts.get(key)) for key in TABS],
        "funnel": funnel,
        "weeks": weeks,
        "total": total,
        "trace": lambda lead: link(f"{PAGE}/leads/{quote(str(lead), safe='')}", {}, {"lang": ask.params.get("lang")}),
    }


def _total(cursor: Any) -> Row:
    total: Row = reads.financial(cursor, FinancialFilter(), Page(limit=1))["summary_total"]
    return total


def _tab(ask: Asked, key: str, badge: int | None) -> Row:
    es, en, unit_es, unit_en = TABS[key]
    return {"key": key, "name": ask.t(es, en), "badge": badge, "unit": ask.t(unit_es, unit_en),
            "link": link(PAGE, ask.params, {"tab": None if key == "resumen" else key})}
