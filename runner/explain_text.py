"""A lead's trace as text of 80 columns: readable without colour, bars of blocks or of plain signs."""

from __future__ import annotations

import shlex
import textwrap
from collections.abc import Iterable, Iterator
from typing import Any

from runner.explain_identity import by_driver
from runner.texts import Texts

Row = dict[str, Any]

WIDTH = 80
LABEL = 23
BAR = 28


def text(trace: Row, texts: Texts, *, ascii_only: bool = False, heading: Any = str) -> str:
    """The whole trace; `heading` may dress a line (bold), nothing depends on it."""
    say = _Say(texts)
    parts = [
        ("title", _title(trace, say)),
        ("raw", _raw(trace, say)),
        ("keys", _keys(trace, say)),
        ("candidates", _identity(trace, say)),
        ("person", _person(trace, say)),
        ("trips", _window(trace, say, "#" if ascii_only else "█")),
        ("expected", _milestones(trace, say)),
        ("claims", _claims(trace, say)),
        ("payments", _payments(trace, say)),
        ("stage", _stage(trace, say)),
        ("moves", _moves(trace, say)),
    ]
    rule = "-" if ascii_only else "─"
    lines: list[str] = []
    for number, (name, body) in enumerate(parts):
        title = f"{number}. {say(name)}" if number else say(name)
        lines += [*([""] if number else []), heading(title), rule * len(title), *body]
    return "\n".join(lines)


class _Say:
    """Labels of the trace by name."""

    def __init__(self, texts: Texts) -> None:
        self.texts = texts

    def __call__(self, code: str, **values: Any) -> str:
        return self.texts.label("trace", code, **values)


def clean(value: Any) -> str:
    """A value as a terminal may show it: source rows hold anything, escape signs too."""
    return "".join(sign if sign.isprintable() else "\ufffd" for sign in str(value))


def _wrapped(value: Any, indent: int = 2, first: str | None = None) -> list[str]:
    start = " " * indent if first is None else first
    found = textwrap.wrap(
        clean(value),
        WIDTH,
        initial_indent=start,
        subsequent_indent=" " * max(indent, len(start)),
        break_on_hyphens=False,
    )
    return found or [start.rstrip()]


def _field(label: str, value: Any) -> list[str]:
    return _wrapped(value, first=f"  {label:<{LABEL}} ")


def _fields(pairs: Iterable[tuple[str, Any]], none: str) -> list[str]:
    return [line for label, value in pairs for line in _field(label, none if value in (None, "", []) else value)]


def _title(trace: Row, say: _Say) -> list[str]:
    run = trace["run"]
    published = (run["published_at"] or "")[:16].replace("T", " ")
    return [
        *_fields(
            [
                ("Lead", f"{trace['lead']} (id {trace['lead_id']})"),
                (say("name"), trace["lead_name"]),
                (say("lead_date"), trace["raw"]["lead_date"]),
                (say("stage"), f"{trace['stage']['label']} ({trace['stage']['code']})"),
            ],
            say("none"),
        ),
        *_wrapped(say("run", as_of=run["as_of"], run_id=run["run_id"], published_at=f"{published} UTC")),
    ]


def _raw(trace: Row, say: _Say) -> list[str]:
    row, raw = trace["raw"]["row"], trace["raw"]
    names = " | ".join(clean(row[name] or "-") for name in ("first_name", "middle_name", "last_name"))
    return [
        *_fields(
            [
                (say("external_id"), row["external_id"]),
                (say("created_at"), (row["lead_created_at"] or "").replace("T", " ")),
                (say("name"), names),
                (say("phone"), row["park_phone"]),
                (say("plate"), row["asset_plate_number"]),
                (say("model"), row["asset_model"]),
            ],
            say("none"),
        ),
        *_wrapped(f"{say('since_run', run_id=raw['since_run'])}. {raw['text']}"),
    ]


def _keys(trace: Row, say: _Say) -> list[str]:
    keys = trace["keys"]
    shape = f" ({keys['plate_shape']})" if keys["plate_shape"] not in (None, keys["plate"]) else ""
    return _fields(
        [
            (say("phone"), keys["phone"]),
            (say("plate"), f"{keys['plate']}{shape}" if keys["plate"] else None),
            (say("licence"), keys["licence"] or say("no_licence")),
            (say("model"), keys["model"]),
            (say("name_parts"), " · ".join(keys["name_parts"])),
            (say("given_parts"), " · ".join(keys["given_parts"])),
            (say("surname_parts"), " · ".join(keys["surname_parts"])),
        ],
        say("none"),
    )


