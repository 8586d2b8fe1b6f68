"""What a person does and reads on the page, as values: links followed, tables, cards and numbers."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

MONTHS = ("ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "set", "oct", "nov", "dic")

# Cells as they are read: hidden words of screen readers and the shortened form of a cell are left out.
CELLS = """(selector, part) => [...document.querySelectorAll(`${selector} ${part} tr`)].map(row =>
    [...row.cells].map(cell => {
        const copy = cell.cloneNode(true);
        copy.querySelectorAll('[aria-hidden], .sr').forEach(each => each.remove());
        return copy.textContent.replace(/\\s+/g, ' ').trim();
    }))"""
CARDS = """selector => [...document.querySelectorAll(`${selector} .card`)].map(card =>
    [...card.querySelectorAll('.card-name, .card-value, .card-note')].map(each => each.textContent.trim()))"""


def follow(target: Any) -> None:
    """Click what leads to another page, and be there."""
    with target.page.expect_navigation():
        target.click()


def table(page: Any, selector: str, part: str = "tbody") -> list[list[str]]:
    """The rows of a table as texts, shortened cells in full."""
    rows: list[list[str]] = page.evaluate(f"([selector, part]) => ({CELLS})(selector, part)", [selector, part])
    return rows


def cards(page: Any, selector: str) -> dict[str, str]:
    """The cards of a block: the value by the name."""
    return {each[0]: each[1] for each in page.evaluate(CARDS, selector) if len(each) > 1}


def facts(page: Any, selector: str) -> dict[str, str]:
    """A list of terms and their values."""
    found: dict[str, str] = page.evaluate(
        "selector => Object.fromEntries([...document.querySelectorAll(selector + ' dt')]"
        ".map(each => [each.textContent.trim(), each.nextElementSibling.textContent.trim()]))", selector)
    return found


def number(text: str) -> Decimal | None:
    """`S/ 1,234.50`, `15.31 %` or `849` as a number; a dash is none."""
    plain = text.replace("S/", "").replace("%", "").replace(",", "").replace("−", "-").replace("\xa0", "").strip()
    return None if plain == "–" else Decimal(plain)


def day(text: str) -> date | None:
    """`24 nov 2026` as a date; a dash is none."""
    if text == "–":
        return None
    number_of, month, year = text.replace("\xa0", " ").split(" ")
    return date(int(year), MONTHS.index(month) + 1, int(number_of))
