"""Full builds and nights as commands: seconds, steps, slowest nodes, the runner's own CPU and memory."""

from __future__ import annotations

from datetime import timedelta

from benchmarks.scale import world
from benchmarks.scale.figures import Part
from benchmarks.scale.ground import Ground, slowest, step_seconds


def build(where: Ground, repeat: int) -> Part:
    """The whole history read again and published; readers see yesterday meanwhile."""
    part = Part()
    as_of = str(where.as_of())
    for _ in range(repeat):
        _timed(where, part, "full build", "build", "--full-refresh", "--as-of", as_of)
    return part


def nights(where: Ground, repeat: int) -> Part:
    """Four kinds, in turn; a day is caught up untimed where the as-of date moved on without rows."""
    part = Part()
    _timed(where, part, "first night, all claims at once", "nightly", "--as-of", str(where.as_of()))
    for again in range(repeat):
        _timed(where, part, "nothing new", "nightly", "--as-of", str(where.as_of()))
        later = str(where.as_of() + timedelta(days=1))
        _timed(where, part, "as-of moved on, nothing new", "nightly", "--as-of", later)
        _day(where)
        where.run("nightly", "--as-of", str(where.as_of()))
        _day(where)
        _timed(where, part, "one new day", "nightly", "--as-of", str(where.as_of()))
        part.facts["corrected driver-days"] = world.correct(where.where, where.world(), seed=again)
        _timed(where, part, "1 % of old driver-days corrected", "nightly", "--as-of", str(where.as_of()))
    return part


def _day(where: Ground) -> None:
    """One more day's rows, with the statistics that a busy server's autovacuum would have made by the night."""
    world.next_day(where.where, where.world())
    where.do("analyze public.summary_daily", "analyze public.module_ct_cabinet_leads", "analyze public.drivers")


def _timed(where: Ground, part: Part, name: str, *words: str) -> None:
    ran = where.run(*words)
    part.add(name, ran.seconds)
    for step, seconds in step_seconds(where).items():
        part.add(f"{name}: {step}", seconds)
    part.facts[f"{name}, slowest nodes"] = slowest(where)
    part.facts[f"{name}, runner"] = {"CPU s": round(ran.cpu, 1), "peak MB": round(ran.megabytes)}
