"""The nightly report: at most one screen of 80 columns, plain text, on stdout."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from runner.outcome import Outcome

STAGES = ("NO_IDENTITY", "NO_DRIVER", "NO_TRIPS_14D", "TRIPS_NO_CLAIM", "OK")
RULE = "-" * 78


def nightly(outcome: Outcome) -> str:
    """The report as text. Money in PEN."""
    run = outcome.run
    claims = outcome.claims.counters if outcome.claims else {}
    gaps_after, amount_after = outcome.figures["gap"][0]
    lines = [
        f"Cabinet 14d, as of {run.as_of}, run {run.run_id}",
        RULE,
        _stages(dict(outcome.figures["stages"])),
        *([f"matching    {outcome.leads.summary}"] if outcome.leads else []),
        RULE,
        f"{'':22}{'claims':>10}{'PEN':>16}",
        _amount_line("gap before", claims["gaps_found"], claims["gap_amount"]),
        _amount_line("raised", claims["claims_inserted"], claims["inserted_amount"]),
        *(
            [_amount_line("advanced", claims["claims_updated"], claims["updated_amount"])]
            if claims["claims_updated"]
            else []
        ),
        *_paid(outcome),
        _amount_line("gap after", gaps_after, amount_after),
        *(_amount_line(f"  {status}", count, amount) for status, count, amount in _claims(outcome.figures["claims"])),
        RULE,
        *_findings(outcome),
        *_alerts(outcome),
        RULE,
        _times(outcome),
        f"next  {_next(outcome, gaps_after)}",
    ]
    return "\n".join(lines)


def as_json(outcome: Outcome) -> dict[str, Any]:
    """The same for programs."""
    claims = outcome.claims.as_dict() if outcome.claims else {}
    return {
        "run_id": outcome.run.run_id,
        "as_of": str(outcome.run.as_of),
        "exit_code": outcome.run.exit_code,
        "leads_per_stage": dict(outcome.figures.get("stages", [])),
        "gap_after": _json_gap(outcome.figures.get("gap")),
        "leads": outcome.leads.as_dict() if outcome.leads else {},
        "claims": claims,
        "payments": outcome.payments.as_dict() if outcome.payments else {},
        "findings": [
            {"check": c.name, "severity": c.severity, "violations": c.violations, "amount": f"{c.amount:.2f}"}
            for c in outcome.checks
        ],
        "alerts": [
            {"rule": row["rule"], "scope_value": row["scope_value"], "severity": row["severity"]}
            for row in (outcome.alerts.of("FIRING") if outcome.alerts else [])
        ],
        "steps": [{"name": s.name, "seconds": round(s.seconds, 3), **s.counters} for s in outcome.run.steps],
    }


def _json_gap(rows: list[tuple[int, Decimal]] | None) -> dict[str, Any]:
    return {"gaps": rows[0][0], "amount": f"{rows[0][1]:.2f}"} if rows else {}


def _stages(stages: dict[str, int]) -> str:
    names = "  ".join(f"{stage:>{max(len(stage), 6)}}" for stage in (*STAGES, "leads"))
    total = sum(stages.values())
    counts = [*(stages.get(stage, 0) for stage in STAGES), total]
    values = "  ".join(
        f"{count:>{max(len(stage), 6)},}" for stage, count in zip((*STAGES, "leads"), counts, strict=True)
    )
    return f"{names}\n{values}"


def _amount_line(label: str, count: int, amount: Any) -> str:
    return f"{label:<22}{count:>10,}{Decimal(amount):>16,.2f}"


def _paid(outcome: Outcome) -> list[str]:
    """What payments moved, when they moved anything."""
    if not outcome.payments or not outcome.payments.wrote:
        return []
    counters = outcome.payments.counters
    back = f", {counters['claims_taken_back']} back" if counters["claims_taken_back"] else ""
    return [_amount_line(f"paid{back}", counters["claims_paid"], counters["paid_amount"])]


def _claims(rows: list[tuple[str, int, Decimal]]) -> list[tuple[str, int, Decimal]]:
    order = ("expected", "generated", "paid", "rejected", "expired")
    by_status = {status: (count, amount) for status, count, amount in rows}
    return [(f"of which {status}", *by_status[status]) for status in order if status in by_status]


def _findings(outcome: Outcome) -> list[str]:
    broken = [check for check in outcome.checks if check.violations]
    if not broken:
        return ["findings     none"]
    return [f"{check.severity:<8} {check.violations:>6,}  {check.sentence}"[:79] for check in broken]


def _alerts(outcome: Outcome) -> list[str]:
    firing = outcome.alerts.of("FIRING") if outcome.alerts else []
    if not firing:
        return []
    critical = any(row["severity"] == "CRITICAL" for row in firing)
    rules = " ".join(dict.fromkeys(row["rule"] for row in firing))
    return [f"{'critical' if critical else 'warning':<8} {len(firing):>6,}  alerts: {rules}"[:79]]


def _times(outcome: Outcome) -> str:
    """The slowest two steps and all of them, in 80 columns; where names are too long for two, the slowest one."""
    slowest = sorted(outcome.run.steps, key=lambda step: -step.seconds)[:2]
    steps = [f"{step.name} {_seconds(step.seconds)}" for step in slowest]
    total = f"all {_seconds(sum(step.seconds for step in outcome.run.steps))}"
    both = f"time  {', '.join([*steps, total])}"
    return both if len(both) < 80 else f"time  {', '.join([*steps[:1], total])}"


def _seconds(seconds: float) -> str:
    """Without tenths from a hundred on: the line stays within 80 columns on a slow night."""
    return f"{seconds:.1f} s" if seconds < 99.95 else f"{seconds:,.0f} s"


def _next(outcome: Outcome, gaps_after: int) -> str:
    if any(check.violations and check.severity == "critical" for check in outcome.checks):
        return "a critical check failed: look at it before you send anything"
    if outcome.alerts and outcome.alerts.of("FIRING", "CRITICAL"):
        return "a critical alert fires: cabinet14d alerts"
    if gaps_after:
        return f"{gaps_after} gaps are left: cabinet14d reconcile claims"
    stages = dict(outcome.figures["stages"])
    stuck = stages.get("NO_IDENTITY", 0) + stages.get("NO_DRIVER", 0)
    return f"{stuck:,} leads have no person or driver: ops.v_cabinet_leads_limbo" if stuck else "nothing"
