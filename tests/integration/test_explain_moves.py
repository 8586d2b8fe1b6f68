"""What would have to be true, on drawn worlds: the oracle says what happens when it becomes true, and when not quite.

One build for all of them; the worlds are changed in Python only, and the oracle judges the change.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from typing import Any

from runner import explain
from runner.database import Server
from runner.settings import Settings
from tests import harness, oracle
from tests.conftest import new_database, settings_at
from tests.oracle import TripRow, World
from tests.worlds import combine, home, place, sample, worlds

AS_OF = date(2026, 1, 14)
Rows = list[dict[str, Any]]


def test_what_would_have_to_be_true_is_what_the_oracle_says(settings: Settings, migrated_template: str) -> None:
    """A hundred and fifty worlds in one published build, each at its place."""
    apart = sample(worlds(AS_OF), 150, 6)
    placed = [place(world, index) for index, world in enumerate(apart)]
    with new_database(settings, migrated_template) as where:
        ours = settings_at(where, settings.home)
        harness.write_world(where, combine(apart))
        harness.build(ours, combine(apart))
        the_trips_that_are_missing_reach_the_milestone_and_one_less_does_not(where, placed)
        every_milestone_has_its_way_on_and_no_other(where, placed)
        what_the_claims_job_is_said_to_do_is_what_it_does(where, placed)
        every_way_on_is_said_in_words(ours, placed)


def moves(where: Server, *codes: str) -> Rows:
    """What would have to be true, of some codes, for every lead."""
    found = harness.read_relation(where, "v_lead_trace_moves", ("lead_id", "step", "move_code", "milestone"))
    return [row for row in found.values() if row["move_code"] in codes]


def reached(world: World, lead_id: int, milestone: int) -> bool:
    """Whether the rules say that the milestone is reached."""
    return bool(oracle.limbo(world)[lead_id][f"reached_m{milestone}_14d"])


def with_trips(world: World, move: dict[str, Any], trips: int) -> World:
    """The same world with more trips of the driver on the window's first day: in the load that counts there (D-17)."""
    day, driver = move["first_day"], move["driver_id"]
    loads = [row.created_at for row in world.trips if not oracle.rejection(row)
             and (str(row.driver_id).strip(" \t\r\n"), oracle.parse_day(row.date_file)) == (driver, day)]  # fmt: skip
    last = max((load for load in loads if load), default=None)
    return replace(world, trips=(*world.trips, TripRow(driver, f"{day:%d-%m-%Y}", trips, created_at=last)))


def the_trips_that_are_missing_reach_the_milestone_and_one_less_does_not(where: Server, placed: list[World]) -> None:
    """R5 to R7: for every milestone that is not reached, window open or closed."""
    asked = moves(where, "MORE_TRIPS", "LATE_TRIPS_ONLY")
    for move in asked:
        world, lead, milestone = placed[home(move["lead_id"])], move["lead_id"], move["milestone"]
        assert not reached(world, lead, milestone)
        assert reached(with_trips(world, move, move["trips_needed"]), lead, milestone), move
        if move["trips_needed"] > 1:
            assert not reached(with_trips(world, move, move["trips_needed"] - 1), lead, milestone), move
        days_left = max((move["last_day"] - world.as_of).days + 1, 0)
        assert (move["days_left"], move["move_code"]) == (days_left, "MORE_TRIPS" if days_left else "LATE_TRIPS_ONLY")
    assert len(asked) > 200 and len({move["move_code"] for move in asked}) == 2


def every_milestone_has_its_way_on_and_no_other(where: Server, placed: list[World]) -> None:
    """Not reached: trips are asked for; reached: a claim; and only of leads that have a driver."""
    asked = {(row["lead_id"], row["milestone"]) for row in moves(where, "MORE_TRIPS", "LATE_TRIPS_ONLY")}
    world = combine_placed(placed)
    expected = oracle.expected_vs_present(world)
    assert asked == {
        grain for grain, row in expected.items() if row["driver_id"] is not None and not row["milestone_achieved"]
    }
    told = {(row["lead_id"], row["milestone"]) for row in claim_moves(where)}
    assert told == {grain for grain, row in expected.items() if row["milestone_achieved"] or row["claim_present"]}


def combine_placed(placed: list[World]) -> World:
    """Worlds that stand at their places already, as one."""
    parts = {
        name: tuple(each for world in placed for each in getattr(world, name))
        for name in ("leads", "trips", "links", "persons", "claims")
    }
    return World(as_of=AS_OF, **parts)


def claim_moves(where: Server) -> Rows:
    """What would have to be true of claims and payments."""
    found = harness.read_relation(where, "v_lead_trace_moves", ("lead_id", "step", "move_code", "milestone"))
    return [row for row in found.values() if row["step"] == 3]


def what_the_claims_job_is_said_to_do_is_what_it_does(where: Server, placed: list[World]) -> None:
    """D-4, D-6, D-21: raised and advanced are exactly those that a trace announces."""
    job = oracle.raise_claims(combine_placed(placed))
    keys = oracle.source_keys(combine_placed(placed).leads)
    raised = {(keys[row["lead_id"]], row["milestone"]) for row in moves(where, "JOB_RAISES_CLAIM")}
    assert raised == {(claim.lead_source_pk, claim.milestone) for claim in job.insert} and len(raised) > 20
    assert {row["claim_id"] for row in moves(where, "JOB_ADVANCES_CLAIM")} == set(job.advance)


def every_way_on_is_said_in_words(ours: Settings, placed: list[World]) -> None:
    """No placeholder is left open, and no sentence is empty, in either language."""
    leads = [lead.id for world in placed[::10] for lead in world.leads]
    for number in leads:
        for language in ("es", "en"):
            found, _ = explain.explain(ours, f"id:{number}", language)
            if found["lead_id"] != number:  # the key of another lead looks like this one's number (D-19)
                continue
            said = [its["text"] for its in found["moves"]] + [found["stage"]["reason"]]
            key = found["lead"]  # which may look like a placeholder, or hold blanks
            texts = [text.replace(key, "") for text in said] if re.search(r"[{\s]", key) else said
            assert [text for text in texts if not text or "{" in text or "  " in text] == []
    assert len(leads) > 30
