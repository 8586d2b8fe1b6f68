"""What a build must run where the project stands: no view and no seed, and tests whose relations are all there."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


def standing(manifest: Any, select: str | None) -> list[str] | None:
    """Names of the nodes of a build of everything, or of `source:name+`; None: dbt makes the selection."""
    if select is None:
        chosen = set(manifest.nodes)
    elif select.startswith("source:") and select.endswith("+") and " " not in select:
        chosen = _below(manifest, _source(manifest, select[len("source:") : -1]))
    else:
        return None
    return sorted(node.name for node in _asked(manifest, chosen))


def _source(manifest: Any, name: str) -> str:
    schema, table = name.split(".")
    found = (key for key, source in manifest.sources.items() if (source.source_name, source.name) == (schema, table))
    return str(next(found))


def _asked(manifest: Any, chosen: set[str]) -> Iterable[Any]:
    """Models that hold rows, and tests all of whose relations are chosen or above what is chosen."""
    above = _above(manifest, chosen)
    for key in chosen:
        node = manifest.nodes.get(key)
        if node is None or not node.config.enabled:
            continue
        holds_rows = node.resource_type == "model" and node.config.materialized != "view"
        if holds_rows or (node.resource_type == "test" and set(node.depends_on.nodes) <= chosen | above):
            yield node


def _below(manifest: Any, key: str) -> set[str]:
    return _reached(manifest.child_map, [key])


def _above(manifest: Any, keys: set[str]) -> set[str]:
    return _reached(manifest.parent_map, keys)


def _reached(steps: dict[str, list[str]], begin: Iterable[str]) -> set[str]:
    found: set[str] = set()
    waiting = list(begin)
    while waiting:
        for key in steps.get(waiting.pop(), []):
            if key not in found:
                found.add(key)
                waiting.append(key)
    return found
