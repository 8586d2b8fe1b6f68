"""What a build must run where the project stands: no view, no seed, and of the rest what is needed and not built."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import Any


def standing(manifest: Any, select: str | None) -> list[str] | None:
    """Names of the nodes of a build of everything, or of `source:name+`; None: dbt makes the selection."""
    if select is None:
        chosen = set(manifest.nodes)
    elif select.startswith("source:") and select.endswith("+") and " " not in select:
        chosen = _below(manifest, _source(manifest, select[len("source:") : -1]))
    else:
        return None
    above = _reached(manifest.parent_map, chosen)
    relations = {key for key in chosen if _holds_rows(manifest, key)}
    tests = {key for key in chosen if _is_test(manifest, key) and _relations(manifest, key) <= chosen | above}
    return _names(manifest, relations | tests)


class Stages:
    """The builds of one chain: each makes what the next write-back reads, the last one the rest, none what still holds.

    A test runs as soon as all that it looks at is built, so before anything is written that rests on it.
    """

    def __init__(self, read: Callable[[], Any]) -> None:
        self.read = read
        self.all_stands = False
        self.done: set[str] = set()
        self.made: set[str] = set()

    @cached_property
    def manifest(self) -> Any:
        """Read when something must be built: a night without news needs no dbt."""
        return self.read()

    @property
    def begun(self) -> bool:
        """Whether something was built already."""
        return self.all_stands or bool(self.done)

    def stand(self) -> None:
        """Everything is as the live run built it."""
        self.all_stands = True

    def next(self, needs: Sequence[str] | None) -> list[str]:
        """Names of what must be built before the models `needs` can be read; None: everything."""
        if self.all_stands:
            return []
        return _names(self.manifest, self._next(needs))

    def built(self, needs: Sequence[str] | None) -> None:
        """What `next` named was built and has passed."""
        made = self._next(needs)
        self.done |= made
        self.made |= made

    def again(self, needs: Sequence[str] | None) -> list[str]:
        """Those of `next` that an earlier build of this chain made: they hold but for what was written since."""
        return _names(self.manifest, self._next(needs) & self.made)

    def written(self, source: str) -> None:
        """A write-back changed this source: whatever reads it, however far away, holds no more."""
        if self.all_stands:
            self.all_stands, self.done = False, set(self.manifest.nodes)
        self.done -= _below(self.manifest, _source(self.manifest, source))

    def _next(self, needs: Sequence[str] | None) -> set[str]:
        nodes = self.manifest.nodes
        if needs is None:
            wanted = set(nodes)
        else:
            named = {key for key, node in nodes.items() if node.resource_type == "model" and node.name in needs}
            wanted = named | _reached(self.manifest.parent_map, named)
        models = {key for key in wanted - self.done if _holds_rows(self.manifest, key)}
        there = self.done | models
        tests = (key for key in nodes if key not in self.done and _is_test(self.manifest, key))
        return models | {key for key in tests if _looked_at(self.manifest, key) <= there}


def _source(manifest: Any, name: str) -> str:
    schema, table = name.split(".")
    found = (key for key, source in manifest.sources.items() if (source.source_name, source.name) == (schema, table))
    return str(next(found))


def _holds_rows(manifest: Any, key: str) -> bool:
    node = manifest.nodes.get(key)
    return bool(node and node.resource_type == "model" and node.config.enabled and node.config.materialized != "view")


def _is_test(manifest: Any, key: str) -> bool:
    node = manifest.nodes.get(key)
    return bool(node and node.resource_type == "test" and node.config.enabled)


def _relations(manifest: Any, key: str) -> set[str]:
    return set(manifest.nodes[key].depends_on.nodes)


def _looked_at(manifest: Any, key: str) -> set[str]:
    """The models with rows that a test rests on, through whatever views."""
    return {above for above in _reached(manifest.parent_map, [key]) if _holds_rows(manifest, above)}


def _names(manifest: Any, keys: Iterable[str]) -> list[str]:
    return sorted(manifest.nodes[key].name for key in keys)


def _below(manifest: Any, key: str) -> set[str]:
    return _reached(manifest.child_map, [key])


def _reached(steps: dict[str, list[str]], begin: Iterable[str]) -> set[str]:
    found: set[str] = set()
    waiting = list(begin)
    while waiting:
        for key in steps.get(waiting.pop(), []):
            if key not in found:
                found.add(key)
                waiting.append(key)
    return found
