"""The query parameters of the API: declared once for OpenAPI and for refusing whatever is not one of them."""

from __future__ import annotations

import re
from typing import Any

from fastapi import Request

from runner.web.cursors import Cursor
from runner.web.filters import LEVELS, MILESTONES, REASONS, STAGES
from runner.web.parsing import BIGGEST
from runner.web.problems import Problem, bad_value

WORDS = "^[!-~][ -~]*$"  # printable, and not blank
NO_CONTROLS = "^[^\\x00-\\x20\\x7f][^\\x00-\\x1f\\x7f]*$"

Declared = tuple[dict[str, Any], str, Any]  # schema, description, example


def _day(description: str, example: str) -> Declared:
    return {"type": "string", "format": "date"}, description, example


def _whole(least: int, most: int, description: str, example: int) -> Declared:
    return {"type": "integer", "minimum": least, "maximum": most}, description, example


def _one_of(values: tuple[Any, ...], description: str, example: Any) -> Declared:
    return {"type": "string" if isinstance(values[0], str) else "integer", "enum": list(values)}, description, example


KNOWN: dict[str, Declared] = {
    "limbo_stage": _one_of(STAGES, "Only leads at this stage. The summary ignores it.", "TRIPS_NO_CLAIM"),
    "gap_reason": _one_of(
        REASONS, "Claims of this reason; without it the missing ones. The summary ignores it.", "CLAIM_NOT_GENERATED"
    ),
    "milestone_value": _one_of(tuple(int(each) for each in MILESTONES), "One milestone.", 5),
    "week_start": ({"$ref": "#/components/schemas/Monday"}, "One week, by its Monday.", "2026-01-05"),
    "week_start_from": _day("First week, inclusive.", "2025-12-01"),
    "week_start_to": _day("Last week, inclusive.", "2026-01-05"),
    "lead_date_from": _day("First lead date, inclusive.", "2025-12-01"),
    "lead_date_to": _day("Last lead date, inclusive.", "2026-01-10"),
    "limit": _whole(1, 1000, "Rows of a page.", 100),
    "offset": _whole(0, BIGGEST, "Rows to pass over, from the beginning or from the cursor on.", 0),
    "only_with_debt": ({"type": "boolean"}, "Only drivers with money due (default false).", True),
    "min_debt": ({"type": "number", "minimum": 0, "maximum": 10_000_000_000}, "Least money due, in PEN.", 25),
    "reached_milestone": _one_of(LEVELS, "Highest milestone reached: M1 but not M5, M5 but not M25, M25.", "m5"),
    "scout_id": _whole(-(2**31), 2**31 - 1, "Drivers of one scout.", 7),
    "scout_quality_bucket": (
        {"type": "string", "pattern": WORDS, "maxLength": 40},
        "Scouts are not rated here: with one given, nothing is found.",
        "high",
    ),
    "include_summary": ({"type": "boolean"}, "Whether to sum up (default true).", True),
    "use_materialized": ({"type": "boolean"}, "Accepted as ever; there is one source only.", True),
    "limit_weeks": _whole(1, 200, "Newest weeks (default 52).", 52),
    "state": _one_of(("FIRING", "MUTED", "INSUFFICIENT_HISTORY", "OK"), "Rules in this state.", "FIRING"),
    "severity": _one_of(("WARNING", "CRITICAL"), "Rules of this severity.", "CRITICAL"),
    "command": ({"type": "string", "pattern": WORDS, "maxLength": 40}, "Runs of one command.", "nightly"),
    "lead_source_pk": (
        {"type": "string", "pattern": NO_CONTROLS, "maxLength": 200},
        "Suggestions for one lead, by its source key.",
        "3c458fd3e9f570aae0f5b75ae5049975",
    ),
    "reason_code": (
        {"type": "string", "pattern": "^[A-Z_0-9]+$", "maxLength": 40},
        "Suggestions of leads undecided for one reason.",
        "MULTIPLE_CANDIDATES",
    ),
}


class Parameters:
    """The parameters of one route. `read` is a dependency that gives them as text; parsing and filters do the rest."""

    def __init__(self, *names: str, sorts: tuple[str, ...] = (), cursor: Cursor | None = None, **own: Declared) -> None:
        self.declared = {**{name: KNOWN[name] for name in names}, **own}
        if cursor:
            schema = {"type": "string", "pattern": cursor.form, "maxLength": 250}
            text = "`next_cursor` of the page before: goes on where that ended, in the list's own order."
            self.declared["cursor"] = schema, text, None
        if sorts:
            orders = tuple(each for name in sorts for each in (name, f"-{name}"))
            self.declared["sort"] = _one_of(
                orders, "Another order; `-` is descending. Not looked at with a cursor.", orders[0]
            )

    def openapi(self) -> dict[str, Any]:
        """What the route's `openapi_extra` says."""
        return {
            "parameters": [
                {
                    "name": name,
                    "in": "query",
                    "required": False,
                    "description": text,
                    "schema": schema,
                    **({} if example is None else {"example": example}),
                }
                for name, (schema, text, example) in self.declared.items()
            ]
        }

    def read(self, request: Request) -> dict[str, str]:
        """The query string; refuses what is unknown, empty or given twice: ignoring it would change the answer."""
        given = request.query_params.multi_items()
        params = dict(given)
        for name, value in params.items():
            if name not in self.declared:
                known = ", ".join(self.declared) or "none"
                raise bad_value("query", "There is a parameter that this address does not have.", f"It has: {known}.")
            if not value.strip():
                raise bad_value(name, f"{name} is empty.", "Give it a value, or leave it out.")
            _check_form(name, value, self.declared[name][0])
        if len(params) != len(given):
            raise Problem(400, "REPEATED_PARAMETER", "A parameter is given more than once.", "Give each once.")
        return params


def _check_form(name: str, value: str, schema: dict[str, Any]) -> None:
    """What is declared about texts; numbers, days and choices are looked at where they are parsed."""
    if name == "cursor":
        return  # says in its own words what is wrong with it
    if len(value) > schema.get("maxLength", 200) or not re.search(schema.get("pattern", ""), value):
        raise bad_value(name, f"{name} holds what no {name} can be.", "Correct it.")
