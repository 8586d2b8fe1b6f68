"""The dbt project as a graph: R12, descriptions, contracts, clocks; read from the manifest that dbt itself writes."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest

from runner import database, warehouse
from runner.database import Server
from runner.settings import Settings
from tests import harness

PROMISED = (
    "v_cabinet_leads_limbo",
    "v_cabinet_claims_expected_14d",
    "v_cabinet_claims_gap_14d",
    "v_claims_expected_vs_present_14d",
    "v_cabinet_stage_history",
    "v_cabinet_exclusions",
    "v_cabinet_claims_unsupported",
)


@pytest.fixture(scope="module")
def manifest(settings: Settings) -> dict[str, Any]:
    """What dbt makes of the project."""
    where = database.server(settings)
    warehouse.run_dbt(where, settings, ["compile"], {})
    return json.loads((warehouse.folder_of(where, settings) / "target" / "manifest.json").read_text(encoding="utf-8"))


def ancestors(manifest: dict[str, Any], name: str) -> set[str]:
    """Every node and source that a model reads, at any depth."""
    found: set[str] = set()
    waiting = [f"model.cabinet14d.{name}"]
    while waiting:
        for parent in manifest["parent_map"].get(waiting.pop(), []):
            if parent not in found:
                found.add(parent)
                waiting.append(parent)
    return found


@pytest.mark.parametrize("name", [n for n in PROMISED if n != "v_cabinet_exclusions"])
def test_nothing_about_claims_reads_payments(manifest: dict[str, Any], name: str) -> None:
    """R12: no payment relation among the ancestors of expected and gap, nor of limbo that shows both."""
    upstream = ancestors(manifest, name)
    assert any("claims_yango_cabinet_14d" in node for node in upstream)
    assert [node for node in upstream if "payment" in node.lower()] == []


def test_exclusions_do_read_payments(manifest: dict[str, Any]) -> None:
    """The walk above would see a payment relation if there were one."""
    assert any("payment" in node for node in ancestors(manifest, "v_cabinet_exclusions"))


def test_everything_is_described(manifest: dict[str, Any]) -> None:
    """Every model and seed, and every column of it, in words that say more than its name."""
    nodes = [node for node in manifest["nodes"].values() if node["resource_type"] in ("model", "seed")]
    empty = [
        f"{node['name']}.{column}"
        for node in nodes
        for column, told in node["columns"].items()
        if told["description"].strip().lower().rstrip(".") in ("", column, column.replace("_", " "))
    ]
    assert empty == []
    assert [node["name"] for node in nodes if len(node["description"].split()) < 4] == []


def test_columns_in_the_database_are_the_described_ones(
    migrated_database: Server, manifest: dict[str, Any], settings_for: Callable[..., Settings]
) -> None:
    """No column without a description, none described that is not there; comments are in the database too."""
    settings = settings_for(migrated_database)
    harness.build(settings, harness.World(as_of=harness.AS_OF))
    models = [node for node in manifest["nodes"].values() if node["resource_type"] in ("model", "seed")]
    with closing(harness.connect(migrated_database)) as session, session, session.cursor() as cursor:
        for node in models:
            cursor.execute(
                "select attname, col_description(attrelid, attnum) from pg_attribute where attrelid = %s::regclass"
                " and attnum > 0",
                (f"{node['schema']}.{node['name']}",),
            )
            found = dict(cursor.fetchall())
            assert set(found) == set(node["columns"]), node["name"]
            assert {name: text for name, text in found.items() if not text} == {}, node["name"]


def test_what_others_read_has_a_contract(manifest: dict[str, Any]) -> None:
    """Every relation in ops, with a type for each column and precision for money."""
    marts = [
        node for node in manifest["nodes"].values() if node["resource_type"] == "model" and node["schema"] == "ops"
    ]
    assert {node["name"] for node in marts} >= set(PROMISED)
    for node in marts:
        assert node["contract"]["enforced"], node["name"]
        types = {column["data_type"] for column in node["columns"].values()}
        assert None not in types and "numeric" not in types, node["name"]
