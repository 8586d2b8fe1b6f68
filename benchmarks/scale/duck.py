"""Limbo and gap in DuckDB with two threads, from Parquet files of the same raw tables, by the floor's statements."""

from __future__ import annotations

import os
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from benchmarks.scale import floor
from benchmarks.scale.figures import Part
from benchmarks.scale.ground import Ground
from benchmarks.scale.world import named

STATEMENTS = named(Path(__file__).with_name("duck.sql"))
STEPS = floor.STEPS | {"dates": STATEMENTS["step_dates"], "days": STATEMENTS["step_days"]}
PUBLIC = {"limbo": "ops.v_cabinet_leads_limbo", "gap": "ops.v_cabinet_claims_gap_14d"}
THREADS = 2
CSV = "auto_detect = false, header = false, delim = ',', quote = '\"', escape = '\"', allow_quoted_nulls = false"


def measure(where: Ground, repeat: int) -> Part:
    """Says plainly when duckdb is missing: it is no part of the product, nor of its development."""
    try:
        import duckdb
    except ModuleNotFoundError:
        return Part(facts={"not measured": "duckdb is not installed; python -m pip install duckdb"})
    part = Part(facts={"DuckDB": duckdb.__version__, "threads": THREADS})
    with tempfile.TemporaryDirectory(dir=where.home) as folder, duckdb.connect(f"{folder}/work.duckdb") as duck:
        part.facts["Parquet MB"] = _fill(where, duck, Path(folder))
        for _ in range(repeat):
            for result in PUBLIC:
                part.add(result, _made(where, duck, result))
        for result, relation in PUBLIC.items() if where.has_states() else ():
            part.facts[f"{result}, sums"] = _compare(where, duck, result, relation)
    return part


def _fill(where: Ground, duck: Any, folder: Path) -> float:
    """Each table through a pipe into a Parquet file (not timed), and a view of its name over the file."""
    duck.execute(f"set threads = {THREADS}; create schema public; create schema canon; set timezone = 'UTC'")
    duck.execute("create macro btrim(text, blanks) as trim(text, blanks)")
    lines = [line for line in STATEMENTS["tables"].splitlines() if not line.startswith("--")]
    for line in lines:
        table, columns, types = line.split("|")
        file = folder / f"{table}.parquet"
        _export(where, duck, f"select {columns} from {table}", _types(columns, types), file)
        duck.execute(f"create view {table} as select * from read_parquet('{file}')")
    return round(sum(file.stat().st_size for file in folder.glob("*.parquet")) / 1e6, 1)


def _types(columns: str, types: str) -> str:
    """As read_csv wants them; a comma inside of parentheses has no blank."""
    pairs = zip(columns.split(", "), types.split(", "), strict=True)
    return "{" + ", ".join(f"'{column}': '{kind}'" for column, kind in pairs) + "}"


def _export(where: Ground, duck: Any, select: str, columns: str, file: Path) -> None:
    pipe = file.with_suffix(".pipe")
    os.mkfifo(pipe)
    feeding = threading.Thread(target=_feed, args=(where, select, pipe))
    feeding.start()
    duck.execute(f"copy (from read_csv('{pipe}', columns = {columns}, {CSV})) to '{file}' (format parquet)")
    feeding.join()


def _feed(where: Ground, select: str, pipe: Path) -> None:
    with where.cursor() as cursor, pipe.open("wb") as out:
        cursor.copy_expert(f"copy ({select}) to stdout (format csv)", out)


def _made(where: Ground, duck: Any, result: str) -> float:
    """Seconds of the statement and of its table on disk; the other result's table is no help to it."""
    duck.execute(f"drop table if exists {result}")
    text = floor.compose(floor.RESULTS[result], f"date '{where.as_of()}'", steps=STEPS)
    began = time.perf_counter()
    duck.execute(f"create table {result} as {text}")
    duck.execute("checkpoint")
    return time.perf_counter() - began


def _compare(where: Ground, duck: Any, result: str, relation: str) -> str:
    text = STATEMENTS[f"sums_{result}"]
    theirs = where.ask(text.replace("{relation}", relation))[0]
    ours = duck.execute(text.replace("{relation}", result)).fetchone()
    return f"EQUAL {_told(ours)}" if ours == theirs else f"DIFFERENT: {_told(theirs)} the product's, {_told(ours)} here"


def _told(values: tuple[Any, ...]) -> str:
    return " ".join(f"{value:,}" if value is not None else "null" for value in values)
