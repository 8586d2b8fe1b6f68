"""How the page behaves: without JavaScript, in any time zone, in both languages, quickly, readably for everybody."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import closing
from typing import Any
from urllib.parse import urlsplit

import httpx
import psycopg2
import pytest

from tests.browser.conftest import Site
from tests.browser.reading import cards, follow, table

Open = Callable[..., Any]
TABS = ("resumen", "kpis", "conductores", "recovery")
SHIFTS = """() => new Promise(done => {
    let sum = 0;
    new PerformanceObserver(list => list.getEntries().forEach(each => { sum += each.value; }))
        .observe({type: 'layout-shift', buffered: true});
    requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => done(sum), 50)));
})"""


@pytest.mark.parametrize("zone", ["America/Lima", "Pacific/Kiritimati"])
def test_no_zone_moves_a_date(site: Site, open_page: Open, zone: str) -> None:
    """Everywhere the page shows the dates of the API (F36), and the moment of publication in the business zone."""
    page = open_page(site.page(tab="recovery"), timezone_id=zone)
    shown = [row[1] for row in table(page, "#limbo-table")]
    api = [row["lead_date"] for row in site.api("cabinet-financial-14d/limbo", limit=50)["data"]]
    months = ("ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "set", "oct", "nov", "dic")
    assert shown == [f"{date[8:]} {months[int(date[5:7]) - 1]} {date[:4]}" for date in api]
    [(as_of, built, run)] = site.sql("""
        select to_char(as_of_date, 'DD "ene" YYYY'),
            to_char(published_at at time zone 'America/Lima', 'HH24:MI'), run_id
        from ops.runs where is_live""")
    fresh = re.sub(r"\s+", " ", page.locator(".fresh").inner_text()).strip()
    assert fresh.startswith(f"Datos al {as_of}, corrida {run} · publicada ") and fresh.endswith(built)


def test_without_javascript(site: Site, open_page: Open) -> None:
    """Tabs, cards, sorting, pages and forms are links and forms."""
    page = open_page(site.page(), java_script_enabled=False)
    follow(page.get_by_role("link", name="Recovery & Gaps"))
    follow(page.locator("#limbo-cards").get_by_role("link", name="Sin conductor"))
    follow(page.locator("#limbo-table").get_by_role("link", name="Lead date"))
    follow(page.locator("#limbo").get_by_role("link", name="Siguiente"))
    page.locator("#f-gap_milestone").select_option("5")
    follow(page.get_by_role("form", name="Filtros de claims gap").get_by_role("button"))
    params = httpx.URL(page.url).params
    assert dict(params) == {"tab": "recovery", "limbo_stage": "NO_DRIVER", "limbo_sort": "-lead_date",
                            "limbo_page": "2", "gap_milestone": "5"}
    api = site.api("cabinet-financial-14d/limbo", limbo_stage="NO_DRIVER", sort="-lead_date", limit=50, offset=50)
    first = page.locator("#limbo-table tbody tr").first
    assert api["data"][0]["lead_source_pk"] in first.inner_text() + first.locator(".full").first.text_content()
    page.locator("#alertas summary").click()
    assert page.locator("#alerts").is_visible()


def test_english(site: Site, open_page: Open) -> None:
    """One switch, kept by every link; no Spanish word is left where a person reads."""
    spanish = re.compile(r"\b(Conductores|Semana|Deuda|Pagado|Filtrar|Exportar|Mostrando|Sin|Datos|Etapa|Razón|ene)\b")
    page = open_page(site.page())
    assert page.locator("html").get_attribute("lang") == "es"
    follow(page.get_by_role("link", name="English"))
    for tab in ("Summary", "Weekly KPIs", "Drivers", "Recovery & Gaps"):
        follow(page.get_by_role("navigation", name="Sections").get_by_role("link", name=tab))
        assert httpx.URL(page.url).params["lang"] == "en"
        assert page.locator("html").get_attribute("lang") == "en"
        page.evaluate("document.querySelectorAll('[lang=es]').forEach(each => each.remove())")
        assert spanish.findall(page.locator("body").inner_text()) == []
    assert "50 of 849 results" in page.locator("#limbo .pager").inner_text()
    page.goto(site.page(tab="recovery", lang="en", gap_reason="CLAIM_EXPIRED"))
    assert [row[8] for row in table(page, "#gap-table")] == ["Claim expired"] * 2
    follow(page.get_by_role("link", name="Español"))
    assert page.locator("html").get_attribute("lang") == "es" and "gap_reason=CLAIM_EXPIRED" in page.url


@pytest.mark.parametrize("tab", TABS)
@pytest.mark.parametrize("width", [390, 1440])
def test_each_tab(site: Site, open_page: Open, tab: str, width: int) -> None:
    """No request to another host, nothing shifts or sticks out, the page is small, axe finds nothing serious."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    address = site.page(tab=tab, only_with_debt="false", limbo_page=2)
    page = open_page(address, width=width, color_scheme="light")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    answer = page.reload()
    assert {urlsplit(url).netloc for url in asked} == {urlsplit(site.address).netloc}
    assert len(answer.body()) < 150_000
    assert page.evaluate(SHIFTS) == 0
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.said == []
    # A week is enough for the rules: they look at every cell, and every kind of cell is in it.
    page.goto(site.page(tab=tab, week_start="2025-12-15", limbo_week="2025-12-22", gap_week="2025-12-15"))
    page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true; })")
    check_axe(page, axe)


