"""The sample's ordinary leads: how many of which week stand where, and all that puts them there."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from runner.demo_people import Driver, Name, days_before, name, other_name
from runner.demo_sample import AMOUNTS, AS_OF, DRIVERS, LAST_TRIPS, LEADS, Lead, Person, Sample, licence_of

WINDOW = timedelta(days=14)
STAGES = ("NO_IDENTITY", "NO_DRIVER", "NO_TRIPS", "GAP_1", "GAP_5", "GAP_25", "OK_1", "OK_5", "OK_25")
# Leads per week and stage, from the published figures (domain, section 13): weeks, NO_IDENTITY, NO_DRIVER and
# the gaps (56, 30 and 6 claims) are as published. By R13, all 56 published leads with trips were in the gap:
# the 52 that have their claims here, so that both can be seen, are taken from the leads without trips.
WEEKS = {
    date(2025, 11, 3): (18, 25, 9, 2, 1, 1, 1, 1, 0),
    date(2025, 11, 10): (29, 32, 18, 2, 2, 3, 2, 1, 1),
    date(2025, 11, 17): (48, 62, 49, 4, 5, 0, 3, 2, 2),
    date(2025, 11, 24): (22, 44, 40, 0, 2, 0, 3, 4, 3),
    date(2025, 12, 1): (0, 44, 40, 0, 0, 0, 5, 6, 4),
    date(2025, 12, 8): (0, 40, 37, 0, 0, 0, 5, 5, 4),
    date(2025, 12, 15): (16, 52, 12, 2, 3, 1, 0, 0, 0),
    date(2025, 12, 22): (36, 1, 16, 2, 4, 1, 0, 0, 0),
    date(2025, 12, 29): (1, 0, 3, 2, 2, 0, 0, 0, 0),
    date(2026, 1, 5): (32, 0, 15, 12, 5, 0, 0, 0, 0),
}
Cell = tuple[date, str]
RHYTHM = (4, 4, 4, 5, 6, 6, 3)  # Monday to Sunday
REACHES = {"1": (1, 4), "5": (5, 24), "25": (25, 120)}
# Why a lead has no person; about a quarter can be matched by phone, or by plate and name.
UNMATCHED = ((35, "NO_SUCH_PLATE"), (30, "PLATE_OF_ANOTHER"), (10, "HIRED_LONG_AGO"), (15, "PLATE_AND_NAME"),
             (6, "PHONE"), (2, "PHONE_OF_ANOTHER"), (2, "TWO_ACCOUNTS"))
RULES = ((967, ("R1_PHONE_EXACT", 95, "HIGH")), (12, ("R2_LICENSE_EXACT", 92, "HIGH")),
         (21, ("R3_PLATE_EXACT_NAME_SIMILAR", 85, "MEDIUM")))


def quota(leads: int) -> dict[Cell, int]:
    """So many leads shared out in the published proportions; the largest remainders get what is left over."""
    cells = {(week, stage): count for week, counts in WEEKS.items()
             for stage, count in zip(STAGES, counts, strict=True)}
    whole = sum(cells.values())
    shares = {cell: leads * count // whole for cell, count in cells.items()}
    rests = sorted(cells, key=lambda cell: (-(leads * cells[cell] % whole), cell))
    for cell in rests[:leads - sum(shares.values())]:
        shares[cell] += 1
    return shares


@dataclass
class Story:
    """Makes ordinary leads with all that belongs to them, and remembers whom the payment list may name."""

    sample: Sample
    with_lead: list[Driver] = field(default_factory=list)
    without_lead: list[Driver] = field(default_factory=list)
    twins: list[Driver] = field(default_factory=list)

    def lead(self, week: date, stage: str) -> None:
        """One lead of this week that stands at this stage on AS_OF."""
        dice = self.sample.dice
        day = week + timedelta(days=dice.below(6 if week == max(WEEKS) else 7))
        if stage == "NO_IDENTITY":
            self._without_person(day)
        elif stage == "NO_DRIVER":
            self._without_driver(day)
        else:
            self._with_driver(day, stage)

    def _without_person(self, day: date) -> None:
        dice, who = self.sample.dice, name(self.sample.dice)
        why = dice.weighted(UNMATCHED)
        near = day - timedelta(days=dice.between(-20, 60))
        if why == "NO_SUCH_PLATE":
            self.sample.lead(dice.moment(day), who, phone=dice.chance(0.05))
            return
        long_ago = why in ("PLATE_OF_ANOTHER", "HIRED_LONG_AGO")
        holder = other_name(dice, who) if why.endswith("_OF_ANOTHER") else who
        account = self.sample.hire(days_before(dice, day, 120, 700) if long_ago else near, holder)
        lead = self.sample.lead(dice.moment(day), who, account, phone=why.startswith("PHONE"))
        if why.startswith("PHONE"):
            lead.plate = f"{dice.pick('BCDF')}{dice.pick('GHJK')}{dice.pick('LMNP')}-{dice.below(1000):03d}"
        if why == "TWO_ACCOUNTS":
            self._twin(account, near)
        self._may_work(account, day, 0.4)
        if dice.chance(0.3):
            self.orphan(account)

    def _twin(self, account: Driver, hired: date) -> None:
        """Another account of the same name and car: a tie that no rule may break."""
        twin = self.sample.hire(hired, account.name, plate=account.plate)
        self.twins += [account, twin]

    def _without_driver(self, day: date) -> None:
        """A person whose driver link is gone; for some the account can be found again."""
        sample, dice, who = self.sample, self.sample.dice, name(self.sample.dice)
        account = sample.hire(days_before(dice, day, -10, 60), who) if dice.chance(0.4) else None
        lead = sample.lead(dice.moment(day), who, account)
        self.known(lead, who, account)
        if account:
            self._may_work(account, day, 0.35)
            if dice.chance(0.1):
                self.orphan(account)

    def _with_driver(self, day: date, stage: str) -> None:
        sample, dice, who = self.sample, self.sample.dice, name(self.sample.dice)
        account = sample.hire(days_before(dice, day, -3, 5), who)
        reach = REACHES.get(stage.partition("_")[2])
        trips = dice.between(*reach) if reach else 0
        lead = sample.lead(dice.moment(day), who, account, trips=trips)
        person = self.known(lead, who, account)
        self.owns(person, account, lead)
        self.with_lead.append(account)
        if not reach:
            self._idle(account, day)
            return
        counts = self.work(account, day, day + WINDOW - timedelta(days=1), trips)
        if stage.startswith("OK"):
            self._claims(person, account, lead, counts)
        if trips >= 25:
            self.steady(account, day + WINDOW, 6, 0.6)

    def known(self, lead: Lead, who: Name, account: Driver | None) -> Person:
        """A person for a lead, linked two days after."""
        assert lead.created is not None
        dice, since = self.sample.dice, night_after(lead.created.date() + timedelta(days=1))
        digits = account.phone if account else "".join(filter(str.isdigit, lead.phone))[-9:]
        person = self.sample.person(who, digits, licence_of(account) if account else "", since)
        rule = dice.weighted(RULES)
        if rule[1] == 85:
            lead.phone = ""
        self.sample.link(person, LEADS, lead.key, lead.created.date(), since, *rule)
        return person

    def owns(self, person: Person, account: Driver, lead: Lead, days_later: int = 0) -> None:
        """The account belongs to the person."""
        assert lead.created is not None
        self.sample.link(person, DRIVERS, account.driver_id, lead.created.date(),
                         person.since + timedelta(days=days_later))

    def orphan(self, account: Driver) -> None:
        """A person that has the account and no lead, as the earlier system left many on one day."""
        since = datetime(2025, 12, 14, 7, 30)
        person = self.sample.person(account.name, account.phone, licence_of(account), since)
        self.sample.link(person, DRIVERS, account.driver_id, since.date(), since)

    def work(self, account: Driver, first: date, last: date, trips: int) -> dict[date, int]:
        """So many trips between two days, more of them towards the weekend; says how many on which day."""
        last = min(last, LAST_TRIPS)
        days = [(RHYTHM[day.weekday()], day) for day in each_day(first, last)]
        counts: dict[date, int] = {}
        for _ in range(trips):
            day = self.sample.dice.weighted(days)
            counts[day] = counts.get(day, 0) + 1
        for day in sorted(counts):
            self.sample.trips(account.driver_id, day, counts[day])
        return dict(sorted(counts.items()))

    def _idle(self, account: Driver, day: date) -> None:
        """No trips in the window: none at all, only after it, only before, or connected without a trip."""
        how = self.sample.dice.weighted(((55, ""), (20, "after"), (10, "before"), (15, "connected")))
        if how == "after" and day + WINDOW <= LAST_TRIPS:
            self.work(account, day + WINDOW, LAST_TRIPS, self.sample.dice.between(1, 20))
        elif how == "before":
            trips = self.sample.dice.between(1, 15)
            self.work(account, day - timedelta(days=10), day - timedelta(days=1), trips)
        elif how == "connected":
            self.sample.trips(account.driver_id, day + timedelta(days=1) if day < LAST_TRIPS else day, 0)

    def _may_work(self, account: Driver, day: date, share: float) -> None:
        if self.sample.dice.chance(share):
            self.work(account, day, day + WINDOW - timedelta(days=1), self.sample.dice.between(1, 40))

    def steady(self, account: Driver, first: date, trips: int, share: float) -> None:
        """Days of about so many trips, on this share of the days until the sample's end."""
        for day in each_day(first, LAST_TRIPS):
            if self.sample.dice.chance(share):
                count = trips * RHYTHM[day.weekday()] // 4 + self.sample.dice.below(5)
                self.sample.trips(account.driver_id, day, count)

    def _claims(self, person: Person, account: Driver, lead: Lead, counts: dict[date, int]) -> None:
        """A claim for each milestone, raised in the night after the trips were known; some are paid."""
        dice, settled = self.sample.dice, []
        pays = dice.chance(0.45)
        pay_day = AS_OF - timedelta(days=dice.between(2, 20))
        for milestone, day in reached(counts):
            raised = max(night_after(day), person.since + timedelta(minutes=10))
            paid = None
            if pays and raised.date() + timedelta(days=3) <= pay_day and dice.chance(0.8):
                paid = datetime.combine(pay_day, time(20))
                settled.append(milestone)
            self.sample.claim(person, account, lead, milestone, raised, paid=paid)
        if settled:
            self.sample.payment(pay_day, account.name.full, settled)


def reached(counts: dict[date, int]) -> list[tuple[int, date]]:
    """Milestones that trips per day reach, each with its day."""
    found, done = [], 0
    for day, trips in counts.items():
        found += [(milestone, day) for milestone in AMOUNTS if done < milestone <= done + trips]
        done += trips
    return found


def each_day(first: date, last: date) -> list[date]:
    """All days from first to last, both included."""
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def night_after(day: date) -> datetime:
    """The night (02:30 in Lima, so 07:30 UTC) after the feed has loaded a day's trips."""
    return datetime.combine(day + timedelta(days=1), time(7, 30))
