"""What people do with the lists: filter, sort, page, export, look at the whole of a shortened cell."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from runner.web.reads.drivers import SORTS as DRIVER_SORTS
from runner.web.reads.gap import SORTS as GAP_SORTS
from runner.web.reads.limbo import SORTS as LIMBO_SORTS
from tests.browser.conftest import Site
from tests.browser.reading import cards, day, follow, number, table

Open = Callable[..., Any]
LIMBO = "cabinet-financial-14d/limbo"
GAP = "cabinet-financial-14d/claims-gap"
DRIVERS = "cabinet-financial-14d"


def keys(page: Any) -> list[str]:
    return [row[2] for row in table(page, "#limbo-table")]


def test_a_form_makes_a_link_that_can_be_pasted(site: Site, open_page: Open) -> None:
    page = open_page(site.page(tab="recovery", gap_milestone=5))
    page.locator("#f-limbo_stage").select_option("NO_DRIVER")
    page.locator("#f-limbo_week").select_option("2025-12-15")
    page.locator("#f-limbo_from").fill("2025-12-16")
    page.locator("#f-limbo_to").fill("2025-12-18")
    follow(page.get_by_role("form", name="Filtros de leads en limbo").get_by_role("button", name="Filtrar"))
    api = site.api(LIMBO, limbo_stage="NO_DRIVER", week_start="2025-12-15", lead_date_from="2025-12-16",
                   lead_date_to="2025-12-18")
    expected = [row["lead_source_pk"] for row in api["data"]]
    assert keys(page) == expected and 0 < len(expected) < 50
    # The other list keeps its own filter, and the address alone says all of it.
    again = open_page(page.url)
    assert keys(again) == expected
    assert again.locator("#f-gap_milestone").input_value() == "5"
    assert {row[4] for row in table(again, "#gap-table")} == {"M5"}
    assert [again.locator(f"#f-limbo_{name}").input_value() for name in ("stage", "week", "from", "to")] == [
        "NO_DRIVER", "2025-12-15", "2025-12-16", "2025-12-18"]
    follow(again.locator("#limbo").get_by_role("link", name="Limpiar"))
    assert keys(again) == [row["lead_source_pk"] for row in site.api(LIMBO, limit=50)["data"]]


@pytest.mark.parametrize(("field", "value", "api"), [
    ("gap_reason", "DUPLICATE_LEAD", {"gap_reason": "DUPLICATE_LEAD"}),
    ("gap_week", "2025-12-15", {"week_start": "2025-12-15"}),
    ("gap_milestone", "25", {"milestone_value": "25"}),
])
def test_each_filter_of_the_gap(site: Site, open_page: Open, field: str, value: str, api: dict[str, str]) -> None:
    page = open_page(site.page(tab="recovery"))
    page.locator(f"#f-{field}").select_option(value)
    follow(page.get_by_role("form", name="Filtros de claims gap").get_by_role("button", name="Filtrar"))
    answer = site.api(GAP, limit=50, **api)
    assert [(row[2], row[4]) for row in table(page, "#gap-table")] == [
        (row["lead_source_pk"], f"M{row['milestone_value']}") for row in answer["data"]] != []


@pytest.mark.parametrize(("field", "value"), [
    ("only_with_debt", "false"), ("reached_milestone", "m1"), ("reached_milestone", "m25"),
    ("week_start", "2025-12-01"), ("scout_id", "35"),
])
def test_each_filter_of_drivers(site: Site, open_page: Open, field: str, value: str) -> None:
    page = open_page(site.page(tab="conductores"))
    box = page.locator(f"#f-{field}")
    box.fill(value) if field == "scout_id" else box.select_option(value)
    follow(page.get_by_role("button", name="Filtrar"))
    answer = site.api(DRIVERS, limit=100, **{"only_with_debt": "true", field: value})
    rows = table(page, "#drivers")
    assert all(driver["driver_id"] in row[0] for driver, row in zip(answer["data"], rows, strict=True))
    assert rows and page.locator("#drivers caption").inner_text().startswith(f"{answer['meta']['total']} conductores")


def test_a_card_sets_the_filter_that_it_is(site: Site, open_page: Open) -> None:
    page = open_page(site.page(tab="recovery", limbo_page=3))
    before = cards(page, "#limbo-cards")
    follow(page.locator("#limbo-cards").get_by_role("link", name="Viajes sin claim"))
    assert cards(page, "#limbo-cards") == before
    assert {row[3] for row in table(page, "#limbo-table")} == {"Viajes sin claim"}
    assert len(table(page, "#limbo-table")) == min(50, number(before["Viajes sin claim"]) or 0)
    assert page.locator("#limbo-cards [aria-current]").inner_text().startswith("Viajes sin claim")
    follow(page.locator("#limbo-cards").get_by_role("link", name="Total"))
    assert "limbo_page" not in page.url and len(keys(page)) == 50


@pytest.mark.parametrize(("tab", "key", "sorts", "selector", "path"), [
    ("recovery", "limbo", LIMBO_SORTS, "#limbo-table", LIMBO), ("recovery", "gap", GAP_SORTS, "#gap-table", GAP),
    ("conductores", "conductores", DRIVER_SORTS, "#drivers", DRIVERS),
])
def test_every_heading_that_sorts_does(site: Site, open_page: Open, tab: str, key: str, sorts: dict[str, str],
                                       selector: str, path: str) -> None:
    page = open_page(site.page(tab=tab))
    links = page.locator(f"{selector} thead a")
    assert links.count() >= 6
    for at in range(links.count()):
        for _ in range(2 if at == 0 else 1):
            follow(links.nth(at))
            sort = httpx.URL(page.url).params[f"{key}_sort"]
            assert sort.lstrip("-") in sorts
            heading = links.nth(at).locator("xpath=..")
            assert heading.get_attribute("aria-sort") == ("descending" if sort.startswith("-") else "ascending")
            debt = {"only_with_debt": "true"} if tab == "conductores" else {}
            answer = site.api(path, limit=100 if tab == "conductores" else 50, sort=sort, **debt)
            assert whole(page, selector, tab) == [identity(row, tab) for row in answer["data"]]


def whole(page: Any, selector: str, tab: str) -> list[str]:
    if tab == "conductores":
        return [row[0][-32:] for row in table(page, selector)]
    return [row[2] + (row[4] if selector == "#gap-table" else "") for row in table(page, selector)]


def identity(row: dict[str, Any], tab: str) -> str:
    if tab == "conductores":
        return str(row["driver_id"])
    return str(row["lead_source_pk"]) + (f"M{row['milestone_value']}" if "milestone_value" in row else "")


def test_pages_neither_repeat_nor_skip(site: Site, open_page: Open) -> None:
    week = "2025-11-17"
    page = open_page(site.page(tab="recovery", limbo_sort="limbo_stage", limbo_week=week))
    expected = site.sql("select lead_source_pk from ops.v_cabinet_leads_limbo where week_start = %s", week)
    seen: list[str] = []
    while True:
        shown = keys(page)
        line = page.get_by_role("navigation", name="Páginas de leads en limbo").locator("span").first.inner_text()
        assert line == f"Mostrando {len(seen) + 1} a {len(seen) + len(shown)} de {len(expected)} resultados"
        seen += shown
        following = page.locator("#limbo").get_by_role("link", name="Siguiente")
        if not following.count():
            break
        follow(following)
    assert sorted(seen) == sorted(key for (key,) in expected) and len(seen) > 150
    follow(page.locator("#limbo").get_by_role("link", name="Anterior"))
    assert keys(page) == seen[-50 - len(shown):-len(shown)]


def test_one_page_has_no_pager_and_a_page_too_far_is_the_last(site: Site, open_page: Open) -> None:
    page = open_page(site.page(tab="recovery", limbo_page=999, gap_milestone=25))
    assert page.locator("#limbo .pager").inner_text().startswith("Mostrando 801 a 849 de 849")
    assert page.locator("#gap .pager").count() == 0
    assert len(table(page, "#gap-table")) == 6


@pytest.mark.parametrize(("tab", "block", "params", "path", "name"), [
    ("recovery", "#limbo", {"limbo_stage": "NO_IDENTITY", "limbo_from": "2025-12-01"},
     LIMBO + "/export?limit=10000&limbo_stage=NO_IDENTITY&lead_date_from=2025-12-01", "cabinet_limbo_"),
    ("recovery", "#gap", {"gap_milestone": "5"}, GAP + "/export?limit=10000&milestone_value=5", "cabinet_claims_gap_"),
    ("conductores", "#conductores", {"reached_milestone": "m5"},
     DRIVERS + "/export?only_with_debt=true&reached_milestone=m5", "cabinet_financial_14d_"),
])
def test_export(site: Site, open_page: Open, tmp_path: Path, tab: str, block: str, params: dict[str, str], path: str,
                name: str) -> None:
    """The file holds what the filters choose, all pages of it, the same bytes as the API's."""
    page = open_page(site.page(tab=tab, **params))
    with page.expect_download() as waiting:
        page.locator(block).get_by_role("link", name="Exportar CSV").click()
    waiting.value.save_as(tmp_path / "file.csv")
    content = (tmp_path / "file.csv").read_bytes()
    assert re.fullmatch(name + r"\d{4}-\d\d-\d\d\.csv", waiting.value.suggested_filename)
    assert content == httpx.get(f"{site.address}/api/v1/ops/payments/{path}").content
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    assert len(rows) - 1 == site.api(path.split("?")[0].removesuffix("/export"), limit=1,
                                     **httpx.QueryParams(path.split("?")[1]).remove("limit"))["meta"]["total"] > 0


