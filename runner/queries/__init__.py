"""Named SQL that Python runs: `-- name: x` blocks of the .sql files beside this module."""

from __future__ import annotations

import re
from functools import cache
from importlib import resources

_NAME = re.compile(r"^-- name: (\w+)\s*$", re.MULTILINE)


@cache
def load(file: str) -> dict[str, str]:
    """All statements of `file` (without .sql) by name."""
    text = resources.files(__package__).joinpath(f"{file}.sql").read_text(encoding="utf-8")
    parts = _NAME.split(text)
    return {name: body.strip() for name, body in zip(parts[1::2], parts[2::2], strict=True)}


def get(file: str, name: str) -> str:
    """One statement. Raises KeyError when the file has no such name."""
    return load(file)[name]
