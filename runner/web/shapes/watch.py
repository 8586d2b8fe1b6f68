"""Schemas of alerts, runs, suggestions, health and refusals."""

from __future__ import annotations

from runner.web.described import Schema, field, fields, several, shape
from runner.web.shapes.common import FRESH, PAGED, counts, page_of


def alerts() -> Schema:
    """Alert rules."""
    known = (
        "rule",
        "type",
        "family",
        "severity",
        "state",
        "title",
        "next_step",
        "scope",
        "scope_value",
        "metric",
        "value",
        "unit",
        "comparison",
        "threshold",
        "critical_threshold",
        "previous_value",
        "since",
        "days_running",
        "days_required",
        "detail",
        "muted_until",
        "as_of_date",
    )
    nulls = (
        "value",
        "critical_threshold",
        "previous_value",
        "since",
        "detail",
        "muted_until",
        "threshold",
        "comparison",
    )
    row = fields("v_cabinet_alerts", nulls, only=known)
    for name in ("value", "threshold", "critical_threshold", "previous_value"):
        row[name] = field("double precision", row[name]["description"], null=name in nulls)
    meta = {"returned": PAGED["returned"], "total": PAGED["total"], **FRESH}
    return page_of(
        row, counts(firing="Rules that fire.", critical="Of them, critical."), meta, "Alert rules, what fires first."
    )


def _run() -> dict[str, Schema]:
    return {
        "run_id": field("bigint", "Number of the run.", name="run_id"),
        "command": {**field("text", "What ran."), "example": "nightly"},
        "as_of_date": field("date", "Day that it looked from.", null=True),
        "status": {
            "type": "string",
            "enum": ["RUNNING", "SUCCEEDED", "FAILED", "ABANDONED"],
            "example": "SUCCEEDED",
            "description": "How it stands.",
        },
        "exit_code": field("integer", "Exit code of the command (D-12); null while it runs.", null=True),
        "is_live": field("boolean", "Whether readers see it."),
        "is_published": field("boolean", "Whether they ever did."),
        "started_at": field("timestamp with time zone", "When it began."),
        "finished_at": field("timestamp with time zone", "When it ended.", null=True),
        "published_at": field("timestamp with time zone", "When it was published.", null=True),
        "seconds": field("double precision", "How long it took, or has taken so far."),
        "version": field("text", "Version of the program.", null=True),
        "counters": field("jsonb", "What it counted."),
    }


def runs() -> Schema:
    """The run log."""
    fresh = {name: {**each, "type": [each["type"], "null"]} for name, each in FRESH.items()}
    return page_of(_run(), None, {**PAGED, **fresh}, "A page of runs, newest first.")


def run() -> Schema:
    """One run."""
    step = {
        "step_no": field("integer", "Number of the step."),
        "name": field("text", "What it did."),
        "status": field("text", "How it ended."),
        "started_at": field("timestamp with time zone", "When it began."),
        "seconds": field("double precision", "How long it took."),
        "counters": field("jsonb", "What it counted."),
    }
    return shape({**_run(), "steps": several(shape(step, "One step."), "In order.")}, "One run with its steps.")


def suggestions() -> Schema:
    """Pairs for review."""
    nulls = (
        "person_key",
        "park_id",
        "phone_level",
        "plate_level",
        "parts_same",
        "parts_near",
        "name_similarity",
        "hired_after_days",
        "phone_points",
        "plate_points",
        "name_points",
        "model_points",
        "date_points",
        "settle_code",
        "what_would_settle_it",
        "reason_code",
    )
    row = fields("v_identity_suggestions", nulls)
    row["name_similarity"] = field("double precision", row["name_similarity"]["description"], null=True)
    return page_of(
        row, counts(leads="Leads with suggestions, after the filters."), {**PAGED, **FRESH}, "Pairs for review."
    )


def health() -> Schema:
    """/healthz while the database answers."""
    return shape(
        {
            "status": {
                "type": "string",
                "enum": ["UP", "STARTING"],
                "example": "UP",
                "description": "STARTING before the first build.",
            },
            "database": {
                "type": "string",
                "enum": ["reachable"],
                "example": "reachable",
                "description": "The database answers.",
            },
            **{name: {**each, "type": [each["type"], "null"]} for name, each in FRESH.items()},
            "hours_since_build": field("double precision", "Age of what readers see, in hours.", null=True),
            "last_run_id": field("bigint", "Number of the last run of any command.", null=True),
            "last_run_command": field("text", "What it was.", null=True),
            "last_run_status": field("text", "How it stands.", null=True),
            "last_run_at": field("timestamp with time zone", "When it began.", null=True),
            "hours_since_run": field("double precision", "Hours since then.", null=True),
        },
        "Health.",
    )


def down() -> Schema:
    """/healthz while it does not."""
    return shape(
        {
            "status": {"type": "string", "enum": ["DOWN"], "example": "DOWN", "description": "Nothing can be read."},
            "database": {
                "type": "string",
                "enum": ["unreachable"],
                "example": "unreachable",
                "description": "The database does not answer.",
            },
        },
        "Health, when it is bad.",
    )


def error() -> Schema:
    """The one error form."""
    parts = {
        "code": {"type": "string", "description": "What kind of refusal it is.", "example": "NOT_A_MONDAY"},
        "message": {
            "type": "string",
            "description": "What is wrong, in a sentence.",
            "example": "week_start 2026-01-06 is not a Monday; weeks start on Mondays.",
        },
        "next": {"type": "string", "description": "What to do.", "example": "Give the Monday of the week."},
        "field": {"type": "string", "description": "The parameter that it is about.", "example": "week_start"},
    }
    return shape(
        {
            "error": shape(parts, "The refusal.", optional=("field",)),
            "detail": {
                "type": "string",
                "description": "The message again, for clients that read it.",
                "example": "week_start 2026-01-06 is not a Monday; weeks start on Mondays.",
            },
        },
        "A refusal.",
    )
