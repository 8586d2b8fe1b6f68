"""The steps of a trace as text: candidates, person, trips, expectations, claims, payments."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from runner.explain_identity import by_driver
from runner.explain_lines import Say, field, wrapped

Row = dict[str, Any]

BAR = 28


def identity(trace: Row, say: Say) -> Iterator[str]:
    """Every rule's outcome, every candidate and why it counts or not, and what people decided."""
    its = trace["identity"]
    if its["state"] == "LINKED":
        yield from wrapped(say("settled"))
    if its["decision"]:
        told = its["decision"]
        reason = f"{told['reason_label']}. {told['reason_text']}" if told["reason"] else told["text"]
        yield from field(say("decision"), f"{told['outcome_label']} ({told['outcome']}): {reason}")
    for rule in its["rules"]:
        yield from field(rule["rule_label"], rule["outcome_label"])
    if its["candidates_until_run"]:
        yield from wrapped(say("earlier_hits", run_id=its["candidates_until_run"]))
    elif not its["candidates"] and its["state"] == "OPEN":
        yield from wrapped(say("no_hits"))
    for hits in by_driver(its["candidates"]):
        yield from _driver(hits, say)
    if its["verdicts"]:
        yield from wrapped(say("by_people"))
    for each in its["verdicts"]:
        who = f"{each['decided_at'][:10]} {say('by_whom', who=each['decided_by'])}"
        told = " ".join(filter(None, (each["verdict_label"], each["driver_id"], who)))
        yield from wrapped(f"{told}: {each['why']}", 6, first="    · ")


def _driver(hits: list[Row], say: Say) -> Iterator[str]:
    """One candidate: what agrees, once, and each rule that hit it."""
    its = hits[0]
    name = f" · {its['driver']['name']}" if its["driver"]["name"] else ""
    yield from wrapped(f"{say('driver')} {its['driver_id']}{name}", 6, first="    · ")
    if its["score"] is not None:
        alike = say("similarity", percent=round(100 * (its["name_similarity"] or 0)))
        yield from wrapped(f"{say('compared', **its['level_labels'])}, {alike}", 6)
        yield from wrapped(f"{say('points')} {its['score']}: {say('points_of', **its['points'])}", 6)
    for hit in hits:
        mark = "+" if hit["is_kept"] else "-"
        yield from wrapped(f"{hit['rule_label']}: {hit['outcome_label']}. {hit['text']}", 8, first=f"      {mark} ")


def person(trace: Row, say: Say) -> Iterator[str]:
    """The person, its drivers, and who linked them when."""
    its = trace["person"]
    if its is None:
        yield from wrapped(say("no_person"))
        return
    yield from field(say("person_key"), its["person_key"])
    for link in its["links"]:
        yield from _link(link, say)
    if not any(link["link_of"] == "DRIVER" for link in its["links"]):
        yield from wrapped(say("no_driver"))
    if its["moved_since"]:
        yield from wrapped(f"! {say('links_moved')}")


def _link(link: Row, say: Say) -> Iterator[str]:
    is_driver = link["link_of"] == "DRIVER"
    counts = f" · {say('counts' if link['counts'] else 'does_not_count')}" if is_driver else ""
    yield from wrapped(f"{say('driver') if is_driver else 'Lead'} {link['source_pk']}{counts}", 6, first="    · ")
    rule = say("linked_by", rule=link["rule_label"], score=link["match_score"], confidence=link["confidence_label"])
    run = f" · {say('by_run', run_id=link['linked_by_run'])}" if link["linked_by_run"] else ""
    yield from wrapped(f"{link['linked_at'][:16].replace('T', ' ')} UTC · {rule}{run}", 6)
    if link["score"]:
        yield from wrapped(f"{say('compared', **link['level_labels'])} ({say('points').lower()} {link['score']})", 6)
    if link["decided_by"]:
        yield from wrapped(f"{say('by_whom', who=link['decided_by'])}: {link['why']}", 6)