def test_a_shortened_cell_shows_the_whole_on_hover_and_on_focus(site: Site, open_page: Open) -> None:
    page = open_page(site.page(tab="recovery"))
    cells = page.locator("#limbo-table tbody tr").first.locator(".clip")
    assert cells.count() >= 2
    for at in range(cells.count()):
        whole_text = cells.nth(at).locator(".full")
        assert whole_text.bounding_box()["width"] <= 1
        cells.nth(at).hover()
        assert seen(page, whole_text)
        page.mouse.move(0, 0)
        assert whole_text.bounding_box()["width"] <= 1
        cells.nth(at).focus()
        assert seen(page, whole_text)
        page.locator("h1").click()


def seen(page: Any, text: Any) -> bool:
    """Whether the whole of it is on the screen and nothing lies over it."""
    box = text.bounding_box()
    size = page.viewport_size
    inside = box["x"] >= 0 and box["x"] + box["width"] <= size["width"] and box["y"] + box["height"] <= size["height"]
    return bool(inside and box["width"] > 60 and text.is_visible())


def test_nothing_found_says_so_and_leads_back(site: Site, open_page: Open) -> None:
    page = open_page(site.page(tab="recovery", limbo_stage="OK", limbo_from="2030-01-01"))
    assert page.locator("#limbo .empty h3").inner_text() == "Nada con estos filtros"
    assert page.locator("#limbo-table").count() == 0 and page.locator("#gap-table").count() == 1
    follow(page.locator("#limbo .empty").get_by_role("link", name="Quitar los filtros"))
    assert len(keys(page)) == 50


