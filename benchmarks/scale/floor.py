"""The floor: one hand-written statement per result from the raw tables, in the same server, with the same indexes."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.scale.figures import Part
from benchmarks.scale.ground import Ground
from benchmarks.scale.world import named

SECTIONS = named(Path(__file__).with_name("floor.sql"))
STEPS = {name.removeprefix("step_"): text for name, text in SECTIONS.items() if name.startswith("step_")}
RESULTS = {name.removeprefix("result_"): text for name, text in SECTIONS.items() if name.startswith("result_")}
# Chained: driver-days first, then the leads with their trips, which the others read.
KEPT = {"days": "driver_days", "windowed": "windowed"}
CHAINED = STEPS | {"trips": SECTIONS["chained_trips"]}
# The result, the public relation that must hold the same rows, and which of its rows.
SAME_AS = {
    "limbo": "ops.v_cabinet_leads_limbo",
    "gap": "ops.v_cabinet_claims_gap_14d",
    "expected": "ops.v_claims_expected_vs_present_14d",
    "financial": "ops.v_cabinet_financial_14d",
    "funnel": "ops.v_cabinet_14d_funnel_audit_weekly",
    "excluded_trips": "(select * from ops.v_cabinet_exclusions where source = 'trips')",
}


def alone(where: Ground, repeat: int) -> Part:
    """Each statement from the raw tables by itself; at the end whether the rows are the product's."""
    as_of = f"date '{where.as_of()}'"
    texts = {name: compose(text, as_of) for name, text in RESULTS.items()}
    # The first day with work is not in the window: all driver-days are there anyway.
    texts["financial"] = compose(RESULTS["financial"], as_of, steps=CHAINED)
    return _measure(where, texts, repeat)


def chained(where: Ground, repeat: int) -> Part:
    """Each statement may read what earlier ones left."""
    return _measure(where, chain(f"date '{where.as_of()}'"), repeat)


def _measure(where: Ground, texts: dict[str, str], repeat: int) -> Part:
    part = Part()
    for _ in range(repeat):
        where.do("drop schema if exists scale_floor cascade", "create schema scale_floor")
        for name, text in texts.items():
            part.add(name, made(where, name, text))
    part.facts["sum of medians"] = part.total()
    part.facts["same as the product"] = same(where) if where.has_states() else "not compared: nothing was built"
    where.do("drop schema scale_floor cascade")
    return part


def compose(text: str, as_of: str, kept: Sequence[str] = (), steps: dict[str, str] = STEPS) -> str:
    """The statement after the steps that no earlier one left as a table; those that it does not use cost nothing."""
    parts = [f"{name} as ({_kept(name) if name in kept else step})" for name, step in steps.items()]
    return f"with {', '.join(parts)} {text}".replace("{as_of}", as_of)


def chain(as_of: str) -> dict[str, str]:
    """Statements in their order: driver-days, leads with their trips, the results that read both."""
    first = compose(RESULTS["driver_days"], as_of)
    leads = compose("select * from windowed", as_of, ["days"], CHAINED)
    later = {name: compose(RESULTS[name], as_of, list(KEPT), CHAINED) for name in RESULTS if name != "driver_days"}
    return {"driver_days": first, "windowed": leads, **later}


def _kept(step: str) -> str:
    return f"select * from scale_floor.{KEPT[step]}"


def made(where: Ground, name: str, text: str) -> float:
    """Seconds of the table and its indexes, committed; analyzed (not timed) for those that read it."""
    began = time.perf_counter()
    with where.cursor() as cursor:
        cursor.execute(f"create table scale_floor.{name} as {text}")
        if f"index_{name}" in SECTIONS:
            cursor.execute(SECTIONS[f"index_{name}"])
    seconds = time.perf_counter() - began
    where.do(f"vacuum analyze scale_floor.{name}")
    return seconds


def same(where: Ground) -> dict[str, str]:
    """For each result, rows on both sides and rows that only one side has."""
    return {name: _compare(where, name, relation) for name, relation in SAME_AS.items()}


def _compare(where: Ground, name: str, relation: str) -> str:
    """All columns that the hand-written table has: texts of reasons are not among them."""
    columns = ", ".join(
        row[0]
        for row in where.ask(
            "select quote_ident(attname) from pg_attribute "
            f"where attrelid = 'scale_floor.{name}'::regclass and attnum > 0 order by attnum"
        )
    )
    ours, theirs = f"select {columns} from {relation} as r", f"select {columns} from scale_floor.{name}"
    sides = (ours, theirs, f"{ours} except all {theirs}", f"{theirs} except all {ours}")
    found: list[int] = [where.ask(f"select count(*) from ({side}) as side")[0][0] for side in sides]
    if found[2:] == [0, 0]:
        return f"EQUAL, {found[0]:,} rows"
    return f"DIFFERENT: {found[0]:,} and {found[1]:,} rows, {found[2]:,} only the product's, {found[3]:,} only here"


def explain(where: Ground, name: str) -> str:
    """The plan of one chained or lone statement with its real figures."""
    text = compose(RESULTS[name], f"date '{where.as_of()}'")
    return "\n".join(row[0] for row in where.ask(f"explain (analyze, buffers, costs off, settings) {text}"))
