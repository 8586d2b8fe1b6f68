"""Columns as OpenAPI fields: types and descriptions are those of the models, which say each of them once."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import yaml

from runner.warehouse import project_folder

Schema = dict[str, Any]

_BLOCK = re.compile(r"\{% docs (\w+) %\}\s*(.*?)\s*\{% enddocs %\}", re.DOTALL)
_QUOTE = re.compile(r"\{\{ doc\('(\w+)'\) \}\}")

MONEY: Schema = {"type": "string", "pattern": r"^-?[0-9]+\.[0-9]{2}$", "example": "25.00"}
TYPES: dict[str, Schema] = {
    "integer": {"type": "integer", "example": 5},
    "bigint": {"type": "integer", "example": 5},
    "boolean": {"type": "boolean", "example": True},
    "date": {"type": "string", "format": "date", "example": "2026-01-08"},
    "uuid": {"type": "string", "format": "uuid", "example": "3c458fd3-e9f5-40aa-8e0f-5b75ae504997"},
    "timestamp with time zone": {"type": "string", "format": "date-time", "example": "2026-01-14T02:31:08+00:00"},
    "double precision": {"type": "number", "example": 84.69},
    "numeric(12,2)": MONEY,
    "numeric(18,2)": MONEY,
    "text": {"type": "string", "example": "…"},
    "jsonb": {"type": "object", "example": {}},
}
EXAMPLES: dict[str, Any] = {
    "lead_id": 827,
    "lead_source_pk": "a9cc638d1ea536af2a2f3e0dab567b07",
    "driver_id": "7c17a0750630593a7f301eac40eeb89e",
    "week_start": "2026-01-05",
    "window_end_14d": "2026-01-22",
    "limbo_stage": "TRIPS_NO_CLAIM",
    "claim_status": "CLAIM_NOT_GENERATED",
    "gap_reason": "CLAIM_NOT_GENERATED",
    "iso_week": "2026-02",
    "claims_missing": "M1,M5",
    "park_phone": "+51 900 000 001",
    "asset_plate_number": "ABC-123",
    "lead_name": "ANA QUISPE",
    "driver_name": "ANA QUISPE",
    "limbo_reason_detail": "Falta el claim M5 (viajes = 5): ejecute la generación de claims.",
    "claim_status_m1": "generated",
    "claim_status_m5": "paid",
    "claim_status_m25": "rejected",
    "run_id": 12,
}


@cache
def blocks() -> dict[str, str]:
    """Every docs block by name."""
    found: dict[str, str] = {}
    for path in sorted((project_folder() / "models").rglob("*.md")):
        found |= {name: " ".join(text.split()) for name, text in _BLOCK.findall(path.read_text(encoding="utf-8"))}
    return found


@cache
def columns(relation: str) -> dict[str, tuple[str, str]]:
    """Type and description of every column of a relation in ops."""
    for path in sorted((project_folder() / "models" / "marts").rglob("*.yml")):
        for model in (yaml.safe_load(path.read_text(encoding="utf-8")) or {}).get("models", []):
            if model["name"] == relation:
                return {
                    each["name"]: (each["data_type"], _QUOTE.sub(lambda m: blocks()[m[1]], each["description"]))
                    for each in model["columns"]
                }
    raise KeyError(relation)


def field(kind: str, description: str, *, name: str = "", null: bool = False) -> Schema:
    """One field. What may be missing may be null."""
    plain = dict(TYPES.get("text" if kind == "character varying" else kind, TYPES["text"]))
    if name in EXAMPLES:
        plain["example"] = EXAMPLES[name]
    if null:
        plain["type"] = [plain["type"], "null"]
    return {**plain, "description": description}


def fields(
    relation: str, nullable: tuple[str, ...], *, only: tuple[str, ...] = (), **renamed: str
) -> dict[str, Schema]:
    """Fields of a relation's columns; `only` some, `new="old"` under another name."""
    known = columns(relation)
    names = {new: old for new, old in renamed.items()} | {
        name: name for name in (only or known) if name not in renamed and name in known
    }
    ordered = [name for name in (only or names) if name in names]
    return {name: field(*known[names[name]], name=name, null=name in nullable) for name in ordered}


def shape(properties: dict[str, Schema], description: str, *, optional: tuple[str, ...] = ()) -> Schema:
    """An object that holds exactly these fields."""
    return {
        "type": "object",
        "description": description,
        "properties": properties,
        "additionalProperties": False,
        "required": [name for name in properties if name not in optional],
    }


def several(item: Schema, description: str) -> Schema:
    """A list."""
    return {"type": "array", "items": item, "description": description}
