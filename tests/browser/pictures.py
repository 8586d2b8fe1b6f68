"""Makes the pictures of docs/img: `python -m tests.browser.pictures http://127.0.0.1:8000 docs/img`.

The page should show the sample with gaps (`cabinet14d demo`, then `build --as-of 2026-01-12`).
"""

from __future__ import annotations

import base64
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from tests.browser.conftest import BROWSERS, QUIET_BROWSER

PAGE = "/pagos/cobranza-yango"
TABS = ("", "?tab=kpis", "?tab=conductores&week_start=2025-12-15", "?tab=recovery&limbo_week=2025-12-22#limbo")
STATES = ("?tab=recovery&limbo_stage=OK&limbo_from=2026-01-11#limbo",
          "?tab=recovery&limbo_from=2026-01-02&limbo_to=2026-01-01#limbo")
# Name of the picture: what is on it, side by side; width and height of each; colours; how wide each is shown.
SHEETS: dict[str, tuple[tuple[str, ...], int, int, str, int]] = {
    "resumen": (("",), 1440, 1500, "light", 1000),
    "recovery": (("?tab=recovery#limbo",), 1440, 1000, "light", 1000),
    "tabs-dark": (TABS, 1440, 900, "dark", 640),
    "phone-light": (TABS, 390, 844, "light", 300),
    "phone-dark": (TABS, 390, 844, "dark", 300),
    "states": (STATES, 1440, 620, "light", 640),
    "trace": (("leads/",), 1440, 1380, "light", 1000),
}


def take(browser: Any, address: str, width: int, height: int, scheme: str) -> bytes:
    """One page as it first appears."""
    page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)
    page.goto(address)
    picture: bytes = page.screenshot()
    page.close()
    return picture


def some_lead(browser: Any, address: str) -> str:
    """A lead whose claims are missing."""
    page = browser.new_page()
    page.goto(f"{address}{PAGE}?tab=recovery&gap_milestone=25")
    lead: str = page.locator("#gap-table tbody .full").first.text_content()
    page.close()
    return lead


def sheet(browser: Any, pictures: list[bytes], shown: int, per_row: int) -> bytes:
    """Pictures side by side, on one sheet."""
    page = browser.new_page(viewport={"width": per_row * (shown + 12) + 12, "height": 100})
    images = "".join(f"<img width={shown} src='data:image/png;base64,{base64.b64encode(each).decode()}'>"
                     for each in pictures)
    page.set_content(f"<body style='margin:12px 0 0 12px;background:#8a91a0;font-size:0'>{images}"
                     "<style>img{margin:0 12px 12px 0;border-radius:6px}</style>")
    made: bytes = page.screenshot(full_page=True)
    page.close()
    return made


def smaller(png: bytes) -> bytes:
    """The same picture with 256 colours, a third of the size, where pngquant is installed."""
    if shutil.which("pngquant") is None:
        return png
    return subprocess.run(["pngquant", "256", "-"], input=png, capture_output=True, check=True).stdout


def main(address: str, folder: Path) -> None:
    """All pictures into a folder."""
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    with sync_playwright() as running:
        browser = running.chromium.launch(executable_path=program, args=list(QUIET_BROWSER))
        for name, (parts, width, height, scheme, shown) in SHEETS.items():
            if parts == ("leads/",):
                parts = (f"/leads/{some_lead(browser, address)}",)
            taken = [take(browser, f"{address}{PAGE}{part}", width, height, scheme) for part in parts]
            per_row = len(taken) if width < 600 else min(2, len(taken))
            (folder / f"{name}.png").write_bytes(smaller(sheet(browser, taken, shown, per_row)))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
