"""`reconcile leads`: what the models decided about identities becomes links, in one set-based transaction."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from runner import database, queries
from runner.errors import BadConfiguration
from runner.kept_rows import asked

if TYPE_CHECKING:
    from psycopg2.extensions import connection as Connection

LINKS = ("LINK_LEAD", "LINK_DRIVER")
EXAMPLES = 3
# Counters by reason of what stays unlinked.
REASONS = {
    "still_no_candidates": "NO_CANDIDATES",
    "weak_only": "WEAK_MATCH_ONLY",
    "ambiguous": "MULTIPLE_CANDIDATES",
    "contradictions": "NAME_CONTRADICTION",
    "conflicts": "IDENTITY_CONFLICT",
    "missing_keys": "MISSING_KEYS",
}


@dataclass(frozen=True)
class LeadsFilter:
    """Which decisions a run may write as links; None means all, oldest lead first."""

    days_back: int | None = None
    limit: int | None = None

    def parameters(self, as_of: date) -> dict[str, Any]:
        """Query parameters; days_back counts from the as-of date, in days."""
        since = as_of - timedelta(days=self.days_back) if self.days_back is not None else None
        return {"since": since, "limit": self.limit, "as_of": as_of}


@dataclass
class LeadsResult:
    """Counters of section 7.2, links by rule, and (on a dry run) examples by rule."""

    counters: dict[str, Any]
    by_rule: dict[str, int] = field(default_factory=dict)
    examples: list[dict[str, Any]] = field(default_factory=list)

    @property
    def wrote(self) -> bool:
        """Whether any link changed, so that what depends on links must follow."""
        return bool(self.counters["newly_linked"] or self.counters["drivers_linked"])

    @property
    def summary(self) -> str:
        """One line for people."""
        counters = self.counters
        text = f"{counters['newly_linked']:,} leads linked, {counters['newly_driver_mapped']:,} given a driver"
        if counters["suggestions"]:
            text += f", {counters['suggestions']:,} to review"
        if counters["left_over"]:
            text += f", {counters['left_over']:,} left over"
        return text

    def as_dict(self) -> dict[str, Any]:
        """JSON form."""
        return {**self.counters, "by_rule": self.by_rule, "would_link": self.examples}


def write_links(session: Connection, chosen: LeadsFilter, run_id: int, as_of: date) -> LeadsResult:
    """Write the candidate decisions of the run that is being built; one transaction (D-22, D-23)."""
    parameters = {**chosen.parameters(as_of), "run_id": run_id}
    with database.transaction(session) as cursor:
        cursor.execute(queries.get("runs", "own_changes"))
        cursor.execute(queries.get("leads", "column_types"))
        confidence, status, registry = cursor.fetchone()

        def run(name: str) -> int:
            text = queries.get("leads", name).replace("{confidence}", confidence)
            text = text.replace("{unmatched_status}", status).replace("{registry_confidence}", registry)
            cursor.execute(text, parameters)
            return int(cursor.rowcount)

        run("count_decisions")
        decided = cursor.fetchall()
        run("count_settled")
        settled = cursor.fetchone()[0]
        picked = run("choose")
        persons = run("create_persons")
        run("fill_persons")
        drivers = run("link_drivers")
        run("link_leads")
        by_rule: dict[str, int] = {}
        for (rule,) in cursor.fetchall():
            by_rule[rule] = by_rule.get(rule, 0) + 1
        cursor.execute("select count(*) from chosen where outcome = 'LINK_DRIVER'")
        mapped = cursor.fetchone()[0]
        resolved = run("resolve")
        ignored = run("ignore")
        run("ask_for")
        run("write_unmatched")
        unmatched = cursor.fetchone()[0]
    counters = {
        **_counters(decided, settled, picked),
        "newly_linked": sum(by_rule.values()),
        "newly_driver_mapped": mapped,
        "persons_created": persons,
        "drivers_linked": drivers,
        "unmatched_written": unmatched + ignored,
        "resolved": resolved,
        "errors": 0,
    }
    return LeadsResult({**counters, **_flat(by_rule)}, by_rule)


def preview(session: Connection, chosen: LeadsFilter, as_of: date) -> LeadsResult:
    """What this command would link by the live run's decisions; reads only.

    Raises BadConfiguration before the first build.
    """
    with database.transaction(session) as cursor:
        cursor.execute("set transaction read only")
        cursor.execute(queries.get("leads", "has_states"))
        if not cursor.fetchone()[0]:
            raise BadConfiguration("Nothing was built yet, so nothing is decided.", "Run 'cabinet14d build' first.")
        cursor.execute(queries.get("leads", "preview_counts"))
        decided = cursor.fetchall()
        linked: Counter[str] = Counter()
        by_rule: Counter[str] = Counter()
        examples: list[dict[str, Any]] = []
        for link in asked(session, queries.get("leads", "preview_links"), chosen.parameters(as_of)):
            linked[link["outcome"]] += 1
            by_rule[link["match_rule"]] += 1
            if link.pop("rule_place") <= EXAMPLES:
                examples.append(link)
    counters = {
        **_counters(decided, None, linked.total()),
        "newly_linked": 0,
        "newly_driver_mapped": 0,
        "would_link": linked["LINK_LEAD"],
        "would_map_driver": linked["LINK_DRIVER"],
        "drivers_linked": 0,
    }
    return LeadsResult(counters, by_rule, examples)


def _counters(decided: list[tuple[Any, ...]], settled: int | None, picked: int) -> dict[str, Any]:
    """Leads by outcome and reason; `decided` has outcome, reason, rule, is_suggestion, count."""
    linkable = sum(row[4] for row in decided if row[0] in LINKS)
    return {
        "processed": sum(row[4] for row in decided),
        **{name: sum(row[4] for row in decided if row[1] == reason) for name, reason in REASONS.items()},
        "ignored": sum(row[4] for row in decided if row[0] == "IGNORED"),
        "suggestions": sum(row[4] for row in decided if row[3]),
        "already_settled": settled,
        "left_over": linkable - picked,
    }


def _flat(by_rule: dict[str, int]) -> dict[str, int]:
    return {f"linked_{rule.lower()}": count for rule, count in sorted(by_rule.items())}
