"""A scripted month: 31 as-of dates over changing data, one day skipped; what fires and is told was worked out by hand.

The story. Leads come in weekly, all with person and driver but three of 10 March: two of them are matched on the 20th,
the last on the 24th. A lead of 3 March reaches M1 on the 5th, its claim is raised on the 9th; one of 10 March reaches
M1 and M5 on the same day, and its claims are raised on the 19th: the claims job fails in between, so every night is a
build without write-backs. Nobody builds on the 12th. Trips end on 25 March, a trip row with an unreadable date is there
on the 30th only, and no lead comes after 24 March.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from runner import alerts, watch
from runner.database import Server
from runner.settings import Settings
from tests import harness
from tests.harness import settings_with
from tests.oracle import Claim, Lead, Link, Person, TripRow, World
from tests.receivers import endpoint

FIRST, SKIPPED, LAST = date(2026, 3, 1), date(2026, 3, 12), date(2026, 4, 1)
DAYS = [day for n in range(32) if (day := FIRST + timedelta(n)) != SKIPPED]
# Small numbers for a small fleet; the rest is as in the seed.
THRESHOLDS = "A1=2 B1=1 B2=50 A5.FLOOR=3 B3.FLOOR=2"

WEEKS = {date(2026, 2, 17): range(1, 5), date(2026, 2, 24): range(5, 9), date(2026, 3, 3): range(9, 13),
         date(2026, 3, 10): range(13, 19), date(2026, 3, 17): range(19, 23), date(2026, 3, 24): range(23, 27)}
MATCHED = {13: date(2026, 3, 20), 14: date(2026, 3, 20), 15: date(2026, 3, 24)}
CLAIMED = {9: (date(2026, 3, 9), (1,)), 16: (date(2026, 3, 19), (1, 5))}
PRICES = {1: Decimal(25), 5: Decimal(35)}


def days(*spans: int | tuple[int, int]) -> set[date]:
    """Days of March, single or from-to; 32 is 1 April."""
    found = set()
    for span in spans:
        first, last = span if isinstance(span, tuple) else (span, span)
        found |= {date(2026, 2, 28) + timedelta(n) for n in range(first, last + 1)}
    return found & set(DAYS)


# Why, rule by rule. A1: 3 unmatched > 2. A2_21D: 11 of 14 leads of the last 21 days; on the 17th 15 of 18, those of
# 24 Feb among them. A3: third day running; after the hole of the 12th three days must come together again. A5, A7,
# B3: the week of 9 March is closed from the 18th (it is over, and its leads have had two days to arrive). A9: 2 days
# old on the 12th. B4: 1 of 1, then 1 of 2 drivers. B5: 8 days old. C1: muted 14-16. C2: 7 days old. C3: 3 of 18, 3 of
# 22, then 1 of 22. C3_21D: still 1 of 14. F1: newest trip of the 25th.
FIRING = {
    "A1": days((10, 19)),
    "A2_21D": days(11, (13, 16), 18, 19),
    "A3": days(7, 8, (15, 18)),
    "A5": days(18, 19),
    "A7": days(18, 19),
    "A9": days((13, 23)),
    "B1": days((10, 18)),
    "B2": days((10, 18)),
    "B3": days(18),
    "B4": days((5, 8), (10, 18)),
    "B5": days(18),
    "C1": days(11, 13, (17, 23)),
    "C2": days((17, 23)),
    "C3": days((10, 19)),
    "C3_21D": days((10, 23)),
    "F1": days((29, 32)),
    "F2": days(32),
    "F3": days(30),
}
# Days of March on which each rule speaks: it starts, is told again every third day, worsens, recovers.
TOLD = {
    "A1": "S10 M13 M16 M19 R20",
    "A2_21D": "S11 M14 R17 S18 R20",
    "A3": "S7 R9 S15 M18 R19",
    "A5": "S18 R20",
    "A7": "S18 R20",
    "A9": "S13 M16 M19 M22 R24",
    "B1": "S10 M13 M16 R19",
    "B2": "S10 M13 M16 R19",
    "B3": "S18 R19",
    "B4": "S5 M8 R9 S10 M13 M16 R19",
    "B5": "S18 R19",
    "C1": "S11 M17 M20 M23 R24",
    "C2": "S17 M20 M23 R24",
    "C3": "S10 M13 M16 M19 R20",
    "C3_21D": "S10 M13 M16 M19 M22 R24",
    "F1": "S29 W30 W32",
    "F2": "S32",
    "F3": "S30 R31",
}
WORDS = {"STARTED": "S", "WORSENED": "W", "REMINDED": "M", "RECOVERED": "R"}


def world(day: date) -> World:
    """All that has come in by a day: leads and trips to come are there already, since as-of hides them (D-7)."""
    leads, links, persons, claims = [], [], [], []
    linked = datetime(2026, 2, 1, tzinfo=UTC)
    for lead_date, numbers in WEEKS.items():
        for number in numbers:
            leads.append(Lead(number, None, datetime(lead_date.year, lead_date.month, lead_date.day, 9)))
            if MATCHED.get(number, FIRST) > day:
                continue
            person = UUID(int=number)
            persons.append(Person(person))
            links.append(Link(2 * number, person, "drivers", f"d{number}", linked))
            links.append(Link(2 * number + 1, person, "module_ct_cabinet_leads", str(number), linked))
            raised, milestones = CLAIMED.get(number, (LAST + timedelta(1), ()))
            claims += [Claim(10 * number + m, person, f"d{number}", str(number), lead_date, m, PRICES[m], "generated")
                       for m in milestones if raised <= day]
    return World(day, tuple(leads), tuple(trips(day)), tuple(links), tuple(persons), tuple(claims))


def trips(day: date) -> list[TripRow]:
    """A driver without a lead drives daily until 25 March; two drivers reach milestones; one row can't be read."""
    rows = [TripRow("someone", f"{FIRST + timedelta(n):%Y-%m-%d}", 1) for n in range(-1, 25)]
    rows += [TripRow("d9", "2026-03-05", 1), TripRow("d16", "2026-03-10", 5)]
    return [*rows, TripRow("someone", "hoy", 1)] if day == date(2026, 3, 30) else rows


