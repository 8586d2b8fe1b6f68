"""Recompute on read: the same rules as plain views over the raw tables, asked for the first page of a list."""

from __future__ import annotations

import time
from pathlib import Path

import psycopg2

from benchmarks.scale import floor
from benchmarks.scale.figures import Part
from benchmarks.scale.ground import Ground
from benchmarks.scale.world import named

STATEMENTS = named(Path(__file__).with_name("views.sql"))
STEPS = floor.CHAINED | {"dates": STATEMENTS["step_dates"], "days": STATEMENTS["step_days"]}
PATIENCE = 200  # seconds


def measure(where: Ground, repeat: int) -> Part:
    """A page that does not come within the statement timeout is told as that, and not asked for again."""
    part = Part()
    make(where)
    for name in ("limbo", "gap"):
        for _ in range(repeat):
            seconds = _page(where, STATEMENTS[f"page_{name}"])
            if seconds is None:
                part.facts[f"{name}: first page"] = f"> {PATIENCE} s"
                break
            part.add(f"{name}: first page", seconds)
    where.do("drop schema scale_views cascade")
    return part


def make(where: Ground) -> None:
    """One view per step, each over those before."""
    as_of = f"date '{where.as_of()}'"
    with where.cursor() as cursor:
        cursor.execute("drop schema if exists scale_views cascade; create schema scale_views")
        cursor.execute("set search_path = scale_views, public")
        for name, text in STEPS.items():
            cursor.execute(f"create view {name} as {text.replace('{as_of}', as_of)}")
        for name in ("limbo", "gap"):
            cursor.execute(f"create view {name} as {floor.RESULTS[name].replace('{as_of}', as_of)}")


def _page(where: Ground, text: str) -> float | None:
    began = time.perf_counter()
    try:
        with where.cursor() as cursor:
            cursor.execute(f"set statement_timeout = '{PATIENCE}s'")
            cursor.execute(text)
            cursor.fetchall()
    except psycopg2.errors.QueryCanceled:
        return None
    return time.perf_counter() - began
