"""CHANGELOG.md against the original's columns, and the licence against what pyproject.toml says."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.original_relations import ORIGINAL

ROOT = Path(__file__).parents[2]
ROW = re.compile(r"\| `(?P<relation>\w+)` \| `(?P<column>\w+)` \| (?P<old>[^|]+) \| (?P<new>[^|]+) \| [^|]+ \|")


def rows() -> dict[tuple[str, str], dict[str, str]]:
    """The changelog's rows by relation and column."""
    found = [ROW.match(line) for line in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8").splitlines()]
    return {(row["relation"], row["column"]): row.groupdict() for row in found if row}


def ours() -> dict[str, dict[str, str]]:
    """Columns and types of the relations in ops, as their contracts have them."""
    read: list[dict[str, Any]] = []
    for file in ROOT.glob("models/marts/**/*.yml"):
        read += yaml.safe_load(file.read_text(encoding="utf-8"))["models"]
    return {model["name"]: {column["name"]: column["data_type"] for column in model["columns"]} for model in read}


@pytest.mark.parametrize("relation", ORIGINAL)
def test_every_changed_column_has_a_row(relation: str) -> None:
    """Added, removed, or of another type; what is of another type says which it was and which it is."""
    told, old, new = rows(), ORIGINAL[relation], ours()[relation]
    assert sorted(name for name in old.keys() ^ new.keys() if (relation, name) not in told) == []
    for name in old.keys() & new.keys():
        if old[name] != new[name]:
            row = told[relation, name]
            assert row["old"].startswith(old[name]) and row["new"].startswith(new[name]), name


def test_the_changelog_names_no_column_that_never_was() -> None:
    """In the original, or here; the scouts' columns stood in a materialised variant."""
    known = ours()
    assert [
        key for key, row in rows().items() if key[1] not in known[key[0]] and row["new"].split(";")[0] != "removed"
    ] == []
    assert len(rows()) > 80


def test_the_licence_is_the_one_that_is_declared() -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["license"]
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert declared == "Apache-2.0"
    assert "Apache License" in text and "Version 2.0, January 2004" in text and "END OF TERMS AND CONDITIONS" in text
