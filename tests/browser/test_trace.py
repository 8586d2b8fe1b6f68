"""A lead end to end, reached from the list: what the page tells is what the API and SQL tell; a viewer reads no key."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.browser.conftest import Site
from tests.browser.reading import day, follow, number, table
from tests.browser.test_access import sign_in
from tests.browser.test_quality import SHIFTS, check_axe

Open = Callable[..., Any]


def test_from_the_list_to_the_lead(site: Site, open_page: Open) -> None:
    page = open_page(site.page(tab="recovery", gap_milestone=25, lang="es"))
    lead = page.locator("#gap-table tbody th .full").first.text_content()
    follow(page.locator("#gap-table tbody th a").first)
    trace = site.api(f"leads/{lead}")
    [(name, stage, first_day, trips)] = site.sql("""
        select lead_name, limbo_stage, lead_date, trips_14d from ops.v_cabinet_leads_limbo
        where lead_source_pk = %s""", lead)
    assert page.locator("h1").inner_text() == trace["lead_name"] == name
    assert page.locator(".trace-badges code").inner_text() == trace["stage"]["code"] == stage == "TRIPS_NO_CLAIM"
    page.locator("figure summary").click()
    shown = table(page, "figure")
    assert [(str(day(row[0])), number(row[1]), number(row[2]), row[3]) for row in shown] == [
        (each["day"], each["trips"], each["running"], " ".join(each["milestones"])) for each in trace["window"]["days"]]
    assert number(shown[-1][2]) == trips and day(shown[0][0]) == first_day
    follow(page.get_by_role("link", name="Volver a la lista"))
    assert "tab=recovery" in page.url


@pytest.mark.parametrize("width", [390, 1440])
def test_it_is_readable(site: Site, open_page: Open, width: int) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    [(lead,)] = site.sql("select lead_source_pk from ops.v_identity_suggestions order by lead_id limit 1")
    page = open_page(f"{site.address}/pagos/cobranza-yango/leads/{lead}?lang=en", width=width)
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.evaluate(SHIFTS) == 0
    assert page.evaluate("document.documentElement.scrollWidth") == width
    check_axe(page, axe)


def test_a_viewer_reads_neither_name_nor_phone(guarded: tuple[Site, dict[str, str]], open_page: Open) -> None:
    site, secrets = guarded
    [(lead, name, phone, plate)] = site.sql("""
        select lead_source_pk, lead_name, park_phone, asset_plate_number from ops.v_cabinet_leads_limbo
        where length(park_phone) > 8 and length(asset_plate_number) > 5 and lead_name like '% %' and person_key is null
        order by lead_id limit 1""")
    seen = {}
    for role in ("viewer", "operator"):
        page = open_page(f"{site.address}/pagos/cobranza-yango/leads/{lead}")
        sign_in(page, secrets[role])
        seen[role] = page.content()
    assert [each in seen["operator"] for each in (name, phone, plate)] == [True] * 3
    assert [each in seen["viewer"] for each in (name, phone, plate, *name.split())] == [False] * (3 + len(name.split()))


def test_a_lead_that_does_not_exist(site: Site, open_page: Open) -> None:
    page = open_page(f"{site.address}/pagos/cobranza-yango/leads/nadie", wanted=404)
    assert page.locator("h1").inner_text() == "No se encontró"
    assert "Error 404: No hay un lead con esa clave." in page.locator("main").inner_text()


def test_dates_are_the_days_of_the_window(site: Site, open_page: Open) -> None:
    """The fourteen days of a window begin with the lead's, in every zone."""
    [(lead, first)] = site.sql("""
        select lead_source_pk, lead_date from ops.v_cabinet_leads_limbo where trips_14d > 0 order by lead_id limit 1""")
    page = open_page(f"{site.address}/pagos/cobranza-yango/leads/{lead}", timezone_id="Pacific/Kiritimati")
    page.locator("figure summary").click()
    shown = [day(row[0]) for row in table(page, "figure")]
    assert shown == [first + timedelta(days=n) for n in range(14)]
