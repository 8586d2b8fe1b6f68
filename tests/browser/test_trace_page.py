"""A lead's trace in a real browser: reached from the list, the same numbers as the API, readable for everybody."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.browser.conftest import Site
from tests.browser.reading import follow, table
from tests.browser.test_quality import check_axe

Open = Callable[..., Any]
# One lead for each way of standing still, and one whose window is open.
KINDS = """
select distinct on (limbo_stage, window_closed, trips_14d > 0) lead_id
from ops.v_cabinet_leads_limbo
order by limbo_stage, window_closed, trips_14d > 0, trips_14d desc, lead_id
"""


def trace_of(site: Site, lead: Any) -> str:
    """Address of a lead's page."""
    return f"{site.address}/pagos/cobranza-yango/leads/{lead}"


def test_from_the_list_to_a_lead_and_back(site: Site, open_page: Open) -> None:
    """The list's first lead leads to its trace, in the language one reads."""
    page = open_page(site.page(tab="recovery", lang="en"))
    first = site.api("cabinet-financial-14d/limbo", limit=1)["data"][0]
    follow(page.locator("#limbo-table tbody a").first)
    assert page.locator(".lead-key .id").inner_text() == first["lead_source_pk"]
    assert page.locator("h1").inner_text() == first["lead_name"]
    assert page.locator("#moves").inner_text() == "What would have to be true to move on"
    assert page.said == []
    follow(page.get_by_role("link", name="Back to the list"))
    assert page.locator("#limbo-table").count() == 1


def test_the_days_of_the_window_are_the_apis(site: Site, open_page: Open) -> None:
    """As many bars as days with trips; the table below them has every day, total and milestone."""
    [(lead,)] = site.sql("select lead_id from ops.v_cabinet_leads_limbo order by trips_14d desc, lead_id limit 1")
    window = site.api(f"leads/{lead}")["window"]
    page = open_page(trace_of(site, lead), java_script_enabled=False)
    bars = page.locator(".chart svg .rect")
    heights = [float(bar.get_attribute("height") or 0) for bar in bars.all()]
    assert len([height for height in heights if height > 0]) == len([day for day in window["days"] if day["trips"]])
    page.locator(".chart summary").click()
    days = [row for row in table(page, ".chart") if row]
    assert [row[-1] for row in days] == [" ".join(day["milestones"]) for day in window["days"]]
    came = [day for day in window["days"] if day["trips"] is not None]
    shown = [row[1:3] for row in days if len(row) == 4]
    assert shown == [[f"{day['trips']:,}", f"{day['running']:,}"] for day in came] and window["trips"] >= 25


@pytest.mark.parametrize("width", [390, 1440])
def test_every_kind_of_lead_is_readable(site: Site, open_page: Open, width: int) -> None:
    """Nothing sticks out, nothing from elsewhere, nothing said in the console, and axe finds nothing serious."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    leads = [lead for (lead,) in site.sql(KINDS)]
    assert len(leads) >= 6
    page = open_page(trace_of(site, leads[0]), width=width, color_scheme="light")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for number, lead in enumerate(leads):
        answer = page.goto(trace_of(site, lead))
        assert answer.status == 200 and len(answer.body()) < 60_000
        assert page.evaluate("document.documentElement.scrollWidth") == width
        if number % 3 == 0:
            page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true; })")
            check_axe(page, axe)
            page.emulate_media(color_scheme="light")
    assert {urlsplit(url).netloc for url in asked} == {urlsplit(site.address).netloc}
    assert page.said == []


def test_a_viewer_and_an_unknown_lead(guarded: tuple[Site, dict[str, str]], open_page: Open) -> None:
    """A viewer reads initials and no phone; who mistypes is told what to do."""
    site, secrets = guarded
    [(lead, name, phone)] = site.sql(
        "select lead_id, lead_name, park_phone from ops.v_cabinet_leads_limbo where length(park_phone) > 8"
        " and lead_name like '% %' order by lead_id limit 1"
    )
    headers = {"authorization": f"Bearer {secrets['viewer']}"}
    page = open_page(trace_of(site, lead), extra_http_headers=headers)
    text = page.locator("main").inner_text()
    assert name not in text and phone not in text and "•••••" in text
    assert page.locator("h1").inner_text() == " ".join(f"{word[0]}." for word in name.split())
    page = open_page(trace_of(site, "zz"), extra_http_headers=headers, wanted=404)
    assert "No hay un lead con esa clave" in page.locator("main").inner_text()