@pytest.mark.parametrize(("params", "sentence"), [
    ({"tab": "recovery", "limbo_from": "2026-01-02", "limbo_to": "2026-01-01"},
     "Error 400: La fecha «desde» es posterior a la fecha «hasta»."),
    ({"tab": "recovery", "limbo_week": "2026-01-06"}, "Error 400: La semana no empieza en lunes."),
    ({"tab": "recovery", "gap_reason": "'; drop table x"}, "Error 400: «Razón» tiene un valor que no existe."),
    ({"tab": "conductores", "scout_id": "siete"}, "Error 422: «Scout ID» tiene un valor que no vale."),
    ({"scout_id": "siete"}, "Error 422: «Scout ID» tiene un valor que no vale."),
    ({"tab": "recovery", "limbo_page": "0"}, "Error 422: «Página» tiene un valor que no vale."),
    ({"tab": "conductores", "conductores_sort": "1"}, "Error 400: «Orden» tiene un valor que no existe."),
])
def test_a_filter_that_is_refused_is_told_in_its_place(site: Site, open_page: Open, params: dict[str, str],
                                                       sentence: str) -> None:
    page = open_page(site.page(**params), wanted=int(sentence.split()[1].rstrip(":")))
    assert page.get_by_role("alert").locator("p").first.inner_text() == sentence
    assert page.get_by_role("navigation", name="Secciones").is_visible()
    follow(page.get_by_role("alert").get_by_role("link", name="Quitar los filtros"))
    assert page.get_by_role("alert").count() == 0


def test_sorted_money_is_sorted_as_numbers(site: Site, open_page: Open) -> None:
    page = open_page(site.page(tab="conductores", conductores_sort="-amount_due_yango"))
    amounts = [number(row[8]) or Decimal() for row in table(page, "#drivers")]
    assert amounts == sorted(amounts, reverse=True) and len(set(amounts)) > 2
    page = open_page(site.page(tab="recovery", limbo_sort="lead_date"))
    dates = [day(row[1]) for row in table(page, "#limbo-table")]
    assert dates == sorted(dates)  # type: ignore[type-var]
