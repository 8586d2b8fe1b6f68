"""What a chain has done so far, and the steps that it does it in: one row of the run log each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from runner import runlog, validate, warehouse
from runner.alerts import Alerts
from runner.progress import Progress
from runner.reconcile import ClaimsResult
from runner.reconcile_leads import LeadsResult
from runner.reconcile_payments import PaymentsResult

Figures = dict[str, Any]


class Written(Protocol):
    """What a write-back did: counters for the run log, one line for people, and whether anything was written."""

    counters: Figures

    @property
    def wrote(self) -> bool: ...

    @property
    def summary(self) -> str: ...


@dataclass
class Outcome:
    """What a chain did: its run, its steps, what each write-back wrote and the figures that readers now see."""

    run: runlog.Run
    written: dict[str, Any] = field(default_factory=dict)
    checks: list[validate.Check] = field(default_factory=list)
    figures: Figures = field(default_factory=dict)
    builds: list[warehouse.BuildResult] = field(default_factory=list)
    alerts: Alerts | None = None

    @property
    def watched(self) -> Alerts:
        """The alerts of a night that has come so far."""
        assert self.alerts is not None
        return self.alerts

    @property
    def leads(self) -> LeadsResult | None:
        """What `reconcile leads` did in this chain."""
        return self.written.get("reconcile leads")

    @property
    def claims(self) -> ClaimsResult | None:
        """What `reconcile claims` did in this chain."""
        return self.written.get("reconcile claims")

    @property
    def payments(self) -> PaymentsResult | None:
        """What `reconcile payments` did in this chain."""
        return self.written.get("reconcile payments")


def step(outcome: Outcome, name: str, progress: Progress, work: Callable[[], tuple[Figures, str]]) -> None:
    progress.step(name)
    with outcome.run.step(name) as logged:
        counters, text = work()
        logged.counters.update(counters)
    progress.done(f"{text} ({logged.seconds:.1f} s)")
