"""Who may see what: sign-in, a viewer without personal data and files, an operator with both."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import Site
from tests.browser.reading import cards, follow, table

Open = Callable[..., Any]
Guarded = tuple[Site, dict[str, str]]


def sign_in(page: Any, secret: str) -> None:
    page.get_by_label("Su clave de acceso").fill(secret)
    follow(page.get_by_role("button", name="Entrar"))


def test_signing_in_leads_to_the_page_that_was_asked_for(guarded: Guarded, open_page: Open) -> None:
    site, secrets = guarded
    page = open_page(site.page(tab="recovery", limbo_stage="OK"))
    assert page.url.startswith(f"{site.address}/entrar")
    sign_in(page, "c14d_no-es-una-clave")
    assert page.get_by_role("alert").locator("p").first.inner_text() == "Esa clave no existe o fue retirada."
    assert page.evaluate("document.activeElement.id") == "token"
    sign_in(page, secrets["operator"])
    assert page.url == site.page(tab="recovery", limbo_stage="OK")
    assert {row[3] for row in table(page, "#limbo-table")} == {"Completo"}
    [cookie] = [each for each in page.context.cookies() if each["name"] == "c14d_session"]
    assert cookie["httpOnly"] and cookie["sameSite"] == "Lax"
    follow(page.get_by_role("button", name="Salir"))
    page.goto(site.page())
    assert page.url.startswith(f"{site.address}/entrar")


@pytest.mark.parametrize("role", ["viewer", "operator"])
def test_names_and_files(guarded: Guarded, open_page: Open, tmp_path: Path, role: str) -> None:
    site, secrets = guarded
    page = open_page(site.page(tab="conductores"))
    sign_in(page, secrets[role])
    shown = [row[0] for row in table(page, "#drivers")]
    names = dict(site.sql("select driver_id, driver_name from ops.v_cabinet_financial_14d"))
    bearer = {"authorization": f"Bearer {secrets[role]}"}
    api = site.api("cabinet-financial-14d", bearer, only_with_debt="true", limit=100)
    assert shown == [f"{row['driver_name']}{row['driver_id']}" for row in api["data"]]
    full = [text == names[text[-32:]] + text[-32:] for text in shown]
    assert full == [role == "operator"] * len(full) != []
    files = page.get_by_role("link", name="Exportar CSV")
    if role == "operator":
        with page.expect_download() as waiting:
            files.click()
        waiting.value.save_as(tmp_path / "file.csv")
        assert names[shown[0][-32:]] in (tmp_path / "file.csv").read_text(encoding="utf-8-sig")
    else:
        assert files.count() == 0
        assert "Exportar requiere el rol de operador." in page.locator("#conductores").inner_text()
        html = page.content()
        assert not [name for name in names.values() if name and name in html]
        answer = page.goto(f"{site.address}/pagos/cobranza-yango/exportar/conductores")
        assert answer.status == 403
        assert page.locator("h1").inner_text() == "Sin permiso"
        assert "Pida una clave con el rol de operador." in page.locator("main").inner_text()


def test_a_viewer_sees_the_same_numbers(guarded: Guarded, open_page: Open) -> None:
    site, secrets = guarded
    seen = []
    for role in ("viewer", "operator"):
        page = open_page(site.page(tab="recovery"))
        sign_in(page, secrets[role])
        seen.append((cards(page, "#limbo-cards"), cards(page, "#gap-cards"), table(page, "#gap-table")))
        assert page.locator(".who").inner_text() == f"un-{role} · {'operador' if role == 'operator' else 'consulta'}"
    assert seen[0] == seen[1]
