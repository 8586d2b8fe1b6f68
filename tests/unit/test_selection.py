"""The stages of a chain: what is built before each write-back, what is built again after it, and nothing left out."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from runner import chain, queries, settings, warehouse
from runner.database import Server
from runner.reconcile import ClaimsFilter
from runner.reconcile_leads import LeadsFilter
from runner.selection import Stages

# read -> resolved -> decided (read by the first write-back); resolved + claims -> states (by the second) -> sums.
PARENTS = {
    "source.links": [],
    "source.claims": [],
    "model.read": [],
    "model.resolved": ["model.read", "source.links"],
    "model.of_resolved": ["model.resolved"],
    "model.decided": ["model.of_resolved"],
    "model.states": ["model.of_resolved", "source.claims"],
    "model.sums": ["model.states"],
    "test.read": ["model.read"],
    "test.decided": ["model.decided", "model.read"],
    "test.through_a_view": ["model.of_resolved"],
    "test.states_and_decided": ["model.states", "model.decided"],
    "test.sums": ["model.sums"],
}
VIEWS = {"model.of_resolved"}


def manifest() -> Any:
    """As much of dbt's manifest as the stages look at."""
    nodes = {
        key: SimpleNamespace(
            name=key.split(".")[1],
            resource_type=key.split(".")[0],
            config=SimpleNamespace(enabled=True, materialized="view" if key in VIEWS else "table"),
            depends_on=SimpleNamespace(nodes=parents),
        )
        for key, parents in PARENTS.items()
        if not key.startswith("source.")
    }
    sources = {key: SimpleNamespace(source_name="canon", name=key.split(".")[1]) for key in PARENTS if "source" in key}
    children: dict[str, list[str]] = {key: [] for key in PARENTS}
    for key, parents in PARENTS.items():
        for parent in parents:
            children[parent].append(key)
    return SimpleNamespace(nodes=nodes, sources=sources, parent_map=PARENTS, child_map=children)


def build(stages: Stages, needs: Iterable[str] | None) -> set[str]:
    """What a build makes and tests; it passes."""
    wanted = tuple(needs) if needs is not None else None
    names = stages.next(wanted)
    stages.built(wanted)
    return set(names)


def test_each_stage_makes_what_the_next_reader_needs_and_no_more() -> None:
    stages = Stages(manifest)
    assert build(stages, ["decided"]) == {"read", "resolved", "decided", "through_a_view"} | {"read", "decided"}
    assert build(stages, ["states"]) == {"states", "states_and_decided"}
    assert build(stages, None) == {"sums"}
    assert build(stages, None) == set()


def test_what_reads_a_written_source_is_made_again_with_its_tests_and_nothing_else() -> None:
    stages = Stages(manifest)
    build(stages, ["decided"])
    stages.written("canon.links")
    assert build(stages, ["states"]) == {"resolved", "states", "through_a_view"}, "decided is not needed yet"
    stages.written("canon.claims")
    assert build(stages, None) == {"decided", "states", "sums", "states_and_decided"}


def test_where_nothing_changed_nothing_is_built_until_something_is_written() -> None:
    stages = Stages(manifest)
    stages.stand()
    assert build(stages, ["decided"]) == build(stages, None) == set()
    stages.written("canon.claims")
    assert build(stages, None) == {"states", "sums", "states_and_decided"}


def test_what_an_earlier_stage_made_is_told_from_what_is_made_first() -> None:
    stages = Stages(manifest)
    build(stages, ["decided"])
    assert stages.again(None) == []
    stages.written("canon.links")
    assert set(stages.again(["states"])) == {"resolved", "through_a_view"}
    build(stages, ["states"])
    stages.written("canon.claims")
    assert set(stages.again(None)) == {"decided", "states"}, "the test of both is made for the first time"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The manifest of this very project; no database is asked."""
    nowhere = Server(host="nowhere", port="1", dbname="nowhere", user="nobody", password="")
    return warehouse.project(nowhere, settings.load({"home": tmp_path_factory.mktemp("home")}))


WRITE_BACKS = {"leads": chain.leads_write_back(LeadsFilter()), "claims": chain.claims_write_back(ClaimsFilter())}


@pytest.mark.parametrize("name", WRITE_BACKS)
def test_what_a_write_back_reads_is_built_before_it(project: Any, name: str) -> None:
    """By the names in its own statements, not by what the chain says of it."""
    stages = Stages(lambda: project)
    built = {project.nodes[key].name for key in stages._next(WRITE_BACKS[name].needs)}
    text = Path(queries.__file__).with_name(f"{name}.sql").read_text(encoding="utf-8")
    read = set(re.findall(r"ops_intermediate\.(\w+)", text))
    by_name = {node.name: key for key, node in project.nodes.items()}
    rows = {
        project.nodes[key].name
        for key in _above(project, {by_name[one] for one in read})
        if project.nodes[key].config.materialized != "view" and project.nodes[key].resource_type == "model"
    }
    assert rows and rows <= built


def test_the_rules_of_claims_have_passed_before_one_is_raised(project: Any) -> None:
    stages = Stages(lambda: project)
    built = build(stages, WRITE_BACKS["leads"].needs) | build(stages, WRITE_BACKS["claims"].needs)
    assert built >= {
        "every_trip_row_counts_or_is_listed",
        "every_lead_with_a_driver_has_its_window",
        "expected_money_adds_up",
        "grain_of_int_states__lead_claims",
        "h1_no_trips_without_driver",
        "h2_trips_no_claim_misses_a_reached_milestone",
        "h3_expected_claims_have_an_amount",
        "h4_every_lead_is_in_limbo_once",
        "r5_r8_seed_holds_what_was_agreed",
        "r7_milestones_are_cumulative",
        "r15_limbo_and_gap_agree",
    }


def test_after_claims_the_leads_are_looked_at_again_and_what_they_rest_on_is_not(project: Any) -> None:
    """What only_claims_moved (macros/partial.sql) asks for: else the last stage would look at all leads that moved."""
    stages = Stages(lambda: project)
    build(stages, WRITE_BACKS["leads"].needs)
    stages.written("canon.identity_links")
    build(stages, WRITE_BACKS["claims"].needs)
    stages.written("canon.claims_yango_cabinet_14d")
    again = set(stages.again(None))
    assert again >= {"int_leads__moved", "int_states__lead_claims", "int_states__leads"}
    assert not again & {"int_leads__due", "int_states__leads_resolved", "int_windows__trips", "int_persons__drivers"}


def test_all_stages_together_leave_nothing_out(project: Any) -> None:
    stages = Stages(lambda: project)
    built: set[str] = set()
    for needs in (WRITE_BACKS["leads"].needs, WRITE_BACKS["claims"].needs, None):
        built |= build(stages, needs)
    assert built == {
        node.name
        for node in project.nodes.values()
        if node.config.enabled
        and (node.resource_type == "test" or (node.resource_type == "model" and node.config.materialized != "view"))
    }


def _above(project: Any, keys: set[str]) -> set[str]:
    found = set(keys)
    for key in keys:
        found |= _above(project, {parent for parent in project.parent_map.get(key, []) if parent in project.nodes})
    return found
