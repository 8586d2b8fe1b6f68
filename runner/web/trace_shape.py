"""What a trace looks like, for OpenAPI: the dict of runner.explain, part by part."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

Words = dict[str, str]


class RunOfTrace(BaseModel):
    """The live run, whose night the trace shows."""

    run_id: int
    as_of: str
    published_at: str


class Raw(BaseModel):
    """The original row as the run read it."""

    row: dict[str, str | None]
    lead_date: str | None
    since_run: int
    source_state: str = Field(description="SAME, CHANGED or GONE: what the source says about the row by now.")
    source_state_label: str
    changed_columns: list[str]
    text: str


class Keys(BaseModel):
    """What matching compares."""

    phone: str | None
    plate: str | None
    licence: str | None
    model: str | None
    plate_shape: str | None
    name_parts: list[str]
    given_parts: list[str]
    surname_parts: list[str]


class RuleOutcome(BaseModel):
    """How a rule ended: KEPT, NO_KEY, NO_CANDIDATES, or why its hits were dropped."""

    rule: str
    rule_label: str
    outcome: str
    outcome_label: str
    text: str


class Candidate(RuleOutcome):
    """One driver that one rule hit, and why it was kept or dropped."""

    driver_id: str
    person_key: str | None
    park_id: str | None
    is_kept: bool
    rule_score: int | None
    score: int | None
    points: dict[str, int | None]
    levels: dict[str, str | None]
    level_labels: Words
    name_similarity: float | None
    hired_after_days: int | None
    driver: dict[str, str | None]


class Identity(BaseModel):
    """The decision of the rules and of people."""

    state: str = Field(description="LINKED, OPEN (the rules work on it) or EXCLUDED (outside the funnel).")
    decision: dict[str, Any] | None
    rules: list[RuleOutcome]
    candidates: list[Candidate]
    candidates_until_run: int | None
    verdicts: list[dict[str, Any]]


class Person(BaseModel):
    """The lead's person, and the links as they stand now."""

    person_key: str
    driver_id: str | None
    links: list[dict[str, Any]]
    moved_since: bool = Field(description="True when the links are others than the run saw.")


class Day(BaseModel):
    """One day of the window; trips are null for a day that had not come."""

    day: str
    day_no: int
    trips: int | None
    running: int | None
    milestones: list[str]


class Window(BaseModel):
    """The trips that count, day by day."""

    first_day: str
    last_day: str
    is_closed: bool
    driver_id: str | None
    trips: int
    days: list[Day]
    reached: list[dict[str, str]]
    other_drivers: list[dict[str, Any]]
    added_up: int
    moved_since: bool = Field(description="True when trips were read again after the run.")


class MilestoneOfTrace(BaseModel):
    """One of the three expectations."""

    milestone: int
    reached: bool
    claim_expected: bool
    expected_reason: str
    reason_label: str
    reason_text: str
    amount: str
    claim_status: str
    gap_reason: str
    claim_id: int | None
    claim_row_status: str | None
    claim_row_label: str
    unsupported_cause: str | None
    unsupported_text: str


class Stage(BaseModel):
    """Where the lead stands, why, and where it stood before."""

    code: str
    is_excluded: bool
    label: str
    text: str
    reason: str
    next_action: str
    claims_missing: list[str]
    expected_amount: str | None
    duplicate_of: str | None
    overlaps: str | None
    history: list[dict[str, Any]]


class Move(BaseModel):
    """One thing that would have to be true for the lead to move on."""

    code: str = Field(description="As ops.v_lead_trace_moves has it.", examples=["MORE_TRIPS"])
    mover: str = Field(description="Who can make it true: JOB, PERSON, DRIVER, PLATFORM, SOURCE or NOBODY.")
    mover_label: str
    label: str
    text: str
    action: str | None
    command: str | None
    step: int
    milestone: int | None
    trips_needed: int | None
    days_left: int | None
    amount: str | None
    claim_id: int | None
    driver_id: str | None
    first_day: str | None
    last_day: str | None


class Trace(BaseModel):
    """A lead end to end."""

    lead: str
    lead_id: int
    lead_name: str | None
    language: str
    run: RunOfTrace
    raw: Raw
    keys: Keys
    identity: Identity
    person: Person | None
    window: Window | None
    milestones: list[MilestoneOfTrace]
    claims: list[dict[str, Any]]
    payments: list[dict[str, Any]]
    stage: Stage
    moves: list[Move]
