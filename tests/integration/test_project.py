"""The dbt project as a graph: R12, descriptions, grain, contracts, exposures; from the manifest that dbt writes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
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
    told = {(node["name"], name): column["description"] for node in nodes for name, column in node["columns"].items()}
    assert len(told) > 1400
    assert [key for key, text in told.items() if says_no_more_than(key[1], text)] == []
    assert [node["name"] for node in nodes if len(node["description"].split()) < 4] == []
    assert [source["name"] for source in manifest["sources"].values() if len(source["description"].split()) < 4] == []


def says_no_more_than(name: str, text: str) -> bool:
    """Whether a description is empty, or only the name again with other words around that say nothing."""
    empty = {"the", "a", "an", "of", "this", "column", "field", "value", "row", "its"}
    return set(re.findall(r"[a-z0-9]+", text.lower())) - empty <= set(name.split("_"))


@pytest.mark.parametrize(
    ("name", "text", "empty"),
    [
        ("lead_date", "", True),
        ("lead_date", "The lead date.", True),
        ("lead_date", "Date of this lead.", True),
        ("lead_date", "Day of the lead in the business time zone.", False),
    ],
)
def test_the_search_for_empty_descriptions_finds_them(name: str, text: str, empty: bool) -> None:
    assert says_no_more_than(name, text) is empty


def test_every_model_says_first_what_one_row_is(manifest: dict[str, Any]) -> None:
    """In words and, in meta, as columns; the two relations whose source has no key say so."""
    nodes = [node for node in manifest["nodes"].values() if node["resource_type"] in ("model", "seed")]
    assert [node["name"] for node in nodes if not node["description"].startswith("One row per ")] == []
    keyless = {node["name"] for node in nodes if not isinstance(node["config"]["meta"]["grain"], list)}
    assert keyless == {"stg_cabinet__trips"}


def test_the_grain_holds_on_the_sample(sample_database: Server, manifest: dict[str, Any]) -> None:
    """No two rows of any relation are equal in the columns that its meta names."""
    repeated = []
    with closing(harness.connect(sample_database)) as session, session, session.cursor() as cursor:
        for node in manifest["nodes"].values():
            grain = node["config"]["meta"].get("grain") if node["resource_type"] in ("model", "seed") else None
            if isinstance(grain, list):
                key, relation = ", ".join(grain), f"{node['schema']}.{node['name']}"
                cursor.execute(f"select {key} from {relation} group by {key} having count(*) > 1 limit 1")
                repeated += [(relation, row) for row in cursor.fetchall()]
    assert repeated == []


# Commands about the machine and the matching's own workshop read what they like; nobody acts on it.
NOT_EXPOSED = {"standing.sql", "runs.sql", "demo.sql", "load.sql"}
RELATION = re.compile(r"\bops(?:_intermediate|_staging)?\.([a-z_][a-z0-9_]*)")


def test_what_the_runner_reads_is_an_exposure_with_an_owner(manifest: dict[str, Any]) -> None:
    """Every model in the SQL that Python runs stands in some exposure; each has somebody who answers for it."""
    folder = Path(__file__).parents[2] / "runner" / "queries"
    read = {
        name
        for file in folder.glob("*.sql")
        if file.name not in NOT_EXPOSED
        for name in RELATION.findall(file.read_text(encoding="utf-8"))
    }
    models = {node["name"] for node in manifest["nodes"].values() if node["resource_type"] in ("model", "seed")}
    exposures = manifest["exposures"].values()
    shown = {name.split(".")[2] for exposure in exposures for name in exposure["depends_on"]["nodes"]}
    assert len(read & models) > 30
    assert sorted((read & models) - shown) == []
    assert [exposure["name"] for exposure in exposures if not exposure["owner"].get("name")] == []
    assert {"identity_links", "claims", "api", "page", "alerts", "exports", "metrics"} <= {e["name"] for e in exposures}


def test_every_model_belongs_to_a_group_with_an_owner(manifest: dict[str, Any]) -> None:
    """And what others may build upon is public, the rest is not."""
    models = [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]
    owners = {group["name"]: group["owner"]["name"] for group in manifest["groups"].values()}
    assert [node["name"] for node in models if not owners.get(node["group"])] == []
    assert [node["name"] for node in models if (node["access"] == "public") != (node["schema"] == "ops")] == []


def test_there_is_a_selector_per_purpose(manifest: dict[str, Any]) -> None:
    assert set(manifest["selectors"]) == {"nightly", "audit", "docs"}


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
