"""Which nodes a build must run where the project stands: no view and no seed, and of tests those that a whole selection covers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


def standing(manifest: Any, select: str | None) -> list[str] | None:
    """Names of the nodes of a build of everything, or of `source:name+`; None for another selection, which dbt makes."""
    if select is None:
        chosen = set(manifest.nodes)
    elif select.startswith("source:") and select.endswith("+") and " " not in select:
        chosen = _below(manifest, _source(manifest, select[len("source:") : -1]))
    else:
        return None
    return sorted(node.name for node in _asked(manifest, chosen))


def _source(manifest: Any, name: str) -> str:
    schema, table = name.split(".")
    return next(key for key, source in manifest.sources.items() if (source.source_name, source.name) == (schema, table))


def _asked(manifest: Any, chosen: set[str]) -> Iterable[Any]:
    """Models that hold rows, and tests all of whose relations are chosen or above what is chosen."""
    above = _above(manifest, chosen)
    for key in chosen:
        node = manifest.nodes.get(key)
        if node is None or not node.config.enabled:
            continue
        if node.resource_type == "model" and node.config.materialized != "view":
            yield node
        elif node.resource_type == "test" and set(node.depends_on.nodes) <= chosen | above:
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
