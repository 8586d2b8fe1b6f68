"""Schema of a lead's trace: the dict of runner.explain, part by part. Columns tell of themselves as their models do."""

from __future__ import annotations

from runner.web.described import Schema, field, fields, several, shape

LEVELS = {"phone": "How the phones compare.", "plate": "How the plates compare.", "name": "How the names compare."}
MOVERS = ("JOB", "PERSON", "DRIVER", "PLATFORM", "SOURCE", "NOBODY")


def texts(**told: str) -> dict[str, Schema]:
    """Texts that are always there."""
    return {name: field("text", text, name=name) for name, text in told.items()}


def maybe(**told: str) -> dict[str, Schema]:
    """Texts that may be missing."""
    return {name: field("text", text, name=name, null=True) for name, text in told.items()}


def words(description: str) -> Schema:
    """A list of texts."""
    return several({"type": "string", "example": "M1"}, description)


def or_null(part: Schema) -> Schema:
    """A part that a lead may not have."""
    return {**part, "type": ["object", "null"]}


def columns(relation: str, nulls: tuple[str, ...], *without: str) -> dict[str, Schema]:
    """The fields of a view without some."""
    return {name: each for name, each in fields(relation, nulls).items() if name not in without}


def trace() -> Schema:
    """A lead end to end."""
    return shape(
        {
            **texts(lead="Source key of the lead."),
            "lead_id": field("integer", "Number of the lead.", name="lead_id"),
            **maybe(lead_name="Name as the source row has it; initials for a viewer."),
            "language": {"type": "string", "enum": ["es", "en"], "example": "en", "description": "Of the sentences."},
            "run": shape(_run(), "The live run, whose night the trace tells of."),
            "raw": _raw(),
            "keys": _keys(),
            "identity": _identity(),
            "person": or_null(_person()),
            "window": or_null(_window()),
            "milestones": several(_milestone(), "The three expectations; none for a lead outside the funnel."),
            "claims": several(_claim(), "Claim rows that have to do with the lead."),
            "payments": several(_payment(), "Payment statements that name its driver or person, or settle its claims."),
            "stage": _stage(),
            "moves": several(_move(), "What would have to be true for the lead to move on."),
        },
        "A lead end to end: what was found at each step, and why.",
    )


def _run() -> dict[str, Schema]:
    return {
        "run_id": field("bigint", "Run that readers see.", name="run_id"),
        "as_of": field("date", "Day that it looked from (D-7)."),
        "published_at": field("timestamp with time zone", "When it was published."),
    }


def _raw() -> Schema:
    names = ("external_id", "lead_created_at", "first_name", "middle_name", "last_name", "park_phone",
             "asset_plate_number", "asset_model")  # fmt: skip
    row = fields("v_lead_trace_rows", names, only=names)
    known = fields("v_lead_trace_rows", ("lead_date",), only=("lead_date", "since_run", "source_state"))
    return shape(
        {
            "row": shape(row, "The source row as the run read it."),
            **known,
            **texts(source_state_label="The same in a word.", text="The same as a sentence."),
            "changed_columns": words("Columns whose content is another at the source by now."),
        },
        "The original row, and whether the source says something else by now.",
    )


def _keys() -> Schema:
    own = maybe(
        phone="Phone in matching form.",
        plate="Plate in matching form.",
        licence="Licence; cabinet leads carry none.",
        model="Model in matching form.",
        plate_shape="Plate with O for 0 and I for 1.",
    )
    parts = {f"{name}_parts": words(f"Parts of the {name} name.") for name in ("given", "surname")}
    return shape({**own, "name_parts": words("Parts of the whole name."), **parts}, "What matching compares.")


def _rule() -> dict[str, Schema]:
    return texts(
        rule="Rule.",
        rule_label="The rule in words.",
        outcome="How it ended: KEPT, NO_KEY, NO_CANDIDATES, or why its hits were dropped.",
        outcome_label="The same in a word.",
        text="The same as a sentence.",
    )


def _levels() -> dict[str, Schema]:
    return {
        "levels": shape(maybe(**LEVELS), "How the keys compare, as codes."),
        "level_labels": shape(texts(**LEVELS), "How the keys compare, in words."),
    }


