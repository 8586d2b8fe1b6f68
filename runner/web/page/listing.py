"""One list of the page: its filters, order and page as parameters of the address, and the links that change them.

The page's own parameter names (`limbo_week`) stand for those of the API (`week_start`), since two lists share a page.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from runner.web.filters import Page
from runner.web.page.templating import PAGE, link
from runner.web.page.texts import Told, told
from runner.web.parsing import whole
from runner.web.problems import Problem

# A first click sorts these from A on; numbers and dates begin with the largest.
TEXTS = frozenset({"driver_id", "driver_name", "lead_source_pk", "limbo_stage"})
MOST_PAGES = 1_000_000
Read = Callable[[Any, Page], dict[str, Any]]


@dataclass
class Listing:
    """A list before and after it was read; templates take their links and numbers from here."""

    key: str
    name: str
    params: Mapping[str, str]
    names: Mapping[str, str]  # the API's name of a filter, and the page's
    sorts: Sequence[str]
    default_sort: str
    size: int = 50
    defaults: Mapping[str, str] = field(default_factory=dict)
    export_path: str | None = None
    export_rows: int | None = None  # as many as a file holds, if it is cut
    empty_note: str = ""
    rows: list[dict[str, Any]] = field(default_factory=list)
    total: int = 0
    page: int = 1
    summary: dict[str, Any] = field(default_factory=dict)
    problem: Told | None = None

    # --- before: what is asked for ----------------------------------------------------------------------

    def value(self, name: str) -> str:
        """What the address, or the list's own default, says of a parameter of the page."""
        return self.params.get(name, self.defaults.get(name, ""))

    def query(self) -> dict[str, str]:
        """The filters by the API's names."""
        return {api: self.value(own) for api, own in self.names.items() if self.value(own)}

    def read(self, parse: Callable[[Mapping[str, str]], Any], read: Read, language: str) -> Listing:
        """Fill the list; a filter that is refused becomes a box in its place. Raises what is the server's fault."""
        try:
            wanted = _in_order(parse(self.query()))
            self.page = whole(self.params, f"{self.key}_page", 1, MOST_PAGES) or 1
            self._take(read(wanted, self._slice()))
            if not self.rows and self.total:  # a page beyond the last, of a link that grew old
                self.page = self.pages
                self._take(read(wanted, self._slice()))
        except Problem as problem:
            if problem.status >= 500:
                raise
            self.problem = told(problem, language)
        return self

    def _slice(self) -> Page:
        asked = Page.from_query({"sort": self.value(f"{self.key}_sort")}, sorts=tuple(self.sorts))
        return Page(limit=self.size, offset=(self.page - 1) * self.size, sort=asked.sort)

    def _take(self, answer: dict[str, Any]) -> None:
        self.rows, self.total, self.summary = answer["data"], answer["meta"]["total"], answer["summary"]

    # --- after: what the template shows -----------------------------------------------------------------

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return -(-self.total // self.size)

    @property
    def first(self) -> int:
        """Number of the first row shown."""
        return (self.page - 1) * self.size + 1

    @property
    def last(self) -> int:
        """Number of the last row shown."""
        return self.first + len(self.rows) - 1

    @property
    def previous_link(self) -> str | None:
        """The page before, if there is one."""
        return self.here(page=self.page - 1 if self.page > 2 else None) if self.page > 1 else None

    @property
    def next_link(self) -> str | None:
        """The page after, if there is one."""
        return self.here(page=self.page + 1) if self.page < self.pages else None

    def sorted_by(self, name: str) -> str | None:
        """How the list is sorted by a column, in the words of aria-sort."""
        sort = self.value(f"{self.key}_sort") or self.default_sort
        return None if sort.lstrip("-") != name else "descending" if sort.startswith("-") else "ascending"

    def sort_link(self, name: str) -> str:
        """Sort by a column; again, the other way round."""
        now = self.sorted_by(name)
        down = now == "ascending" or (now is None and name not in TEXTS)
        return self.here(page=None, sort=f"-{name}" if down else name)

    @property
    def is_filtered(self) -> bool:
        """Whether the address asks for anything but the default."""
        return any(self.params.get(own) not in (None, self.defaults.get(own, "")) for own in self.names.values())

    @property
    def clear_link(self) -> str:
        """The list without its filters."""
        return self.here(page=None, **dict.fromkeys(self.names.values()))

    @property
    def reset_link(self) -> str:
        """The list as it is when nothing is asked for: the way out of whatever was refused."""
        return self.here(page=None, sort=None, **dict.fromkeys(self.names.values()))

    @property
    def kept(self) -> list[tuple[str, str]]:
        """What a form must carry along: all that it does not ask for itself, but not the page."""
        own = {*self.names.values(), f"{self.key}_page"}
        return [(name, value) for name, value in self.params.items() if name not in own and value]

    @property
    def export_link(self) -> str | None:
        """The file with the current filters, for whoever may have it."""
        if self.export_path is None:
            return None
        return link(self.export_path, {}, {**self.query(), "lang": self.params.get("lang")})

    def here(self, **changes: Any) -> str:
        """The same page with changes; `page` and `sort` are this list's."""
        own = {f"{self.key}_{name}" if name in ("page", "sort") else name: value for name, value in changes.items()}
        return link(PAGE, self.params, {**own, "_hash": self.key})


def _in_order(wanted: Any) -> Any:
    """The API finds nothing between days that are the wrong way round; people are told what is wrong (F38)."""
    since, until = getattr(wanted, "lead_date_from", None), getattr(wanted, "lead_date_to", None)
    if since and until and since > until:
        raise Problem(400, "EMPTY_RANGE", "The first day is after the last.", "Swap them.", "lead_date_from")
    return wanted
