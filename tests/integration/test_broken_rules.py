"""Rules broken on purpose, one at a time: something must turn red for each, or the rule is not guarded.

A copy of the dbt project gets one change. Judges are the dbt unit tests, the blocking tests of a build, and the oracle.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from runner import chain, warehouse
from runner.database import Server
from runner.errors import BrokenRule
from runner.settings import Settings
from tests import harness
from tests.worlds import combine, sample, worlds

AS_OF = date(2026, 1, 14)
LEADS = "models/intermediate/leads"
STATES = "models/intermediate/states"


@dataclass(frozen=True)
class Break:
    """One rule, the file that holds it, and the change that breaks it."""

    rule: str
    file: str
    old: str
    new: str


BREAKS = (
    Break(
        "H1",
        f"{LEADS}/int_leads__windowed.sql",
        "coalesce(window_trips.trips, 0) as trips_14d",
        "coalesce(window_trips.trips, 7) as trips_14d",
    ),
    Break(
        "H2",
        f"{LEADS}/int_leads__staged.sql",
        "when claims_of_lead.lowest_missing is not null then",
        "when claims_of_lead.reached_m1 then",
    ),
    Break(
        "H3",
        "models/intermediate/claims/int_claims__expected.sql",
        "milestones.amount as amount_expected",
        "cast(milestones.amount * 0 as numeric(12, 2)) as amount_expected",
    ),
    Break("H4", f"{STATES}/int_states__leads_resolved.sql", "left join links on", "inner join links on"),
    Break("R5, 15 days", "seeds/milestones.csv", "PEN,14,", "PEN,15,"),
    Break(
        "R5, closed end",
        f"{LEADS}/int_windows__trips.sql",
        "and driver_days.trip_date < pairs.window_end",
        "and driver_days.trip_date <= pairs.window_end",
    ),
    Break("R8", "seeds/milestones.csv", "25,25,100.00", "25,25,101.00"),
    Break(
        "D-2, bearer",
        f"{STATES}/int_states__leads_resolved.sql",
        "row_number() over (partition by person_key, lead_date order by lead_created_at, lead_id) as place",
        "row_number() over (partition by person_key, lead_date order by lead_created_at desc, lead_id) as place",
    ),
    Break(
        "D-2, claimed twice",
        "models/intermediate/claims/int_claims__expected.sql",
        "when duplicate_of_lead_source_pk is not null then 'DUPLICATE_LEAD'",
        "",
    ),
    Break(
        "D-3",
        f"{STATES}/int_states__persons_drivers.sql",
        "order by linked_at desc, link_id desc",
        "order by linked_at, link_id",
    ),
    Break(
        "D-3, tie",
        f"{STATES}/int_states__persons_drivers.sql",
        "order by linked_at desc, link_id desc",
        "order by linked_at desc, link_id",
    ),
    Break(
        "D-4",
        "models/intermediate/claims/int_claims__expected.sql",
        "claims.claim_id is not null as claim_present",
        "coalesce(claims.is_live_claim, false) as claim_present",
    ),
    Break(
        "D-17", "macros/fingerprints.sql", "loads.trip_date, loads.loaded_at desc", "loads.trip_date, loads.loaded_at"
    ),
    Break(
        "cards, leads with claims",
        "models/intermediate/states/int_states__lead_days.sql",
        "has_claim_m1 or has_claim_m5 or has_claim_m25",
        "has_claim_m5 or has_claim_m25",
    ),
    Break(
        "cards, money",
        "models/intermediate/states/int_states__claim_days.sql",
        "sum(amount_expected)",
        "sum(case when claim_expected then amount_expected else 0 end)",
    ),
)


# Each parses and builds a project of its own; every third one in every test run, the others under `make soak`.
@pytest.mark.parametrize(
    "broken",
    [
        pytest.param(broken, id=broken.rule, marks=[pytest.mark.soak] * bool(place % 3))
        for place, broken in enumerate(BREAKS)
    ],
)
def test_a_broken_rule_turns_something_red(
    migrated_database: Server,
    settings_for: Callable[..., Settings],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    broken: Break,
) -> None:
    """Which tests turned red is written down when RED_LIST names a file."""
    project = copy_with(tmp_path / "project", broken)
    monkeypatch.setattr(warehouse, "project_folder", lambda: project)
    settings = settings_for(migrated_database)
    world = combine(sample(worlds(AS_OF), 150, 5))
    harness.write_world(migrated_database, world)
    red = {"rules": red_rules(settings, world), "unit tests": red_unit_tests(migrated_database, settings)}
    if not red["rules"]:  # a build that a rule stopped has nothing to read
        red["oracle"] = red_columns(migrated_database, world)
    _write_down(broken, red)
    assert any(red.values()), f"{broken.rule} is not guarded"


def copy_with(folder: Path, broken: Break) -> Path:
    """A copy of the dbt project with the one change."""
    source = warehouse.project_folder()
    for part in ("models", "macros", "seeds", "tests/rules", "tests/generic"):
        shutil.copytree(source / part, folder / part)
    for name in ("dbt_project.yml", "profiles.example.yml"):
        shutil.copy(source / name, folder / name)
    path = folder / broken.file
    text = path.read_text(encoding="utf-8")
    assert broken.old in text, f"{broken.rule}: the text to break is gone from {broken.file}"
    path.write_text(text.replace(broken.old, broken.new), encoding="utf-8")
    return folder


def red_rules(settings: Settings, world: harness.World) -> list[str]:
    """Blocking tests that stopped the build."""
    try:
        chain.build(settings, world.as_of, progress=harness.QUIET)
    except BrokenRule as error:
        return [error.message.split(": ", 1)[1].split(";")[0]]
    return []


def red_unit_tests(where: Server, settings: Settings) -> list[str]:
    """dbt unit tests that fail."""
    results = warehouse.run_dbt(where, settings, ["test", "--select", "test_type:unit"], {})
    return [result.node.name for result in results if str(result.status) in ("fail", "error")]


def red_columns(where: Server, world: harness.World) -> list[str]:
    """Columns in which the models and the oracle differ."""
    found = harness.differences(harness.read_all(where), harness.answers(world))
    return sorted(
        {" ".join(line.split(":")[0].split(" ")[:: len(line.split(":")[0].split(" ")) - 1]) for line in found}
    )


def _write_down(broken: Break, red: dict[str, list[str]]) -> None:
    if path := os.environ.get("RED_LIST"):
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(json.dumps({"rule": broken.rule, **red}) + "\n")