def play(where: Server, settings: Settings, quiet: list[str]) -> tuple[dict[str, set[date]], dict[date, list[str]]]:
    """Build and tell day by day: on which days each rule fired, and the bodies of each day's messages."""
    fired: dict[str, set[date]] = defaultdict(set)
    messages: dict[date, list[str]] = {}
    with endpoint() as receiver:
        with_channel = settings_with(settings, notify_urls=receiver.url("json", "s3cret-month"))
        for day in DAYS:
            harness.write_world(where, world(day))
            harness.build(with_channel, world(day))
            if day == date(2026, 3, 14):
                watch.mute(with_channel, "C1", None, date(2026, 3, 16), "known backlog")
            receiver.bodies.clear()
            found, _ = watch.look(with_channel, {}, send=True)
            for row in found.of("FIRING"):
                fired[row["rule"]].add(day)
            messages[day] = [body["message"] for body in receiver.bodies]
            quiet += [f"{day} {row['rule']} {row['state']}" for row in found.rows if row["rule"] in ("A3", "C1")]
    return dict(fired), messages


def told(where: Server) -> dict[str, str]:
    """What the memory says was told, rule by rule, in the notation above."""
    with closing(harness.connect(where)) as session, session, session.cursor() as cursor:
        cursor.execute("select rule, event, as_of_date from ops.alert_events order by event_id")
        found: dict[str, list[str]] = defaultdict(list)
        for rule, event, day in cursor.fetchall():
            found[rule].append(f"{WORDS[event]}{(day - date(2026, 2, 28)).days}")
    return {rule: " ".join(events) for rule, events in found.items()}


def test_a_scripted_month(migrated_database: Server, settings_for: Callable[..., Settings]) -> None:
    """31 as-of dates, every rule of the seed that needs no job: firing days, messages, states in between."""
    assert len(DAYS) == 31
    settings = settings_with(settings_for(migrated_database), thresholds=THRESHOLDS)
    states: list[str] = []
    fired, messages = play(migrated_database, settings, states)
    assert fired == FIRING
    assert told(migrated_database) == TOLD
    speaking = [int(event[1:]) for events in TOLD.values() for event in events.split()]
    for day, bodies in messages.items():
        wanted = speaking.count((day - date(2026, 2, 28)).days)
        assert len(bodies) == (1 if wanted else 0), f"{day}: one grouped message, or silence"
        assert wanted == sum(len(body.splitlines()) for body in bodies)
    check_states(states)
    check_history(migrated_database)
    check_table(alerts.as_dict(watch.look(settings, {}, send=False)[0]))


def check_states(states: list[str]) -> None:
    """The third day and not before; a hole is no quiet day (D-14); a mute is a state of its own."""
    a3 = {line.split()[0][-5:]: line.split()[2] for line in states if " A3 " in line}
    assert [a3[day] for day in ("03-04", "03-05", "03-06", "03-07", "03-09")] == ["OK", "OK", "OK", "FIRING", "OK"]
    after_the_hole = [a3[day] for day in ("03-10", "03-11", "03-13", "03-14", "03-15")]
    assert after_the_hole == ["OK", "OK", "INSUFFICIENT_HISTORY", "INSUFFICIENT_HISTORY", "FIRING"]
    c1 = {line.split()[0][-5:]: line.split()[2] for line in states if " C1 " in line}
    assert [c1[day] for day in ("03-13", "03-14", "03-16", "03-17")] == ["FIRING", "MUTED", "MUTED", "FIRING"]


def check_history(where: Server) -> None:
    """One row per day, metric and scope, for the 31 days and no other; each written once."""
    with closing(harness.connect(where)) as session, session, session.cursor() as cursor:
        cursor.execute("select count(distinct as_of_date), min(as_of_date), max(as_of_date)"
                       " from ops.cabinet_metrics_daily")
        assert cursor.fetchone() == (31, FIRST, LAST)
        cursor.execute("select count(*) from ops_intermediate.int_metrics__daily"
                       " where valid_to_run < 9223372036854775807")
        assert cursor.fetchone() == (0,)
        cursor.execute("select value from ops.cabinet_metrics_daily where as_of_date = %s"
                       " and metric = 'leads_no_identity' and scope = 'WEEK' and scope_value = '2026-03-09'",
                       (date(2026, 3, 18),))
        assert cursor.fetchone() == (3,)


def check_table(result: dict[str, Any]) -> None:
    """The last day as JSON: F1 since the 29th, four days running, one day more than the day before."""
    trips_stale = next(row for row in result["alerts"] if row["rule"] == "F1")
    assert {name: trips_stale[name] for name in ("since", "days_running", "value", "previous_value", "triggered")} == {
        "since": "2026-03-29", "days_running": 4, "value": 7, "previous_value": 6, "triggered": True}
    assert (result["stats"]["total_leads"], result["stats"]["pct_with_identity"]) == (26, 100)
    assert [row["rule"] for row in result["not_computed"]] == []
