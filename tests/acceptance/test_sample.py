"""The sample through the installed command, as a newcomer meets it: files in, claims out, money that adds up."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from runner.database import Server
from tests import harness
from tests.integration.test_reconcile_claims import RUN_LOG, contents, rows


def run(environment: dict[str, str], *words: str, code: int = 0) -> subprocess.CompletedProcess[str]:
    """One command, which must end with `code`."""
    done = subprocess.run([sys.executable, "-m", "runner", *words], env=environment, text=True, capture_output=True)
    assert done.returncode == code, done.stderr
    return done


@pytest.fixture
def environment(migrated_database: Server, environment_for: Callable[[Server], dict[str, str]]) -> dict[str, str]:
    """Where the commands of a test run."""
    return environment_for(migrated_database)


def test_first_and_second_night(migrated_database: Server, environment: dict[str, str]) -> None:
    """First the published figures (gaps of S/ 3,050); a night links leads and raises more; a second changes nothing."""
    run(environment, "demo", "--if-empty")
    assert "already has leads" in run(environment, "demo", "--if-empty").stdout
    run(environment, "build")
    assert rows(migrated_database, "select count(*), sum(expected_amount) from ops.v_cabinet_claims_gap_14d") == [
        (92, Decimal("3050.00"))
    ]
    stages = dict(rows(migrated_database, "select limbo_stage, count(*) from ops.v_cabinet_leads_limbo group by 1"))
    assert (stages["NO_IDENTITY"], stages["NO_DRIVER"]) == (202, 300)
    first = run(environment, "nightly")
    lines = first.stdout.splitlines()
    assert len(lines) <= 26 and max(len(line) for line in lines) <= 80
    assert lines[3].split() == ["130", "199", "347", "0", "173", "849"]
    assert lines[4].split()[:3] == ["matching", "72", "leads"]
    # Claims of leads that were linked in the same night are among them.
    assert any(line.split() == ["gap", "before", "234", "8,615.00"] for line in lines)
    assert any(line.split() == ["gap", "after", "0", "0.00"] for line in lines)
    check_money(migrated_database)
    before = contents(migrated_database)
    second = json.loads(run(environment, "nightly", "--json").stdout)
    assert (second["claims"]["claims_inserted"], second["gap_after"]) == (0, {"gaps": 0, "amount": "0.00"})
    after = contents(migrated_database)
    assert [table for table in after if after[table] != before.get(table)] == sorted(RUN_LOG)


def check_money(where: Server) -> None:
    """To the cent: expected = raised live + rejected + expired + missing, each summed from the claims table."""
    amount, live, rejected, expired = rows(
        where,
        """
        select sum(e.amount_expected),
            sum(e.amount_expected) filter (where c.status in ('expected', 'generated', 'paid')),
            sum(e.amount_expected) filter (where c.status = 'rejected'),
            sum(e.amount_expected) filter (where c.status = 'expired')
        from ops.v_cabinet_claims_expected_14d as e
        left join canon.claims_yango_cabinet_14d as c
            on c.person_key = e.person_key and c.lead_date = e.lead_date_canonico and c.milestone = e.milestone
        where e.claim_expected""",
    )[0]
    missing = rows(where, "select coalesce(sum(expected_amount), 0) from ops.v_cabinet_claims_gap_14d")[0][0]
    assert amount == live + rejected + expired + missing
    assert amount > Decimal("6000.00") and rejected > 0 and expired > 0


def test_findings_change_the_exit_code_only_when_asked(environment: dict[str, str]) -> None:
    """The sample has dirty rows: that is a warning, and 0 unless --fail-on warning."""
    run(environment, "demo", "--leads", "40")
    run(environment, "nightly")
    run(environment, "nightly", "--fail-on", "warning", code=1)


def test_results_as_files(environment: dict[str, str], tmp_path: Path) -> None:
    """--dry-run lists what a real run then raises; JSON on stdout is clean; the CSV has two columns."""
    run(environment, "demo", "--leads", "200")
    run(environment, "build")
    dry = json.loads(run(environment, "reconcile", "claims", "--dry-run", "--json").stdout)
    as_json, as_csv = tmp_path / "claims.json", tmp_path / "claims.csv"
    run(environment, "reconcile", "claims", "--only-gaps", "--output-json", str(as_json), "--output-csv", str(as_csv))
    done: dict[str, Any] = json.loads(as_json.read_text(encoding="utf-8"))
    assert done["claims_inserted"] == dry["picked"] == len(dry["would_insert"]) > 0
    assert done["inserted_amount"] == dry["picked_amount"]
    lines = as_csv.read_text(encoding="utf-8").splitlines()
    assert lines[0] == "metric,value" and f"claims_inserted,{done['claims_inserted']}" in lines


def test_what_a_command_published_is_seen_at_once(migrated_database: Server, environment: dict[str, str]) -> None:
    """A write-back by itself ends by publishing what it changed."""
    run(environment, "demo", "--leads", "200")
    run(environment, "build")
    assert rows(migrated_database, "select count(*) > 0 from ops.v_cabinet_claims_gap_14d") == [(True,)]
    run(environment, "reconcile", "claims")
    assert rows(migrated_database, "select count(*) from ops.v_cabinet_claims_gap_14d") == [(0,)]
    assert rows(
        migrated_database, "select count(*) from ops.v_cabinet_leads_limbo where limbo_stage = 'TRIPS_NO_CLAIM'"
    ) == [(0,)]


def test_plain_dbt_builds_and_publishes(migrated_database: Server, environment: dict[str, str], tmp_path: Path) -> None:
    """`dbt build` with profiles.example.yml does what `cabinet14d build` does, and gives way to a run at work."""
    run(environment, "demo", "--leads", "40")
    project = Path(__file__).resolve().parents[2]
    (tmp_path / "profiles.yml").write_text(
        (project / "profiles.example.yml").read_text(encoding="utf-8"), encoding="utf-8"
    )
    dbt = [
        str(Path(sys.executable).parent / "dbt"),
        "build",
        "--project-dir",
        str(project),
        "--profiles-dir",
        str(tmp_path),
        "--target-path",
        str(tmp_path / "target"),
        "--log-path",
        str(tmp_path / "logs"),
    ]
    names = {**environment, "DB_HOST": migrated_database.host, "DB_NAME": migrated_database.dbname}
    done = subprocess.run(dbt, env=names, text=True, capture_output=True)
    assert done.returncode == 0, done.stdout
    assert "cabinet14d: all built and passed, publishing" in done.stdout
    assert rows(migrated_database, "select command, status from ops.runs where is_live") == [("dbt", "SUCCEEDED")]
    leads = rows(migrated_database, "select count(*) from ops.v_cabinet_leads_limbo")[0][0]
    assert leads >= 38
    with closing(harness.connect(migrated_database)) as session, session, session.cursor() as cursor:
        cursor.execute("select pg_advisory_lock(14000, 1)")
        refused = subprocess.run(dbt, env=names, text=True, capture_output=True)
    assert refused.returncode != 0 and "another cabinet14d run is at work" in refused.stdout
    part = subprocess.run([*dbt, "--select", "int_states__leads"], env=names, text=True, capture_output=True)
    assert part.returncode == 0 and "not published" in part.stdout