def _identity(trace: Row, say: _Say) -> Iterator[str]:
    its = trace["identity"]
    if its["state"] == "LINKED":
        yield from _wrapped(say("settled"))
    if its["decision"]:
        told = its["decision"]
        reason = f"{told['reason_label']}. {told['reason_text']}" if told["reason"] else told["text"]
        yield from _field(say("decision"), f"{told['outcome_label']} ({told['outcome']}): {reason}")
    for rule in its["rules"]:
        yield from _field(rule["rule_label"], rule["outcome_label"])
    if its["candidates_until_run"]:
        yield from _wrapped(say("earlier_hits", run_id=its["candidates_until_run"]))
    elif not its["candidates"] and its["state"] == "OPEN":
        yield from _wrapped(say("no_hits"))
    for hits in by_driver(its["candidates"]):
        yield from _driver(hits, say)
    if its["verdicts"]:
        yield from _wrapped(say("by_people"))
    for each in its["verdicts"]:
        who = f"{each['decided_at'][:10]} {say('by_whom', who=each['decided_by'])}"
        told = " ".join(filter(None, (each["verdict_label"], each["driver_id"], who)))
        yield from _wrapped(f"{told}: {each['why']}", 6, first="    · ")


def _driver(hits: list[Row], say: _Say) -> Iterator[str]:
    """One candidate: what agrees, once, and each rule that hit it."""
    its = hits[0]
    name = f" · {its['driver']['name']}" if its["driver"]["name"] else ""
    yield from _wrapped(f"{say('driver')} {its['driver_id']}{name}", 6, first="    · ")
    if its["score"] is not None:
        alike = say("similarity", percent=round(100 * (its["name_similarity"] or 0)))
        yield from _wrapped(f"{say('compared', **its['level_labels'])}, {alike}", 6)
        yield from _wrapped(f"{say('points')} {its['score']}: {say('points_of', **its['points'])}", 6)
    for hit in hits:
        mark = "+" if hit["is_kept"] else "-"
        yield from _wrapped(f"{hit['rule_label']}: {hit['outcome_label']}. {hit['text']}", 8, first=f"      {mark} ")


def _person(trace: Row, say: _Say) -> Iterator[str]:
    its = trace["person"]
    if its is None:
        yield from _wrapped(say("no_person"))
        return
    yield from _field(say("person_key"), its["person_key"])
    for link in its["links"]:
        yield from _link(link, say)
    if not any(link["link_of"] == "DRIVER" for link in its["links"]):
        yield from _wrapped(say("no_driver"))
    if its["moved_since"]:
        yield from _wrapped(f"! {say('links_moved')}")


def _link(link: Row, say: _Say) -> Iterator[str]:
    is_driver = link["link_of"] == "DRIVER"
    counts = f" · {say('counts' if link['counts'] else 'does_not_count')}" if is_driver else ""
    yield from _wrapped(f"{say('driver') if is_driver else 'Lead'} {link['source_pk']}{counts}", 6, first="    · ")
    rule = say("linked_by", rule=link["rule_label"], score=link["match_score"], confidence=link["confidence_label"])
    run = f" · {say('by_run', run_id=link['linked_by_run'])}" if link["linked_by_run"] else ""
    yield from _wrapped(f"{link['linked_at'][:16].replace('T', ' ')} UTC · {rule}{run}", 6)
    if link["score"]:
        yield from _wrapped(f"{say('compared', **link['level_labels'])} ({say('points').lower()} {link['score']})", 6)
    if link["decided_by"]:
        yield from _wrapped(f"{say('by_whom', who=link['decided_by'])}: {link['why']}", 6)


def _window(trace: Row, say: _Say, block: str) -> Iterator[str]:
    its = trace["window"]
    if its is None or not its["driver_id"]:
        yield from _wrapped(say("no_window") if its else say("excluded"))
        return
    which = "window_closed" if its["is_closed"] else "window_open"
    yield from _wrapped(say(which, first_day=its["first_day"], last_day=its["last_day"]))
    most = max([day["trips"] or 0 for day in its["days"]] + [1])
    if any(day["trips"] for day in its["days"]):
        yield f"    {say('day'):<10}  {'':<{BAR}} {say('trips_of_day'):>7} {say('running'):>10}  {say('milestone')}"
        for day in its["days"]:
            yield _bar(day, most, block, say)
    yield from _field(say("total"), its["trips"])
    for other in its["other_drivers"]:
        yield from _wrapped(say("other_drivers", driver=other["driver_id"], trips=other["trips"]))
    if its["moved_since"]:
        yield from _wrapped(f"! {say('trips_moved', days=its['added_up'], run=its['trips'])}")


def _bar(day: Row, most: int, block: str, say: _Say) -> str:
    if day["trips"] is None:
        return f"    {day['day']}  {say('not_yet')}"
    bar = block * (max(1, round(day["trips"] * BAR / most)) if day["trips"] else 0)
    line = f"    {day['day']}  {bar:<{BAR}} {day['trips']:>7,} {day['running']:>10,}  {' '.join(day['milestones'])}"
    return line.rstrip()


