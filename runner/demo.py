"""The sample: files as the real ones look, invented people, a known story; and the way to load them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from runner import queries
from runner.database import Server, connect, transaction
from runner.demo_dirty import DIRTY, TAKEN, Dirt
from runner.demo_fleet import fill_parks, pay
from runner.demo_people import TARGET_PARK, Dice
from runner.demo_sample import AS_OF, Sample
from runner.demo_story import Cell, Story, quota
from runner.load import LoadResult, load_files
from runner.settings import Settings

__all__ = ["AS_OF", "DIRTY", "TARGET_PARK", "DemoFiles", "DemoLoad", "load_into", "write"]

RAW = ("drivers", "leads", "trips", "payments")


@dataclass(frozen=True)
class DemoFiles:
    """The files of one sample: four as real feeds give them, two that say what the earlier system left."""

    leads: Path
    trips: Path
    drivers: Path
    payments: Path
    identity: Path
    claims: Path


@dataclass(frozen=True)
class DemoLoad:
    """What loading a sample did, in rows put into canon too: none if it already held something."""

    results: dict[str, LoadResult]
    persons: int
    links: int
    claims: int


def write(folder: Path, leads: int = 849, seed: int = 14) -> DemoFiles:
    """Write the six files into a folder, the same bytes for the same `leads` and `seed`.

    `leads` says how many are in the funnel on AS_OF, never fewer than the dirty cases need (31). Five
    more lines of the leads file are outside it: two without date, one of 2099, two that loading rejects.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with Sample(folder, Dice(seed)) as sample:
        story = Story(sample)
        dirt = Dirt(story)
        dirt.make()
        for (week, stage), count in _ordinary(leads).items():
            for _ in range(count):
                story.lead(week, stage)
        fill_parks(story, leads)
        pay(story, leads)
        sample.leads.sort(key=lambda lead: (lead.inserted, lead.created or lead.inserted))
        dirt.mistake_a_key()
        sample.finish()
        dirt.rejected_leads()
    return DemoFiles(**{name: folder / f"{name}.csv" for name in DemoFiles.__annotations__})


def _ordinary(leads: int) -> dict[Cell, int]:
    """Ordinary leads per week and stage: the published shares less the places that the dirty leads take."""
    ordinary = {cell: max(0, count - TAKEN.get(cell, 0)) for cell, count in quota(leads).items()}
    too_many = sum(ordinary.values()) + sum(TAKEN.values()) - max(leads, sum(TAKEN.values()))
    for cell in ordinary:
        less = min(ordinary[cell], max(0, too_many))
        ordinary[cell] -= less
        too_many -= less
    return ordinary


def load_into(where: Server, settings: Settings, files: DemoFiles, *, run_id: int | None = None,
              progress: Callable[[int], None] | None = None) -> DemoLoad:
    """Load the raw files through the same door as real ones, then fill canon if it is empty.

    `progress` is told how many rows were read so far. Raises what load_files raises.
    """
    results: dict[str, LoadResult] = {}
    for kind in RAW:
        before = sum(result.total for result in results.values())
        so_far = (lambda rows, before=before: progress(before + rows)) if progress else None
        path = getattr(files, kind)
        [results[kind]] = load_files(where, settings, kind, [path], run_id=run_id, progress=so_far)
    with closing(connect(where, "load demo", settings)) as connection, transaction(connection) as cursor:
        return DemoLoad(results, *_fill_canon(cursor, files))


def _fill_canon(cursor: Any, files: DemoFiles) -> tuple[int, int, int]:
    """Persons, links and claims that were put in: none if any is there already."""
    cursor.execute(queries.get("demo", "canon_is_filled"))
    if cursor.fetchone()[0]:
        return 0, 0, 0
    cursor.execute(queries.get("demo", "create"))
    for name in ("identity", "claims"):
        with getattr(files, name).open("rb") as file:
            cursor.copy_expert(queries.get("demo", f"copy_{name}"), file)
    return (_inserted(cursor, "insert_persons"), _inserted(cursor, "insert_links"),
            _inserted(cursor, "insert_claims"))


def _inserted(cursor: Any, name: str) -> int:
    cursor.execute(queries.get("demo", name))
    return int(cursor.rowcount)
