"""Words for codes: labels, sentences and next steps of the catalogue in one language (D-13)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

LANGUAGES = ("es", "en")


class Texts:
    """The catalogue in one language. A code that it does not know is shown as it is, never hidden."""

    def __init__(self, rows: Iterable[Mapping[str, Any]]) -> None:
        self._rows = {(row["kind"], row["code"]): row for row in rows}

    def label(self, kind: str, code: str | None, **values: Any) -> str:
        """The short label of a code, its {placeholders} filled in; empty for no code."""
        return self._filled(kind, code, "label", values) or code or ""

    def detail(self, kind: str, code: str | None, **values: Any) -> str:
        """The sentence of a code; empty when the catalogue has none."""
        return self._filled(kind, code, "detail", values)

    def action(self, kind: str, code: str | None, **values: Any) -> str:
        """What to do about a code; empty when the catalogue names nothing."""
        return self._filled(kind, code, "action", values)

    def _filled(self, kind: str, code: str | None, part: str, values: Mapping[str, Any]) -> str:
        template = self._rows.get((kind, code or ""), {}).get(part) or ""
        shown = {name: "" if value is None else value for name, value in values.items()}
        return template.format_map(defaultdict(str, shown)) if "{" in template else template
