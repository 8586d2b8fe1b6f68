"""Rows that are kept in a file: as many, the same, in the same order, as JSON and as a list, read twice."""

from __future__ import annotations

import io
import json
import tracemalloc

from hypothesis import given
from hypothesis import strategies as st

from runner import kept_rows
from runner.kept_rows import KeptRows, write_json

VALUES = st.none() | st.integers() | st.booleans() | st.text()
ROWS = st.lists(st.dictionaries(st.text(max_size=5), VALUES, max_size=4), max_size=8)


@given(ROWS, st.sampled_from([None, 2]))
def test_json_says_the_same_as_of_a_list(rows: list[dict[str, object]], indent: int | None) -> None:
    kept = KeptRows(rows)
    assert (len(kept), bool(kept)) == (len(rows), bool(rows))
    for _ in range(2):
        file = io.StringIO()
        write_json({"rows": kept, "after": 1}, file, indent)
        assert file.getvalue() == json.dumps({"rows": rows, "after": 1}, indent=indent) + "\n"
    assert kept.first(3) == rows[:3]
    assert list(kept) == rows


def test_many_rows_are_not_held_in_memory() -> None:
    """100,000 rows of some 40 signs are 4 MB as text, and many times that as dicts."""

    class Nowhere:
        def write(self, piece: str) -> None:
            pass

    tracemalloc.start()
    try:
        kept = KeptRows({"lead_source_pk": f"{number:032d}"} for number in range(100_000))
        write_json({"rows": kept}, Nowhere())
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(kept) == 100_000
    assert most < 3 * kept_rows.IN_MEMORY
