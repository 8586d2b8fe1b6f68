"""The models' documentation in a browser: it opens under its policy, shows words and owners, and asks no other host."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from runner import warehouse
from tests.browser.conftest import Site

SEARCHED = "model/model.cabinet14d.v_cabinet_claims_gap_14d"


@pytest.fixture(scope="module")
def file(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page as `cabinet14d docs` writes it."""
    written = tmp_path_factory.mktemp("docs") / "datos.html"
    warehouse.write_docs(site.where, site.settings, written)
    return written


@pytest.fixture
def watched(chromium: Any, file: Path) -> Iterator[tuple[Any, list[str]]]:
    """A page, and every address that it asks for."""
    asked: list[str] = []
    with chromium.new_context(viewport={"width": 1440, "height": 900}) as profile:
        page = profile.new_page()
        page.on("request", lambda request: asked.append(request.url))
        yield page, asked


def test_it_is_served_and_read(site: Site, watched: tuple[Any, list[str]]) -> None:
    page, asked = watched
    assert page.goto(f"{site.address}/docs/datos").status == 200
    page.get_by_role("heading", name="Three questions to ask first").wait_for()
    page.goto(f"{site.address}/docs/datos#!/{SEARCHED}")
    page.get_by_role("heading", name="v_cabinet_claims_gap_14d").wait_for()
    shown = page.inner_text("body")
    assert "One row per lead and milestone whose claim is due and does not exist" in shown and "Collections" in shown
    assert page.evaluate("document.documentElement.scrollWidth") <= 1440
    assert {url for url in asked if not url.startswith(("data:", site.address))} == set()


def test_the_file_alone_opens_and_does_not_tell_where_it_was_made(
    site: Site, file: Path, watched: tuple[Any, list[str]]
) -> None:
    page, asked = watched
    page.goto(file.as_uri())
    page.get_by_role("heading", name="The five stages").wait_for()
    assert {url for url in asked if not url.startswith(("data:", "file:"))} == set()
    text = file.read_text(encoding="utf-8")
    assert not [folder for folder in (site.settings.home, warehouse.project_folder()) if folder.as_posix() in text]
