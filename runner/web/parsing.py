"""Query strings as values: each helper takes the text of one parameter and gives a value or raises one Problem."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation

from runner.web.problems import Problem, bad_choice, bad_value

Params = Mapping[str, str]

BIGGEST = 9_007_199_254_740_991  # the largest whole number that every JSON reader keeps exactly
_WHOLE = re.compile(r"-?[0-9]{1,16}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_YES, _NO = ("true", "1", "yes", "on"), ("false", "0", "no", "off")


def text(params: Params, name: str, longest: int = 200) -> str | None:
    """One parameter as it is; blank is none, as an empty form field is."""
    value = params.get(name)
    if value is None or not value.strip():
        return None
    if len(value) > longest or "\0" in value:
        raise bad_value(name, f"{name} holds what no {name} can be.", f"Write at most {longest} characters.")
    return value


def choice(params: Params, name: str, known: tuple[str, ...]) -> str | None:
    """One of a few values; another is a 400 that lists them."""
    value = text(params, name)
    if value is not None and value not in known:
        raise bad_choice(name, value, known)
    return value


def whole(params: Params, name: str, least: int, most: int) -> int | None:
    """A whole number within bounds."""
    value = text(params, name)
    if value is None:
        return None
    if not _WHOLE.fullmatch(value) or not least <= int(value) <= most:
        raise bad_value(name, f"{name} must be a whole number from {least} to {most}.", "Correct it.")
    return int(value)


def day(params: Params, name: str) -> date | None:
    """A date as YYYY-MM-DD."""
    value = text(params, name)
    if value is None:
        return None
    try:
        if not _DAY.fullmatch(value):
            raise ValueError
        return date.fromisoformat(value)
    except ValueError:
        raise bad_value(name, f"{name} is not a day that exists.", "Write it as YYYY-MM-DD.") from None


def monday(params: Params, name: str) -> date | None:
    """A date that is a Monday: another weekday would silently find nothing (F38)."""
    value = day(params, name)
    if value is not None and value.weekday() != 0:
        raise Problem(
            400,
            "NOT_A_MONDAY",
            f"{name} {value} is not a Monday; weeks start on Mondays.",
            "Give the Monday of the week.",
            name,
        )
    return value


def between(params: Params, first: str, last: str) -> tuple[date | None, date | None]:
    """Two inclusive dates; no day lies between them when they are the wrong way round."""
    return day(params, first), day(params, last)


def yes(params: Params, name: str, default: bool) -> bool:
    """A flag."""
    value = text(params, name)
    if value is None:
        return default
    if value.lower() not in _YES + _NO:
        raise bad_value(name, f"{name} must be true or false.", "Correct it.")
    return value.lower() in _YES


def money(params: Params, name: str, most: int = 10_000_000_000) -> Decimal | None:
    """An amount that is not negative."""
    value = text(params, name, 40)
    if value is None:
        return None
    try:
        amount = Decimal(value)
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or not 0 <= amount <= most:
        raise bad_value(name, f"{name} must be an amount from 0 to {most}.", "Write it as 25 or 25.50.")
    return amount
