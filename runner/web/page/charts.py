"""Charts: pygal draws them, we keep only what can live in a page under a strict policy (no style, no script).

Colours come from the page's stylesheet by class (`red`, `blue`, …), so a chart follows light and dark. Each chart
carries its numbers as a table too, for those who read instead of look.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree

import pygal  # type: ignore[import-untyped]
from markupsafe import Markup

Show = Callable[[Any], str]
_SVG = "{http://www.w3.org/2000/svg}"
_LONG = re.compile(r"-?\d+\.\d+")
WIDTH, HEIGHT, LEAST_BARS, MOST_LABELS = 600, 260, 8, 11


@dataclass(frozen=True)
class Series:
    """One row of bars: its name, the class that colours it, and a value for each label."""

    name: str
    tone: str
    values: Sequence[Any]


@dataclass(frozen=True)
class Chart:
    """A picture with its title, its legend and its numbers."""

    key: str
    title: str
    note: str
    labels: Sequence[str]
    series: Sequence[Series]
    show: Show
    head: str
    svg: Markup = field(default=Markup(""))

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to look at."""
        return not self.labels or not any(value for each in self.series for value in each.values)

    def rows(self) -> list[tuple[str, list[str]]]:
        """The numbers: a label and one text per series."""
        return [(label, [self.show(each.values[at]) for each in self.series]) for at, label in enumerate(self.labels)]


def bars(key: str, title: str, note: str, labels: Sequence[str], series: Sequence[Series], show: Show, *,
         head: str = "", stacked: bool = False, sideways: bool = False, axis: Show | None = None) -> Chart:
    """A bar chart, upright or sideways, stacked or side by side."""
    chart = Chart(key, title, note, labels, series, show, head)
    if chart.is_empty:
        return chart
    kinds: dict[tuple[bool, bool], Any] = {(False, False): pygal.Bar, (True, False): pygal.StackedBar,
                                           (False, True): pygal.HorizontalBar, (True, True): pygal.HorizontalStackedBar}
    longest = max(len(show(value)) for each in series for value in each.values)
    drawn = kinds[stacked, sideways](**_config(len(labels), sideways, longest), formatter=show,
                                     value_formatter=axis or show, print_values=sideways)
    turn = -1 if sideways else 1  # pygal draws sideways bars from the bottom up; people read from the top down
    spare = [] if sideways else [""] * (LEAST_BARS - len(labels))  # one bar alone would fill the whole picture
    drawn.x_labels = [*list(labels)[::turn], *spare]
    for each in series:
        drawn.add(each.name, [*[_number(value) for value in each.values][::turn], *[None for _ in spare]])
    svg = _clean(drawn.render(is_unicode=True), chart, sideways)
    return Chart(key, title, note, labels, series, show, head, svg)


def _config(bars_drawn: int, sideways: bool, longest: int) -> dict[str, Any]:
    """Sizes in the picture's own units; the stylesheet says how wide it is on the page."""
    right = 14 + 11 * longest if sideways else 4  # values stand behind their bars
    return {
        "width": WIDTH, "height": max(140, 38 * bars_drawn + 20) if sideways else HEIGHT, "show_legend": False,
        "js": [], "css": [], "no_prefix": True, "disable_xml_declaration": True, "include_x_axis": True,
        "margin": 2, "margin_right": right, "margin_left": 75 if sideways else 26, "spacing": 10,
        "margin_bottom": 4, "max_scale": 5, "min_scale": 2, "rounded_bars": 2, "truncate_label": -1, "no_data_text": "",
        "x_labels_major_every": -(-bars_drawn // MOST_LABELS), "show_minor_x_labels": False,
        "print_values_position": "top", "show_x_labels": not sideways, "show_y_labels": True,
    }


def _number(value: Any) -> float | int:
    return value if isinstance(value, int) else float(value if isinstance(value, Decimal) else value or 0)


def _clean(text: str, chart: Chart, sideways: bool) -> Markup:
    """pygal's picture without style, script, ids and the parts that only its script uses; with a spoken name."""
    root = ElementTree.fromstring(text)
    for node in list(root):
        if node.tag in (f"{_SVG}defs", f"{_SVG}title"):
            root.remove(node)
    _tidy(root, chart.series)
    root.attrib.pop("id", None)
    root.set("role", "img")
    root.set("aria-labelledby", f"chart-{chart.key}")
    root.set("class", "sideways" if sideways else "upright")
    ElementTree.register_namespace("", _SVG[1:-1])
    return Markup(ElementTree.tostring(root, "unicode"))


def _tidy(node: ElementTree.Element, series: Sequence[Series]) -> None:
    for child in list(node):
        for name, value in child.attrib.items():
            child.set(name, _LONG.sub(_short, value))
        classes = child.get("class", "")
        if "tooltip-overlay" in classes or classes == "plot overlay" or child.tag == f"{_SVG}title":
            node.remove(child)
            continue
        child.attrib.pop("style", None)
        child.attrib.pop("id", None)
        found = re.search(r"color-(\d+)", classes)
        if found:
            child.set("class", series[int(found[1])].tone)
        _tidy(child, series)
        if "bar" in classes.split() and not _tell(child):
            node.remove(child)
    if not len(node) and node.tag == f"{_SVG}g" and not node.text:
        node.set("class", "gone")


def _short(found: re.Match[str]) -> str:
    """A coordinate with one decimal: no eye sees more, and pages stay small."""
    return f"{float(found[0]):.1f}".removesuffix(".0")


def _tell(bar: ElementTree.Element) -> bool:
    """The value of a bar as the tooltip that browsers show by themselves; False for a bar that has no size."""
    values = {each.get("class"): each.text or "" for each in bar.findall(f"{_SVG}desc")}
    for each in bar.findall(f"{_SVG}desc"):
        bar.remove(each)
    shape = bar.find(f"{_SVG}rect")
    if shape is None or not {shape.get("width"), shape.get("height")}.isdisjoint({None, "0"}):
        return False
    shape.set("class", "rect")
    words = [words for words in (values.get("x_label"), values.get("value")) if words]
    ElementTree.SubElement(shape, f"{_SVG}title").text = ": ".join(words)
    return True
