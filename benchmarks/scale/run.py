"""Makes a history of the size asked for and measures the product on it, beside other ways with the same rows.

    python -m benchmarks.scale.run --leads 100000 --weeks 20 --home /tmp/scale
    python -m benchmarks.scale.run --leads 1000000 --weeks 200 --repeat 1 --only build,floor,duckdb
On the embedded server of --home (kept: a second call goes on where the first ended).
Tables go to stdout, every figure to --json.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.scale import claims, duck, floor, history, lists, memory, views, world
from benchmarks.scale.figures import Part
from benchmarks.scale.ground import Ground, ground
from benchmarks.scale.ratios import ratios

# In this order: what needs the gap comes before the nights that raise its claims.
PARTS: dict[str, Callable[[Ground, int], Part]] = {
    "build": history.build,
    "lists": lambda where, _: lists.measure(where),
    "claims": claims.measure,
    "floor": floor.alone,
    "chained": floor.chained,
    "duckdb": duck.measure,
    "views": views.measure,
    "nights": history.nights,
    "check": lambda where, _: floor.chained(where, 1),
    "memory": lambda where, _: memory.measure(where),
    "commands": lambda where, _: memory.commands(where),
    "disk": lambda where, _: memory.disk(where),
}
# These read what a build published; the others compare with it where it is there.
BUILT = ("lists", "claims", "memory", "commands")


def main(arguments: Sequence[str] | None = None) -> None:
    """The world if it is missing, each part in turn, ratios at the end; the JSON file grows with each part."""
    chosen = _parser().parse_args(arguments)
    only = chosen.only.split(",") if chosen.only else ["world", *PARTS]
    if unknown := set(only) - {"world", *PARTS}:
        sys.exit(f"No such part: {', '.join(sorted(unknown))}. There are world, {', '.join(PARTS)}.")
    where = ground(chosen.home or Path(tempfile.mkdtemp(prefix="scale")), chosen.leads, chosen.weeks)
    parts = {"world": made(where)}
    _tell("world", parts, chosen.json)
    for name in [part for part in PARTS if part in only]:
        print(f"{time.strftime('%H:%M:%S')} {name}", file=sys.stderr)
        if name in BUILT and not where.has_states():
            where.run("build", "--as-of", str(where.as_of()))
        parts[name] = PARTS[name](where, chosen.repeat)
        _tell(name, parts, chosen.json)
    parts["ratios"] = ratios(parts)
    _tell("ratios", parts, chosen.json)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--leads", type=int, default=100_000)
    parser.add_argument("--weeks", type=int, default=20)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--home", type=Path, help="folder of the embedded server; default a new one under /tmp")
    parser.add_argument("--only", help=f"parts, with commas between: world,{','.join(PARTS)}")
    parser.add_argument("--json", type=Path, help="file for every figure")
    return parser


def made(where: Ground) -> Part:
    """The world, made when the database is empty, and the machine."""
    part = Part()
    if not where.world().last_lead:
        began = time.perf_counter()
        world.make(where.where, where.leads, where.weeks)
        part.add("made", time.perf_counter() - began)
    part.facts |= {"leads": where.world().last_lead, "weeks": where.weeks, "as-of": str(where.as_of())}
    part.facts["trip rows"] = where.ask("select count(*) from public.summary_daily")[0][0]
    pages = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    part.facts |= {"cores": os.cpu_count(), "RAM GB": round(pages / 1e9), "Python": platform.python_version()}
    part.facts["server"] = where.ask("show server_version")[0][0]
    return part


def _tell(name: str, parts: dict[str, Part], file: Path | None) -> None:
    print("\n".join(parts[name].lines(name)), flush=True)
    if file:
        told = {part: figures.as_dict() for part, figures in parts.items()}
        file.write_text(json.dumps(told, indent=2, default=str), encoding="utf-8")


if __name__ == "__main__":
    main()
