"""Where the database differs from what the project says it holds: relations, columns, types."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from runner import warehouse
from runner.doctor_parts import BUILD, NOTE, OK, WARN, Finding, ask, few
from runner.settings import Settings

SCHEMAS = {"staging": "ops_staging", "intermediate": "ops_intermediate", "marts": "ops"}
# Keys of a state table that the materialization adds, and what else is in the schemas without being a model.
Columns = dict[str, str]


def drift(session: Any, settings: Settings) -> Iterator[Finding]:
    """Contracts of the marts against their columns; of the other models only that they are there."""
    there = _in_database(ask(session, "columns"))
    project = warehouse.project_folder()
    wanted, contracts = _models(project), _contracts(project)
    built = [name for name in wanted if name in there]
    if not built:
        yield Finding("drift", NOTE, "Nothing was built here yet.", BUILD)
        return
    found = [f"{name} is missing" for name in wanted if name not in there]
    for name, columns in contracts.items():
        if name in there:
            found += [f"{name}.{problem}" for problem in _differences(columns, there[name])]
    if found:
        yield Finding("drift", WARN, f"The database differs from the models: {few(found)}.", BUILD)
    else:
        yield Finding("drift", OK, f"{len(built)} relations are there, {len(contracts)} agree with their contracts.")


def _in_database(rows: list[tuple[Any, ...]]) -> dict[str, Columns]:
    there: dict[str, Columns] = {}
    for schema, relation, column, data_type in rows:
        there.setdefault(f"{schema}.{relation}", {})[column] = data_type
    return there


def _models(project: Path) -> list[str]:
    """Every model by its schema and name: the folder says the schema."""
    return [f"{SCHEMAS[path.relative_to(project / 'models').parts[0]]}.{path.stem}"
            for path in sorted((project / "models").rglob("*.sql"))]


def _contracts(project: Path) -> dict[str, Columns]:
    """Columns with their types of every mart whose types are written down."""
    import yaml

    contracts: dict[str, Columns] = {}
    for path in sorted((project / "models" / "marts").rglob("*.yml")):
        for model in (yaml.safe_load(path.read_text(encoding="utf-8")) or {}).get("models") or []:
            columns = {c["name"]: c["data_type"] for c in model.get("columns") or [] if c.get("data_type")}
            if columns:
                contracts[f"ops.{model['name']}"] = columns
    return contracts


def _differences(wanted: Columns, there: Columns) -> list[str]:
    missing = [f"{name} is missing" for name in wanted if name not in there]
    more = [f"{name} is not in the contract" for name in there if name not in wanted]
    other = [f"{name} is {there[name]}, not {wanted[name]}" for name in wanted
             if name in there and _plain(wanted[name]) != _plain(there[name])]
    return missing + more + other


def _plain(data_type: str) -> str:
    """Types compared without blanks: numeric(12, 2) is numeric(12,2)."""
    return data_type.lower().replace(" ", "")