def window(trace: Row, say: Say, block: str) -> Iterator[str]:
    """Trips per day as bars, with the days on which milestones were reached."""
    its = trace["window"]
    if its is None or not its["driver_id"]:
        yield from wrapped(say("no_window") if its else say("excluded"))
        return
    which = "window_closed" if its["is_closed"] else "window_open"
    yield from wrapped(say(which, first_day=its["first_day"], last_day=its["last_day"]))
    most = max([day["trips"] or 0 for day in its["days"]] + [1])
    if any(day["trips"] for day in its["days"]):
        yield f"    {say('day'):<10}  {'':<{BAR}} {say('trips_of_day'):>7} {say('running'):>10}  {say('milestone')}"
        for day in its["days"]:
            yield _bar(day, most, block, say)
    yield from field(say("total"), its["trips"])
    for other in its["other_drivers"]:
        yield from wrapped(say("other_drivers", driver=other["driver_id"], trips=other["trips"]))
    if its["moved_since"]:
        yield from wrapped(f"! {say('trips_moved', days=its['added_up'], run=its['trips'])}")


def _bar(day: Row, most: int, block: str, say: Say) -> str:
    if day["trips"] is None:
        return f"    {day['day']}  {say('not_yet')}"
    bar = block * (max(1, round(day["trips"] * BAR / most)) if day["trips"] else 0)
    line = f"    {day['day']}  {bar:<{BAR}} {day['trips']:>7,} {day['running']:>10,}  {' '.join(day['milestones'])}"
    return line.rstrip()


def milestones(trace: Row, say: Say) -> Iterator[str]:
    """The three expectations."""
    if not trace["milestones"]:
        yield from wrapped(say("excluded"))
        return
    yield f"    {say('milestone'):<10} {say('reached'):<10} {say('is_expected'):<9} {say('amount'):>9}  {say('reason')}"
    for its in trace["milestones"]:
        yes = [say("yes" if its[name] else "no") for name in ("reached", "claim_expected")]
        claim = f" · claim {its['claim_id']}: {its['claim_row_label']}" if its["claim_id"] else ""
        head = f"    {'M' + str(its['milestone']):<10} {yes[0]:<10} {yes[1]:<9} {its['amount']:>9}  "
        yield from wrapped(f"{its['reason_label']}{claim}", len(head), first=head)
        if its["unsupported_cause"]:
            yield from wrapped(its["unsupported_text"], len(head))


def claims(trace: Row, say: Say) -> Iterator[str]:
    """Claim rows with everything that happened to them."""
    if not trace["claims"]:
        yield from wrapped(say("no_claims"))
    for its in trace["claims"]:
        tie = "" if its["claim_tie"] == "OWN" else f" · {its['tie_label']}"
        now = f" · {say('now', status=its['status_now_label'])}" if its["moved_since"] else ""
        head = f"Claim {its['claim_id']} · M{its['milestone']} · {its['status_label']}{tie}{now}"
        yield from wrapped(head, 6, first="    · ")
        if its["due_date"]:
            yield from wrapped(_money(its, say), 6)
        if its["unsupported_cause"]:
            yield from wrapped(its["unsupported_text"], 6)
        for each in its["events"]:
            yield from _event(each, say)


def _money(its: Row, say: Say) -> str:
    late = its["days_overdue"] and not its["is_paid"]
    overdue = f", {say('overdue', days=its['days_overdue'])}" if late else ""
    paid = its["reason_label"]
    if its["payment_id"]:
        paid = say("paid_by", payment_id=its["payment_id"], pay_date=its["pay_date"])
    return f"{say('claim_line', amount=its['amount_expected'], due_date=its['due_date'])}{overdue} · {paid}"


def _event(each: Row, say: Say) -> list[str]:
    run = f", {say('by_run', run_id=each['run_id'])}" if each["run_id"] else ""
    why = f": {each['why']}" if each["why"] else ""
    when = each["happened_at"][:16].replace("T", " ")
    what = f"{each['kind_label']} -> {each['new_label'] or '-'}"
    return wrapped(f"{when} {what} ({each['actor']}{run}){why}", 10, first="        ")


def payments(trace: Row, say: Say) -> Iterator[str]:
    """Payment statements and how they ended."""
    if not trace["payments"]:
        yield from wrapped(say("no_payments"))
    for its in trace["payments"]:
        claim = say("settles", claim_id=its["claim_id"]) if its["claim_id"] else its["cause_label"]
        other = "" if its["is_for_this_lead"] or not its["claim_id"] else f", {say('of_other_lead')}"
        yield from wrapped(
            f"{its['payment_id']}:M{its['milestone_value']} · {its['pay_date'] or say('none')} · S/ {its['amount']} · "
            f"{its['outcome_label']}: {claim}{other} ({its['found_by_label'] or say('none')})",
            6,
            first="    · ",
        )
