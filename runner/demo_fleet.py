"""The rest of the sample: everybody else in the parks, and payments beyond the claims that were paid."""

from __future__ import annotations

from datetime import date, timedelta

from runner.demo_people import OTHER_PARKS, TARGET_PARK, Driver, days_before, name
from runner.demo_sample import AS_OF
from runner.demo_story import Story

LINES_PER_LEAD = 223 / 849  # as published
CLEAR = 0.68  # lines whose name is one driver's only
# How the names of the other lines fail: misspelt, two drivers have it, nobody has it, none given.
UNCLEAR = ((14, "MISSPELT"), (9, "TWIN"), (8, "NOBODY"), (1, "BLANK"))


def fill_parks(story: Story, leads: int) -> None:
    """Add accounts up to 1.3 per lead in the target park (a few in none), and 0.14 per lead in others."""
    for number in range(max(0, round(leads * 1.3) - story.sample.drivers)):
        _account(story, number, TARGET_PARK if number % 97 else "")
    for number in range(round(leads * 0.14)):
        _account(story, number, OTHER_PARKS[number % len(OTHER_PARKS)])


def _account(story: Story, number: int, park: str) -> None:
    dice = story.sample.dice
    hired = days_before(dice, AS_OF, 20, 900)
    if number % 25 == 24:
        twin = story.without_lead.pop()
        story.twins += [twin, story.sample.hire(hired, twin.name, park)]
        return
    account = story.sample.hire(hired, name(dice), park)
    story.without_lead.append(account)
    if dice.chance(0.2):
        story.orphan(account)
    if dice.chance(0.4):
        story.steady(account, max(hired, date(2025, 11, 1)), dice.between(3, 14), 0.75)


def pay(story: Story, leads: int) -> None:
    """Add lines until the list has its length and its share of clear names."""
    lines = max(4, round(leads * LINES_PER_LEAD))
    clear = max(0, round(lines * CLEAR) - len(story.sample.payments))
    for number in range(max(0, lines - len(story.sample.payments))):
        if number < clear:
            _line(story, _written(story, _anyone(story)))
        else:
            _unclear(story)


def _unclear(story: Story) -> None:
    dice = story.sample.dice
    how = dice.weighted(UNCLEAR)
    account = _anyone(story)
    if how == "MISSPELT":
        misspelt = account.name.full[:-2] + "HX"
        # Upstream knows some drivers although the name says nothing (F31).
        _line(story, misspelt, account.driver_id if dice.chance(0.25) else "")
    elif how == "TWIN" and story.twins:
        _line(story, dice.pick(story.twins).name.full)
    elif how == "BLANK":
        _line(story, "")
    else:
        _line(story, "".join(reversed(name(dice).full)))


def _anyone(story: Story) -> Driver:
    """A driver with a lead in two of three lines: Yango pays by its own logic, achieved or not."""
    dice = story.sample.dice
    with_lead = story.with_lead and (dice.chance(0.67) or not story.without_lead)
    return dice.pick(story.with_lead if with_lead else story.without_lead)


def _written(story: Story, account: Driver) -> str:
    """The name in one of the orders and spellings of the list."""
    given, surnames = " ".join(account.name.given), " ".join(account.name.surnames)
    return story.sample.dice.weighted(((50, f"{given} {surnames}"), (30, f"{surnames}, {given}"),
                                       (20, f"{given} {surnames}".title())))


def _line(story: Story, driver_name: str, driver_id: str = "") -> None:
    dice = story.sample.dice
    milestones = dice.weighted(((60, (1,)), (25, (1, 5)), (10, (5,)), (5, (1, 5, 25))))
    story.sample.payment(AS_OF - timedelta(days=dice.between(2, 55)), driver_name, milestones, driver_id)
