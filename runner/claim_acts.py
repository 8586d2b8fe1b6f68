"""Manual acts on claims: reject, expire, reopen; lawful steps, all or none, each with a name and a reason (D-4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from runner import database, queries, runlog
from runner.errors import BadConfiguration, BadFile, CabinetError
from runner.settings import Settings


@dataclass(frozen=True)
class Act:
    """What a person does to claims: from which statuses, to which."""

    name: str
    origins: tuple[str, ...]
    status: str


ACTS = {
    act.name: act
    for act in (
        Act("reject", ("generated",), "rejected"),
        Act("expire", ("generated",), "expired"),
        Act("reopen", ("paid", "rejected", "expired"), "generated"),
    )
}
LARGEST = 2**31 - 1


class UnlawfulAct(CabinetError):
    """The act may not be done to one of the claims; none was touched."""


@dataclass(frozen=True)
class ActResult:
    """Claims that moved, those that already were so, and the money that moved, in PEN."""

    act: str
    moved: int
    already: int
    amount: Decimal

    def as_dict(self) -> dict[str, Any]:
        """JSON form (D-11)."""
        return {"act": self.act, "moved": self.moved, "already": self.already, "amount": f"{self.amount:.2f}"}


def read_ids(words: tuple[str, ...], file: Path | None) -> list[int]:
    """Claim numbers from the command line and from a file of one number a line, each once.

    Raises BadConfiguration or BadFile.
    """
    numbers = [_number(word, BadConfiguration) for word in words]
    if file:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
        numbers += [_number(line, BadFile) for line in lines if line.strip() and line.strip() != "claim_id"]
    if not numbers:
        raise BadConfiguration("No claim was named.", "Give claim numbers, or --file with one number a line.")
    return sorted(set(numbers))


def _number(word: str, kind: type[CabinetError]) -> int:
    text = word.strip()
    if not (text.isascii() and text.isdigit() and int(text) <= LARGEST):
        raise kind(f"{text[:40]!r} is not a claim number.", "Claim numbers are in ops.v_claims_payment_status_cabinet.")
    return int(text)


def perform(
    settings: Settings, act: Act, claim_ids: list[int], by: str, why: str, as_of: date, *, dry_run: bool = False
) -> ActResult:
    """Do the act to all the claims in one transaction, as a run of its own under the run lock.

    Raises UnlawfulAct when one may not take that step.
    """
    where = database.server(settings)
    if dry_run:
        session = database.connect(where, "preview", settings)
        try:
            with database.transaction(session) as cursor:
                cursor.execute("set transaction read only")
                return _judge(cursor, act, claim_ids)[1]
        finally:
            session.close()
    arguments = {"claims": len(claim_ids), "by": by}
    with runlog.open_run(where, settings, f"claims {act.name}", arguments, as_of) as run, run.step(act.name) as step:
        result = _do(run, act, claim_ids, by, why)
        step.counters.update(result.as_dict())
        run.counters.update(result.as_dict())
        return result


def _do(run: runlog.Run, act: Act, claim_ids: list[int], by: str, why: str) -> ActResult:
    with database.transaction(run.session) as cursor:
        cursor.execute(queries.get("claim_acts", "lock"), {"claim_ids": claim_ids})
        moving, result = _judge(cursor, act, claim_ids)
        cursor.execute(queries.get("claim_acts", "act"), {"actor": f"{by}: {act.name}"})
        cursor.execute(
            queries.get("claim_acts", "move"),
            {"claim_ids": moving, "status": act.status, "from": list(act.origins), "reason": why},
        )
        cursor.fetchone()
        return result


def _judge(cursor: Any, act: Act, claim_ids: list[int]) -> tuple[list[int], ActResult]:
    """Which claims will move, or UnlawfulAct naming the first that may not."""
    cursor.execute(queries.get("claim_acts", "asked"), {"claim_ids": claim_ids})
    rows = cursor.fetchall()
    refused = [(claim_id, told) for claim_id, *facts in rows if (told := _refusal(act, *facts))]
    if refused:
        claim_id, told = refused[0]
        more = f" (and {len(refused) - 1} more)" if len(refused) > 1 else ""
        raise UnlawfulAct(f"Claim {claim_id} {told}{more}; no claim was touched.", "Leave it out, then run it again.")
    moving = [(claim_id, amount) for claim_id, status, amount, _ in rows if status != act.status]
    amount = sum((amount for _, amount in moving), Decimal(0))
    result = ActResult(act.name, len(moving), len(rows) - len(moving), amount)
    return [claim_id for claim_id, _ in moving], result


def _refusal(act: Act, status: str | None, amount: Decimal | None, payment_key: str | None) -> str | None:
    """Why the act may not be done to a claim in this status; None when it may, or when it already is so."""
    if status is None:
        return "does not exist"
    if status == act.status:
        return None
    if status not in act.origins:
        return f"is {status}, and only {' or '.join(act.origins)} claims can be {act.status}"
    if act.name == "reopen" and status == "paid" and payment_key:
        return f"is settled by payment {payment_key}, which the payment list must take back first"
    return None