def check_axe(page: Any, axe: Any) -> None:
    """All rules in light; in dark the one that colours can break."""
    assert serious(axe.run(page)) == []
    page.emulate_media(color_scheme="dark")
    assert serious(axe.run(page, options={"runOnly": ["color-contrast"], "resultTypes": ["violations"]})) == []


def serious(results: Any) -> list[str]:
    return [f"{each['id']}: {node['target']} {node['failureSummary']}" for each in results.response["violations"]
            if each["impact"] in ("serious", "critical") for node in each["nodes"][:3]]


def test_other_pages_are_readable_too(guarded: tuple[Site, dict[str, str]], unbuilt: Site, open_page: Open) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    for address, status in ((guarded[0].page(), 200), (unbuilt.page(), 503)):
        check_axe(open_page(address, width=390, wanted=status), axe)


def test_the_keyboard_is_enough(site: Site, open_page: Open) -> None:
    page = open_page(site.page(tab="recovery"))
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.locator(".skip").bounding_box()["y"] >= 0
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "contenido"
    page.keyboard.press("Tab")
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineWidth")
    assert page.evaluate("document.activeElement.textContent.trim()").startswith("Resumen") and outline == "3px"
    tables = page.evaluate("""() => [...document.querySelectorAll('table')].map(each =>
        [...each.querySelectorAll('thead th')].every(th => th.scope === 'col') &&
        !!(each.caption || each.closest('[aria-label], [aria-labelledby]')))""")
    assert tables == [True] * len(tables) and len(tables) >= 5
    unlabelled = page.evaluate("""() => [...document.querySelectorAll('select, input:not([type=hidden])')]
        .filter(each => !each.labels.length).length""")
    assert unlabelled == 0


def test_nothing_built_yet(unbuilt: Site, open_page: Open) -> None:
    page = open_page(unbuilt.page(), wanted=503)
    assert page.locator("h1").inner_text() == "Aún no hay datos"
    assert "Ejecute «cabinet14d nightly»" in page.locator("main").inner_text()
    assert "psycopg" not in page.content()


def test_old_data_says_that_it_is_old(site: Site, open_page: Open) -> None:
    page = open_page(site.page())
    assert page.locator(".notice").count() == 0
    with closing(psycopg2.connect(**site.where.conninfo())) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        cursor.execute("update ops.runs set published_at = published_at - interval '50 hours' where is_live")
        try:
            page.reload()
            assert "50 horas" in page.locator(".notice").inner_text()
            assert cards(page, "#money") and page.locator(".fresh-stale").count() == 1
        finally:
            cursor.execute("update ops.runs set published_at = published_at + interval '50 hours' where is_live")


def test_an_address_that_does_not_exist(site: Site, open_page: Open) -> None:
    page = open_page(f"{site.address}/pagos/cobranza-yango/exportar/todo", wanted=404)
    assert page.locator("h1").inner_text() == "No se encontró"
    follow(page.get_by_role("link", name="Ir al inicio"))
    assert page.url == f"{site.address}/pagos/cobranza-yango"
