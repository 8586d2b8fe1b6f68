"""What a request may ask for: one frozen filter per list, read from a query string; shared by API and page."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from runner.web import parsing
from runner.web.parsing import BIGGEST, Params

STAGES = ("NO_IDENTITY", "NO_DRIVER", "NO_TRIPS_14D", "TRIPS_NO_CLAIM", "OK")
REASONS = (
    "CLAIM_NOT_GENERATED",
    "OK",
    "NO_IDENTITY",
    "NO_DRIVER",
    "INSUFFICIENT_TRIPS",
    "DUPLICATE_LEAD",
    "CLAIM_REJECTED",
    "CLAIM_EXPIRED",
)
MILESTONES = ("1", "5", "25")
LEVELS = ("m1", "m5", "m25")
MISSING = "CLAIM_NOT_GENERATED"


class Filter:
    """What all filters can do: be parameters of a statement."""

    def parameters(self) -> dict[str, Any]:
        """By name, as the named SQL takes them."""
        return asdict(self)  # type: ignore[call-overload, no-any-return]


@dataclass(frozen=True)
class LimboFilter(Filter):
    """10.1 and 10.2."""

    limbo_stage: str | None = None
    week_start: date | None = None
    lead_date_from: date | None = None
    lead_date_to: date | None = None

    @classmethod
    def from_query(cls, params: Params) -> LimboFilter:
        """Raises Problem."""
        since, until = parsing.between(params, "lead_date_from", "lead_date_to")
        return cls(parsing.choice(params, "limbo_stage", STAGES), parsing.monday(params, "week_start"), since, until)


@dataclass(frozen=True)
class GapFilter(Filter):
    """10.3 and 10.5. Without a reason: the missing claims (D-10)."""

    gap_reason: str | None = None
    week_start: date | None = None
    lead_date_from: date | None = None
    lead_date_to: date | None = None
    milestone_value: int | None = None

    @classmethod
    def from_query(cls, params: Params) -> GapFilter:
        """Raises Problem."""
        since, until = parsing.between(params, "lead_date_from", "lead_date_to")
        milestone = parsing.choice(params, "milestone_value", MILESTONES)
        return cls(
            parsing.choice(params, "gap_reason", REASONS),
            parsing.monday(params, "week_start"),
            since,
            until,
            int(milestone) if milestone else None,
        )


@dataclass(frozen=True)
class FinancialFilter(Filter):
    """10.6 and 10.7."""

    only_with_debt: bool = False
    min_debt: Decimal | None = None
    reached_milestone: str | None = None
    scout_id: int | None = None
    week_start: date | None = None

    @classmethod
    def from_query(cls, params: Params) -> FinancialFilter:
        """Raises Problem."""
        return cls(
            parsing.yes(params, "only_with_debt", False),
            parsing.money(params, "min_debt"),
            parsing.choice(params, "reached_milestone", LEVELS),
            parsing.whole(params, "scout_id", -(2**31), 2**31 - 1),
            parsing.monday(params, "week_start"),
        )


@dataclass(frozen=True)
class KpiFilter(Filter):
    """10.8: as the financial list, with a range of weeks and how many of them."""

    drivers: FinancialFilter = FinancialFilter()
    week_start_from: date | None = None
    week_start_to: date | None = None
    limit_weeks: int = 52
    scout_quality_bucket: str | None = None

    def parameters(self) -> dict[str, Any]:
        """By name, as the named SQL takes them."""
        return {
            **self.drivers.parameters(),
            "week_start_from": self.week_start_from,
            "week_start_to": self.week_start_to,
            "limit_weeks": self.limit_weeks,
            "scout_quality_bucket": self.scout_quality_bucket,
        }

    @classmethod
    def from_query(cls, params: Params) -> KpiFilter:
        """Raises Problem."""
        since, until = parsing.between(params, "week_start_from", "week_start_to")
        weeks = parsing.whole(params, "limit_weeks", 1, 200)
        return cls(
            FinancialFilter.from_query(params), since, until, weeks or 52, parsing.text(params, "scout_quality_bucket")
        )


@dataclass(frozen=True)
class Page:
    """Which part of a list. `sort` is one of its orders, None its own; a cursor goes on in the list's own order."""

    limit: int = 100
    offset: int = 0
    cursor: str | None = None
    sort: str | None = None

    @classmethod
    def from_query(cls, params: Params, *, limit: int = 100, most: int = 1000, sorts: tuple[str, ...] = ()) -> Page:
        """Raises Problem. `sorts` are the names that may be sorted by; `-name` is descending."""
        known = tuple(each for name in sorts for each in (name, f"-{name}"))
        return cls(
            parsing.whole(params, "limit", 1, most) or limit,
            parsing.whole(params, "offset", 0, BIGGEST) or 0,
            parsing.text(params, "cursor", 400),
            parsing.choice(params, "sort", known) if known else None,
        )
