"""A lead's trace as text of 80 columns: readable without colour, bars of blocks or of plain signs."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import Any

from runner import explain_steps as steps
from runner.explain_lines import WIDTH, Say, clean, field, fields, wrapped
from runner.texts import Texts

Row = dict[str, Any]


def text(trace: Row, texts: Texts, *, ascii_only: bool = False, heading: Any = str) -> str:
    """The whole trace; `heading` may dress a line (bold), nothing depends on it."""
    say = Say(texts)
    parts = [
        ("title", _title(trace, say)),
        ("raw", _raw(trace, say)),
        ("keys", _keys(trace, say)),
        ("candidates", steps.identity(trace, say)),
        ("person", steps.person(trace, say)),
        ("trips", steps.window(trace, say, "#" if ascii_only else "█")),
        ("expected", steps.milestones(trace, say)),
        ("claims", steps.claims(trace, say)),
        ("payments", steps.payments(trace, say)),
        ("stage", _stage(trace, say)),
        ("moves", _moves(trace, say)),
    ]
    rule = "-" if ascii_only else "─"
    lines: list[str] = []
    for number, (name, body) in enumerate(parts):
        title = f"{number}. {say(name)}" if number else say(name)
        lines += [*([""] if number else []), heading(title), rule * len(title), *body]
    return "\n".join(lines)


def _title(trace: Row, say: Say) -> list[str]:
    run = trace["run"]
    published = (run["published_at"] or "")[:16].replace("T", " ")
    return [
        *fields(
            [
                ("Lead", f"{trace['lead']} (id {trace['lead_id']})"),
                (say("name"), trace["lead_name"]),
                (say("lead_date"), trace["raw"]["lead_date"]),
                (say("stage"), f"{trace['stage']['label']} ({trace['stage']['code']})"),
            ],
            say("none"),
        ),
        *wrapped(say("run", as_of=run["as_of"], run_id=run["run_id"], published_at=f"{published} UTC")),
    ]


def _raw(trace: Row, say: Say) -> list[str]:
    row, raw = trace["raw"]["row"], trace["raw"]
    names = " | ".join(clean(row[name] or "-") for name in ("first_name", "middle_name", "last_name"))
    return [
        *fields(
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
        *wrapped(f"{say('since_run', run_id=raw['since_run'])}. {raw['text']}"),
    ]


def _keys(trace: Row, say: Say) -> list[str]:
    keys = trace["keys"]
    shape = f" ({keys['plate_shape']})" if keys["plate_shape"] not in (None, keys["plate"]) else ""
    return fields(
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


def _stage(trace: Row, say: Say) -> Iterator[str]:
    its = trace["stage"]
    yield from field(say("stage"), f"{its['label']} ({its['code']})")
    yield from field(say("reason"), its["reason"])
    yield from field(say("next_action"), its["next_action"])
    if its["duplicate_of"]:
        yield from wrapped(say("duplicate", lead=its["duplicate_of"]))
    if its["overlaps"]:
        yield from wrapped(say("overlaps", lead=its["overlaps"]))
    if its["history"]:
        yield from wrapped(say("history"))
    for spell in its["history"]:
        span = {"from": spell["from_as_of"], "to": spell["to_as_of"]}
        when = say("from_to", **span) if spell["to_as_of"] else say("since", **span)
        yield from wrapped(f"{spell['label']}: {when} ({say('days', days=spell['days_in_stage'])})", 6, first="    · ")


def _moves(trace: Row, say: Say) -> Iterator[str]:
    if not trace["moves"]:
        yield from wrapped(say("nothing"))
    for its in trace["moves"]:
        yield from wrapped(f"[{its['mover_label']}] {its['text']}", 6, first="    > ")
        if its["action"]:
            yield from wrapped(its["action"], 6)
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