def _milestones(trace: Row, say: _Say) -> Iterator[str]:
    if not trace["milestones"]:
        yield from _wrapped(say("excluded"))
        return
    yield f"    {say('milestone'):<10} {say('reached'):<10} {say('is_expected'):<9} {say('amount'):>9}  {say('reason')}"
    for its in trace["milestones"]:
        yes = [say("yes" if its[name] else "no") for name in ("reached", "claim_expected")]
        claim = f" · claim {its['claim_id']}: {its['claim_row_label']}" if its["claim_id"] else ""
        head = f"    {'M' + str(its['milestone']):<10} {yes[0]:<10} {yes[1]:<9} {its['amount']:>9}  "
        yield from _wrapped(f"{its['reason_label']}{claim}", len(head), first=head)
        if its["unsupported_cause"]:
            yield from _wrapped(its["unsupported_text"], len(head))


def _claims(trace: Row, say: _Say) -> Iterator[str]:
    if not trace["claims"]:
        yield from _wrapped(say("no_claims"))
    for its in trace["claims"]:
        tie = "" if its["claim_tie"] == "OWN" else f" · {its['tie_label']}"
        now = f" · {say('now', status=its['status_now_label'])}" if its["moved_since"] else ""
        head = f"Claim {its['claim_id']} · M{its['milestone']} · {its['status_label']}{tie}{now}"
        yield from _wrapped(head, 6, first="    · ")
        if its["due_date"]:
            yield from _wrapped(_money(its, say), 6)
        if its["unsupported_cause"]:
            yield from _wrapped(its["unsupported_text"], 6)
        for each in its["events"]:
            yield from _event(each, say)


def _money(its: Row, say: _Say) -> str:
    late = its["days_overdue"] and not its["is_paid"]
    overdue = f", {say('overdue', days=its['days_overdue'])}" if late else ""
    paid = its["reason_label"]
    if its["payment_id"]:
        paid = say("paid_by", payment_id=its["payment_id"], pay_date=its["pay_date"])
    return f"{say('claim_line', amount=its['amount_expected'], due_date=its['due_date'])}{overdue} · {paid}"


def _event(each: Row, say: _Say) -> list[str]:
    run = f", {say('by_run', run_id=each['run_id'])}" if each["run_id"] else ""
    why = f": {each['why']}" if each["why"] else ""
    when = each["happened_at"][:16].replace("T", " ")
    what = f"{each['kind_label']} -> {each['new_label'] or '-'}"
    return _wrapped(f"{when} {what} ({each['actor']}{run}){why}", 10, first="        ")


def _payments(trace: Row, say: _Say) -> Iterator[str]:
    if not trace["payments"]:
        yield from _wrapped(say("no_payments"))
    for its in trace["payments"]:
        claim = say("settles", claim_id=its["claim_id"]) if its["claim_id"] else its["cause_label"]
        other = "" if its["is_for_this_lead"] or not its["claim_id"] else f", {say('of_other_lead')}"
        yield from _wrapped(
            f"{its['payment_id']}:M{its['milestone_value']} · {its['pay_date'] or say('none')} · S/ {its['amount']} · "
            f"{its['outcome_label']}: {claim}{other} ({its['found_by_label'] or say('none')})",
            6,
            first="    · ",
        )


def _stage(trace: Row, say: _Say) -> Iterator[str]:
    its = trace["stage"]
    yield from _field(say("stage"), f"{its['label']} ({its['code']})")
    yield from _field(say("reason"), its["reason"])
    yield from _field(say("next_action"), its["next_action"])
    if its["duplicate_of"]:
        yield from _wrapped(say("duplicate", lead=its["duplicate_of"]))
    if its["overlaps"]:
        yield from _wrapped(say("overlaps", lead=its["overlaps"]))
    if its["history"]:
        yield from _wrapped(say("history"))
    for spell in its["history"]:
        span = {"from": spell["from_as_of"], "to": spell["to_as_of"]}
        when = say("from_to", **span) if spell["to_as_of"] else say("since", **span)
        yield from _wrapped(f"{spell['label']}: {when} ({say('days', days=spell['days_in_stage'])})", 6, first="    · ")


def _moves(trace: Row, say: _Say) -> Iterator[str]:
    if not trace["moves"]:
        yield from _wrapped(say("nothing"))
    for its in trace["moves"]:
        yield from _wrapped(f"[{its['mover_label']}] {its['text']}", 6, first="    > ")
        if its["action"]:
            yield from _wrapped(its["action"], 6)
        if its["command"]:
            yield from _command(its["command"])


def _command(line: str) -> list[str]:
    """A command that can be copied: what does not fit goes on behind a backslash."""
    lines = ["      $"]
    for word in map(shlex.quote, shlex.split(line)):
        if len(lines[-1]) + len(word) + 3 > WIDTH and lines[-1].strip():
            lines[-1] += " \\"
            lines.append("         ")
        lines[-1] += f" {clean(word)}"
    return lines