def _candidate() -> Schema:
    nulls = ("person_key", "park_id", "rule_score", "score", "hired_after_days")
    only = ("driver_id", "person_key", "park_id", "is_kept", "rule_score", "score", "hired_after_days")
    points = {name: field("integer", f"Points for the {name}.", null=True) for name in (*LEVELS, "model", "date")}
    similarity = field("double precision", "Share of the name's parts that agree, from 0 to 1.", null=True)
    driver = {name: f"The driver's {name} in matching form." for name in ("phone", "plate", "licence", "name")}
    return shape(
        {
            **_rule(),
            **fields("v_lead_trace_candidates", nulls, only=only),
            "points": shape(points, "What each agreement is worth."),
            **_levels(),
            "name_similarity": similarity,
            "driver": shape(maybe(**driver), "The driver's keys, as known now."),
        },
        "One driver that one rule hit.",
    )


def _identity() -> Schema:
    decision = shape(
        {
            **texts(
                outcome="What is decided.",
                outcome_label="The same in a word.",
                text="The same as a sentence.",
                reason_label="Why not linked, in words.",
                reason_text="Why not linked, as a sentence.",
            ),
            **maybe(reason="Why it is not linked.", driver_id="Driver of the strongest hit.", match_rule="Its rule."),
            **maybe(confidence_level="How sure it is.", other_person_key="The other person of a conflict."),
            "match_score": field("integer", "Score of the rule.", null=True),
            "score": field("integer", "Points of the pair.", null=True),
        },
        "What the rules decided; null for a linked lead.",
    )
    state = {"type": "string", "enum": ["LINKED", "OPEN", "EXCLUDED"], "example": "OPEN"}
    verdict = {**columns("v_lead_trace_verdicts", ("driver_id",)), **texts(verdict_label="The verdict in a word.")}
    return shape(
        {
            "state": {**state, "description": "LINKED, OPEN (the rules work on it), or EXCLUDED from the funnel."},
            "decision": or_null(decision),
            "rules": several(shape(_rule(), "One rule."), "How each rule ended; none for a linked lead."),
            "candidates": several(_candidate(), "Every hit of every rule."),
            "candidates_until_run": field("bigint", "Run from which on it was linked, of earlier hits.", null=True),
            "verdicts": several(shape(verdict, "One decision."), "What people decided."),
        },
        "Who the lead is, as rules and people see it.",
    )


def _person() -> Schema:
    nulls = ("confidence_level",)
    names = ("link_of", "link_id", "person_key", "source_pk", "match_rule", "match_score", "linked_at")
    only = (*names, "confidence_level")
    link = {
        **fields("v_lead_trace_links", nulls, only=only),
        **texts(rule_label="The rule in words.", rule_text="The rule as a sentence.", confidence_label="In a word."),
        **maybe(linked_by_run="Run that made the link.", linked_from="Lead whose match linked the driver."),
        **_levels(),
        **maybe(score="Points when it was made.", decided_by="Person who accepted it.", why="Why they did."),
        "evidence": field("jsonb", "Evidence as it was stored; null for a viewer.", null=True),
        "counts": field("boolean", "Whether this driver's trips count for the lead (D-3)."),
    }
    return shape(
        {
            **texts(person_key="Person of the lead."),
            **maybe(driver_id="Driver whose trips count."),
            "links": several(shape(link, "One link."), "Links of the lead and of its person's drivers, as they stand."),
            "moved_since": field("boolean", "Whether the links are others than the run saw."),
        },
        "The person and its drivers; null without one.",
    )


def _window() -> Schema:
    day = {
        "day": field("date", "Day of the window."),
        "day_no": field("integer", "Its number, 1 for the lead date."),
        "trips": field("bigint", "Trips of the day; null when it had not come.", null=True),
        "running": field("bigint", "Trips up to and with the day; null when it had not come.", null=True),
        "milestones": words("Milestones that were reached on the day."),
    }
    reached = {**texts(milestone="Milestone, as M5."), "day": field("date", "Day on which it was reached.")}
    other = {**texts(driver_id="Another driver of the person."), "trips": field("bigint", "Its trips in the window.")}
    return shape(
        {
            "first_day": field("date", "First day: the lead date."),
            "last_day": field("date", "Last day that counts."),
            "is_closed": field("boolean", "Whether it has passed."),
            **maybe(driver_id="Driver whose trips count."),
            "trips": field("bigint", "Trips that the run counted."),
            "days": several(shape(day, "One day."), "Every day of the window; none without a driver."),
            "reached": several(shape(reached, "One milestone."), "Milestones with their days."),
            "other_drivers": several(shape(other, "One driver."), "Trips that do not count (D-3)."),
            "added_up": field("bigint", "What the days add up to now."),
            "moved_since": field("boolean", "Whether that is not what the run counted."),
        },
        "The 14 days; null for a lead outside the funnel.",
    )


