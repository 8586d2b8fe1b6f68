"""Acts of people on claims: lawful steps only, all or none, twice as once, and told in the history."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from runner import claim_acts
from runner.cli import cli
from runner.database import Server
from runner.errors import BadConfiguration, BadFile, CabinetError
from runner.settings import Settings
from tests.integration.test_payments_write_back import AS_OF, LATE, SINCE, claim, money, pay, reconcile
from tests.integration.test_reconcile_claims import contents, rows
from tests.payment_worlds import write_money

STATUS = "select claim_id, status::text, reason from canon.claims_yango_cabinet_14d order by 1"


@pytest.fixture
def ours(migrated_database: Server, settings_for: Callable[..., Settings]) -> Settings:
    """A database with a claim of every status: 1 generated, 2 paid, 3 rejected, 4 expired, 5 expected."""
    claims = (
        claim(1, 1),
        claim(2, 5, status="paid", paid_at=SINCE),
        claim(3, 25, status="rejected"),
        claim(4, 1, day=LATE, status="expired"),
        claim(5, 5, day=LATE, status="expected", generated_at=None),
    )
    write_money(migrated_database, money(claims))
    return settings_for(migrated_database)


def perform(ours: Settings, act: str, *claim_ids: int, **options: Any) -> claim_acts.ActResult:
    """The command's function, by Ana."""
    return claim_acts.perform(ours, claim_acts.ACTS[act], list(claim_ids), "Ana R.", "porque sí", AS_OF, **options)


LAWFUL = {("reject", 1), ("expire", 1), ("reopen", 2), ("reopen", 3), ("reopen", 4)}
ALREADY = {("reject", 3), ("expire", 4), ("reopen", 1)}


def test_only_lawful_steps(migrated_database: Server, ours: Settings) -> None:
    """D-4: of each act and status, what is done, what already is so, and what is refused with nothing touched."""
    before = rows(migrated_database, STATUS)
    for act in claim_acts.ACTS:
        for claim_id in range(1, 6):
            if (act, claim_id) in LAWFUL:
                assert perform(ours, act, claim_id, dry_run=True).moved == 1
            elif (act, claim_id) in ALREADY:
                result = perform(ours, act, claim_id)
                assert (result.moved, result.already) == (0, 1)
            else:
                with pytest.raises(claim_acts.UnlawfulAct, match=rf"Claim {claim_id} .* no claim was touched"):
                    perform(ours, act, claim_id)
    assert rows(migrated_database, STATUS) == before


def test_all_or_none_and_twice_as_once(migrated_database: Server, ours: Settings) -> None:
    """One unlawful claim among others stops all; the same act again changes nothing; the history tells who and why."""
    before = rows(migrated_database, STATUS)
    with pytest.raises(claim_acts.UnlawfulAct, match="Claim 99 does not exist"):
        perform(ours, "reject", 1, 99)
    assert rows(migrated_database, STATUS) == before
    result = perform(ours, "reopen", 2, 3, 4)
    assert result.as_dict() == {"act": "reopen", "moved": 3, "already": 0, "amount": "160.00"}
    once = rows(migrated_database, STATUS)
    assert once[1:4] == [(number, "generated", "porque sí") for number in (2, 3, 4)]
    assert perform(ours, "reopen", 2, 3, 4).already == 3
    assert rows(migrated_database, STATUS) == once
    told = rows(
        migrated_database,
        "select old_status, new_status, actor, reason, run_id is not null from canon.claim_events"
        " where kind = 'CHANGED' order by event_id",
    )
    assert told == [(old, "generated", "Ana R.: reopen", "porque sí", True) for old in ("paid", "rejected", "expired")]
    runs = rows(migrated_database, "select command, status, counters ->> 'moved' from ops.runs order by run_id")
    assert runs == [("claims reject", "FAILED", None), *[("claims reopen", "SUCCEEDED", moved) for moved in ("3", "0")]]


def test_a_settled_claim_is_not_reopened(migrated_database: Server, settings_for: Callable[..., Settings]) -> None:
    """The next night would pay it again: the payment list must take the payment back first."""
    write_money(migrated_database, money((claim(1, 1),), pay(7, LATE, 1)))
    ours = settings_for(migrated_database)
    reconcile(ours)
    with pytest.raises(claim_acts.UnlawfulAct, match="settled by payment 7:1"):
        perform(ours, "reopen", 1)


def test_which_claims_are_meant(tmp_path: Path) -> None:
    """Numbers from the command line and from a file, each once; anything else is told."""
    file = tmp_path / "ids.txt"
    file.write_text("\ufeffclaim_id\n3\n\n 1 \n", encoding="utf-8")
    assert claim_acts.read_ids(("7", "1"), file) == [1, 3, 7]
    for words in (("x",), ("-1",), ("1.5",), ("²",), ("99999999999",), ()):
        with pytest.raises(BadConfiguration):
            claim_acts.read_ids(words, None)
    file.write_text("uno\n", encoding="utf-8")
    with pytest.raises(BadFile):
        claim_acts.read_ids((), file)


def test_a_name_and_a_reason_are_needed(ours: Settings, migrated_database: Server) -> None:
    """A blank one is a usage error; nothing is written."""
    before = contents(migrated_database)
    for words in (["--by", " ", "--why", "x"], ["--by", "x", "--why", " "], ["--by", "x"]):
        assert CliRunner().invoke(cli, ["claims", "reject", "1", *words]).exit_code == 2
    assert contents(migrated_database) == before
    assert issubclass(claim_acts.UnlawfulAct, CabinetError)