def _milestone() -> Schema:
    names = {"reached": "milestone_achieved", "amount": "amount_expected"}
    nulls = ("claim_id", "claim_row_status", "unsupported_cause")
    only = ("milestone", "reached", "claim_expected", "amount", "claim_status", "gap_reason", *nulls)
    return shape(
        {
            **fields("v_claims_expected_vs_present_14d", nulls, only=only, **names),
            **texts(
                expected_reason="Why a claim is due or not.",
                reason_label="How it stands, in words.",
                reason_text="How it stands, as a sentence.",
                claim_row_label="Status of the claim row, in a word.",
                unsupported_text="Why nothing supports the claim, as a sentence.",
            ),
        },
        "One milestone.",
    )


def _claim() -> Schema:
    nulls = ("person_key", "driver_id", "claim_row_status", "why", "generated_at", "paid_at", "unsupported_cause",
             "reason_code", "is_paid", "payment_id", "pay_date", "paid_amount", "due_amount", "due_date")  # fmt: skip
    events = ("old_status", "new_status", "why", "run_id")
    event = {
        **columns("v_lead_trace_claim_events", events, "claim_id"),
        **texts(kind_label="What happened, in a word.", new_label="Status after it, in a word."),
    }
    return shape(
        {
            **columns("v_lead_trace_claims", nulls, "lead_id"),
            **texts(
                tie_label="What it is to the lead, in words.",
                status_label="Status as the run saw it.",
                status_now_label="Status at this moment.",
                reason_label="How its payment stands.",
                unsupported_text="Why nothing supports it.",
            ),
            "moved_since": field("boolean", "Whether its status is another than the run saw."),
            "events": several(shape(event, "One event."), "Everything that happened to it, in order."),
        },
        "One claim row.",
    )


def _payment() -> Schema:
    nulls = ("pay_date", "cause", "claim_id", "driver_id", "driver_name", "found_by", "confidence", "settled_through")
    labels = texts(outcome_label="How it ended, in a word.", cause_label="Why.", found_by_label="How it was found.")
    return shape({**columns("v_lead_trace_payments", nulls, "lead_id"), **labels}, "One payment statement.")


def _stage() -> Schema:
    nulls = ("to_run", "to_as_of")
    only = ("from_run", "to_run", "from_as_of", "to_as_of", "days_in_stage", "is_current")
    spell = {
        **texts(stage="Stage.", label="The stage in words."),
        **fields("v_cabinet_stage_history", nulls, only=only),
    }
    return shape(
        {
            **texts(
                code="Stage, or why the lead is outside the funnel.",
                label="The same in words.",
                text="The same as a sentence.",
                reason="What is missing, and which act helps.",
                next_action="What to do.",
            ),
            "is_excluded": field("boolean", "Whether the lead is outside the funnel."),
            "claims_missing": words("Reached milestones whose claim is missing."),
            "expected_amount": field("numeric(12,2)", "What the reached milestones are worth, in PEN.", null=True),
            **maybe(duplicate_of="Lead that bears its claims (D-2).", overlaps="Lead whose window it overlaps (D-2)."),
            "history": several(shape(spell, "One stay."), "The stages it went through, by published run."),
        },
        "Where the lead stands.",
    )


def _move() -> Schema:
    known = columns("v_lead_trace_moves", (), "lead_id", "move_code", "mover", "step")
    nullable = {name: {**each, "type": [each["type"], "null"]} for name, each in known.items()}
    return shape(
        {
            **texts(
                code="What would have to be true, as a code.",
                mover_label="Who can make it true, in words.",
                label="The code in words.",
                text="The whole sentence, with its numbers.",
            ),
            "mover": {"type": "string", "enum": list(MOVERS), "example": "JOB", "description": "Who can make it true."},
            **maybe(action="What to do, in words.", command="The command that does it."),
            "step": field("integer", "Part of the funnel: 1 identity, 2 trips, 3 claim and payment."),
            **nullable,
        },
        "One thing that would have to be true.",
    )
