"""Validation can fail: for each check a fault that it must catch, told as a finding and never as a crash."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from datetime import date
from typing import Any

import pytest

from runner import queries, validate_parts, validate_system
from runner.database import Server
from runner.errors import CLEAN, CRITICAL, FINDINGS
from runner.settings import Settings
from runner.validate_parts import FAILED, NOT_CHECKED, Part
from tests import harness
from tests.conftest import new_database, settings_at
from tests.integration.test_alerts_month import world
from tests.receivers import Endpoint, closed, deaf, endpoint

DAY = date(2026, 3, 18)  # leads in three stages, two missing claims of lead 16, one claim of lead 9
LEADS, CLAIMS = "ops_intermediate.int_states__leads", "ops_intermediate.int_states__lead_claims"
LIMBO, GAP, EXPECTED = "v_cabinet_leads_limbo", "v_cabinet_claims_gap_14d", "v_cabinet_claims_expected_14d"
NIGHT = "insert into ops.runs (command, as_of_date, status, published_at, finished_at)" \
    " values ('nightly', '2026-03-18', 'SUCCEEDED', {when}, {when})"


@pytest.fixture(scope="module")
def built(settings: Settings, migrated_template: str) -> Iterator[str]:
    """The name of a database that is whole: built, published, its last night just ended."""
    with new_database(settings, migrated_template) as where:
        harness.write_world(where, world(DAY))
        harness.build(settings_at(where, settings.home), world(DAY))
        execute(where, NIGHT.format(when="clock_timestamp()"))
        yield where.dbname


@pytest.fixture
def whole(settings: Settings, built: str) -> Iterator[Server]:
    """A copy of it."""
    with new_database(settings, built) as where:
        yield where


def execute(where: Server, sql: str) -> None:
    """Do something that only somebody from outside would do."""
    with closing(harness.connect(where)) as session, session, session.cursor() as cursor:
        cursor.execute("set session_replication_role = replica")
        cursor.execute(sql)


def view(
        where: Server, relation: str, *, without: str = "", cast: str = "", rows: str = "true", more: str = "") -> None:
    """Put another view in the place of a relation: without a column, with one of another type, with other rows."""
    columns = [f"cast({name} as text) as {name}" if name == cast else name
               for name in validate_parts.contracts()[relation] if name != without]
    execute(where, f"alter view ops.{relation} rename to was_{relation};"
                   f" create view ops.{relation} as select {', '.join(columns)} from ops.was_{relation} where {rows}"
                   + (f" union all select {', '.join(columns)} from ops.was_{relation} where {more}" if more else ""))


def checked(where: Server, settings: Settings, name: str = "limbo", **options: Any) -> Part:
    """One part of the validation."""
    ours = settings_at(where, settings.home)
    if name == "system":
        return validate_parts.on_database(ours, lambda s: validate_system.system(s, ours, **options))
    work = validate_parts.limbo if name == "limbo" else validate_parts.claims_gap
    return validate_parts.on_database(ours, lambda s: work(s, **options))


def statuses(part: Part) -> dict[str, str]:
    """What did not pass, by name."""
    return {check.name: check.status for check in part.open}


def test_what_is_whole_passes(whole: Server, settings: Settings) -> None:
    for name in ("limbo", "claims-gap"):
        assert (statuses(checked(whole, settings, name)), checked(whole, settings, name).exit_code) == ({}, CLEAN)
    part = checked(whole, settings, "system", base_url="", skip_ui=True)
    assert (statuses(part), part.exit_code) == ({}, CLEAN)
    assert checked(whole, settings, stage="NO_IDENTITY").statistics["total_leads"] == 3
    assert checked(whole, settings).statistics == {
        "total_leads": 22, "NO_IDENTITY": 3, "NO_TRIPS_14D": 17, "TRIPS_NO_CLAIM": 1, "OK": 1,
        "with_identity": 19, "pct_with_identity": 86.36}
    gap = checked(whole, settings, "claims-gap").statistics
    assert gap["reasons"]["CLAIM_NOT_GENERATED"] == {"count": 2, "expected": 2, "missing_amount": "60.00"}


# --- shape ------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("relation", [LIMBO, GAP, EXPECTED])
@pytest.mark.parametrize("fault", ["missing column", "wrong type", "absent"])
def test_shapes(whole: Server, settings: Settings, relation: str, fault: str) -> None:
    """The original logged a missing column and passed (F45)."""
    if fault == "missing column":
        view(whole, relation, without="driver_id")
    elif fault == "wrong type":
        view(whole, relation, cast="person_key")
    else:
        execute(whole, f"alter view ops.{relation} rename to gone")
    part = checked(whole, settings, "limbo" if relation == LIMBO else "claims-gap")
    assert statuses(part)[f"shape_of_{relation}"] == FAILED
    assert part.exit_code == CRITICAL
    rows = next(check.rows for check in part.open if check.name == f"shape_of_{relation}")
    wanted = {"missing column": {"column": "driver_id", "promised": "character varying", "found": None},
              "wrong type": {"column": "person_key", "promised": "uuid", "found": "text"},
              "absent": {"relation": relation}}
    assert rows == [wanted[fault]]


def test_what_reads_an_absent_column_is_not_checked(whole: Server, settings: Settings) -> None:
    """Not checked is never passed, and the checks that do not need it still run."""
    view(whole, LIMBO, without="trips_14d")
    part = checked(whole, settings)
    assert statuses(part)["h1_no_trips_without_driver"] == NOT_CHECKED
    assert "h4_every_lead_once" not in statuses(part)


def test_nothing_at_all(unbuilt_database: Server, settings: Settings) -> None:
    """A database that was never built has nothing that passes."""
    for name in ("limbo", "claims-gap"):
        assert checked(unbuilt_database, settings, name).exit_code == CRITICAL
    assert len(statuses(checked(unbuilt_database, settings))) == len(checked(unbuilt_database, settings).checks)


# --- rules ------------------------------------------------------------------------------------------------

CLAIM = ("insert into canon.claims_yango_cabinet_14d (person_key, driver_id, lead_source_pk, lead_date, milestone,"
         " amount_expected, status) values ({person}, 'd16', '16', '2026-03-10', {milestone}, {amount}, 'generated')")
PERSON_16 = "'00000000-0000-0000-0000-000000000010'"
DROP_KEY = """do $$ declare i record; begin for i in select indexrelid::regclass as name from pg_index
 where indrelid = 'canon.claims_yango_cabinet_14d'::regclass and indisunique and not indisprimary
 loop execute format('drop index %s', i.name); end loop; end $$;"""
FAULTS: dict[str, tuple[str, str]] = {
    "h1_no_trips_without_driver": ("limbo", f"update {LEADS} set trips_14d = 3 where lead_id = 13"),
    # The original asked for all three claims; lead 9 reached one milestone and has its claim.
    "h2_trips_no_claim_misses_a_reached_milestone": (
        "limbo", f"update {LEADS} set limbo_stage = 'TRIPS_NO_CLAIM' where lead_id = 9"),
    "ok_has_every_claim": ("limbo", f"update {LEADS} set limbo_stage = 'OK' where lead_id = 16"),
    "claims_are_the_tables": ("limbo", f"update {LEADS} set has_claim_m1 = true where lead_id = 16"),
    "stage_agrees_with_its_row": ("limbo", f"update {LEADS} set limbo_stage = 'NO_DRIVER' where lead_id = 13"),
    "milestones_are_cumulative": (
        "limbo", f"update {LEADS} set reached_m5 = true, reached_m1 = false where lead_id = 1"),
    "limbo_and_gap_agree": ("limbo", f"update {CLAIMS} set claim_status = 'OK' where lead_id = 16"),
    "weeks_add_up": ("limbo", f"update {LEADS} set week_start = week_start - 7 where lead_id = 1"),
    "leads_after_the_build": (
        "limbo", "insert into public.module_ct_cabinet_leads (id, lead_created_at) values (900, '2026-03-18')"),
    "h3_expected_claims_have_an_amount": (
        "claims-gap", f"update {CLAIMS} set amount_expected = 0 where lead_id = 16 and milestone = 5"),
    "gap_rows_say_what_a_gap_is": (
        "claims-gap", f"update {CLAIMS} set gap_reason = 'OK' where lead_id = 16 and milestone = 5"),
    "gap_claims_do_not_exist": (
        "claims-gap", CLAIM.format(person=PERSON_16, milestone=5, amount=35)),
    "every_missing_claim_is_in_the_gap": (
        "claims-gap", f"update {CLAIMS} set claim_status = 'OK' where lead_id = 16 and milestone = 5"),
    "expected_by_the_rule": (
        "claims-gap", f"update {CLAIMS} set claim_expected = true where lead_id = 1 and milestone = 25"),
    "three_rows_per_lead": ("claims-gap", f"delete from {CLAIMS} where lead_id = 1 and milestone = 25"),
    "amounts_are_the_catalogues": (
        "claims-gap", f"update {CLAIMS} set amount_expected = 36 where lead_id = 1 and milestone = 5"),
    "no_claim_twice": (
        "claims-gap", DROP_KEY + CLAIM.format(person="'00000000-0000-0000-0000-000000000009'", milestone=1, amount=25)
        .replace("2026-03-10", "2026-03-03")),
    "claims_are_on_the_catalogue": (
        "claims-gap", "update canon.claims_yango_cabinet_14d set amount_expected = 26"),
    "claims_are_supported": (
        "claims-gap", "insert into ops_intermediate.int_states__claims_unsupported (claim_id, valid_from_run,"
                      " valid_to_run) values (999, 1, 9223372036854775807)"),
    "money_adds_up": (
        "claims-gap", f"update {CLAIMS} set claim_status = 'OK' where lead_id = 16 and milestone = 1"),
}


@pytest.mark.parametrize("check", FAULTS)
def test_broken_rules(whole: Server, settings: Settings, check: str) -> None:
    """Each rule, broken on purpose behind the back of the models."""
    name, sql = FAULTS[check]
    execute(whole, sql)
    part = checked(whole, settings, name)
    found = {each.name: each for each in part.open}
    assert found[check].status == FAILED and found[check].rows
    assert part.exit_code == (CRITICAL if any(each.severity == "CRITICAL" for each in part.open) else FINDINGS)


@pytest.mark.parametrize(("relation", "options", "check"), [
    (LIMBO, {"rows": "false"}, "limbo_has_rows"),
    (LIMBO, {"rows": "lead_id <> 1"}, "h4_every_lead_once"),
    (LIMBO, {"more": "lead_id = 1"}, "h4_every_lead_once"),
    (LIMBO, {"more": "lead_id = 1"}, "source_key_is_unique"),
    (GAP, {"rows": "false"}, "every_missing_claim_is_in_the_gap"),
    (EXPECTED, {"rows": "false"}, "expected_has_rows"),
])
def test_rows_that_are_not_there_or_twice(
        whole: Server, settings: Settings, relation: str, options: dict[str, str], check: str) -> None:
    view(whole, relation, **options)
    part = checked(whole, settings, "limbo" if relation == LIMBO else "claims-gap")
    assert statuses(part)[check] == FAILED


def test_a_lead_that_nobody_read(whole: Server, settings: Settings) -> None:
    execute(whole, "delete from ops_intermediate.int_states__leads_read where lead_id = 1")
    assert statuses(checked(whole, settings))["h4_no_lead_of_nowhere"] == FAILED


def test_every_check_has_its_fault() -> None:
    """A new check without a fault that it catches is not done."""
    by_view = {"limbo_has_rows", "h4_every_lead_once", "source_key_is_unique", "expected_has_rows",
               "h4_no_lead_of_nowhere"}
    assert set(queries.load("validate_limbo")) | set(queries.load("validate_gap")) == set(FAULTS) | by_view


# --- the system -------------------------------------------------------------------------------------------

def serve(where: Server, settings: Settings, server: Endpoint) -> dict[str, Any]:
    """Make an endpoint answer as the API promises; what it would answer, to be spoilt by a test."""
    answers: dict[str, Any] = {}
    ours = settings_at(where, settings.home)

    def read(session: Any) -> Part:
        for name, (_, summary) in validate_system.ENDPOINTS.items():
            page, total = (validate_parts.ask(session, query, limit=50) for query in validate_system.QUERIES[name])
            data = [{field: validate_system.as_json(value) for field, value in
                     zip(validate_system._fields(name), row, strict=True)} for row in page]
            answers[name] = {
                "meta": {"limit": 50, "offset": 0, "returned": len(data), "total": total[0][0]},
                "summary": {key: "60.00" if key.endswith("amount") else 1 for key in summary}, "data": data}
        return Part("none", [])

    validate_parts.on_database(ours, read)
    put(server, answers)
    server.pages[validate_system.PAGE.partition("?")[0]] = ("text/html", b"<h2>Leads en Limbo</h2><h2>Claims Gap</h2>")
    return answers


def put(server: Endpoint, answers: dict[str, Any]) -> None:
    """What the endpoints answer from now on."""
    for name, answer in answers.items():
        server.pages[f"{validate_system.API}/{name}"] = ("application/json", json.dumps(answer).encode())


def spoil_row(answers: dict[str, Any]) -> None:
    answers["limbo"]["data"][0]["trips_14d"] = 99


def spoil_order(answers: dict[str, Any]) -> None:
    answers["claims-gap"]["data"].reverse()


def spoil_type(answers: dict[str, Any]) -> None:
    answers["claims-gap"]["data"][0]["expected_amount"] = 35.0


def spoil_field(answers: dict[str, Any]) -> None:
    del answers["claims-gap"]["data"][0]["expected_amount"]


def spoil_total(answers: dict[str, Any]) -> None:
    answers["limbo"]["meta"]["total"] += 1


def spoil_meta(answers: dict[str, Any]) -> None:
    del answers["limbo"]["meta"]


def spoil_summary(answers: dict[str, Any]) -> None:
    answers["claims-gap"]["summary"]["total_expected_amount"] = 60


def spoil_data(answers: dict[str, Any]) -> None:
    answers["limbo"]["data"].pop()


def spoil_list(answers: dict[str, Any]) -> None:
    answers["limbo"] = []


def test_a_true_server_passes(whole: Server, settings: Settings) -> None:
    """Also one that masks personal data, which a careful server does (F39)."""
    with endpoint() as server:
        answers = serve(whole, settings, server)
        answers["limbo"]["data"][0].update(park_phone="···", lead_name="···", asset_plate_number=None)
        put(server, answers)
        part = checked(whole, settings, "system", base_url=server.url(), skip_ui=False)
        assert (statuses(part), part.exit_code) == ({}, CLEAN)


@pytest.mark.parametrize(("spoil", "check"), [
    (spoil_row, "endpoint_limbo"), (spoil_order, "endpoint_claims_gap"), (spoil_type, "endpoint_claims_gap"),
    (spoil_field, "endpoint_claims_gap"), (spoil_total, "endpoint_limbo"), (spoil_meta, "endpoint_limbo"),
    (spoil_summary, "endpoint_claims_gap"), (spoil_data, "endpoint_limbo"), (spoil_list, "endpoint_limbo"),
], ids=lambda value: getattr(value, "__name__", value))
def test_a_server_that_answers_otherwise(
        whole: Server, settings: Settings, spoil: Callable[[dict[str, Any]], None], check: str) -> None:
    with endpoint() as server:
        answers = serve(whole, settings, server)
        spoil(answers)
        put(server, answers)
        part = checked(whole, settings, "system", base_url=server.url(), skip_ui=False)
        assert (statuses(part), part.exit_code) == ({check: FAILED}, CRITICAL)


@pytest.mark.parametrize("fault", ["status", "no JSON", "no section"])
def test_a_server_that_is_ill(whole: Server, settings: Settings, fault: str) -> None:
    with endpoint(500 if fault == "status" else 200) as server:
        serve(whole, settings, server)
        if fault == "no JSON":
            server.pages[f"{validate_system.API}/limbo"] = ("text/html", b"<html>")
        if fault == "no section":
            server.pages[validate_system.PAGE.partition("?")[0]] = ("text/html", b"Leads en Limbo")
        part = checked(whole, settings, "system", base_url=server.url(), skip_ui=False)
        wanted = {"status": {"endpoint_limbo", "endpoint_claims_gap", "page"}, "no JSON": {"endpoint_limbo"},
                  "no section": {"page"}}
        assert (set(statuses(part)), part.exit_code) == (wanted[fault], CRITICAL)


@pytest.mark.parametrize("fault", ["dead", "deaf", "hung"])
def test_no_server(whole: Server, settings: Settings, fault: str) -> None:
    """Absent, silent, or never done: the original took each for a pass."""
    with ExitStack() as stack:
        if fault == "hung":
            url = stack.enter_context(endpoint(hangs=True)).url()
        else:
            url = f"http://127.0.0.1:{stack.enter_context(closed() if fault == 'dead' else deaf())}"
        part = checked(whole, settings, "system", base_url=url, skip_ui=False, seconds=0.2)
        assert (set(statuses(part)), part.exit_code) == ({"endpoint_limbo", "endpoint_claims_gap", "page"}, CRITICAL)


def test_old_night_and_missing_docs(whole: Server, settings: Settings) -> None:
    """A night too long ago and a column without a word are warnings."""
    execute(whole, "delete from ops.runs where command = 'nightly';"
            + NIGHT.format(when="clock_timestamp() - interval '3 days'"))
    execute(whole, f"comment on column ops.{LIMBO}.trips_14d is null")
    part = checked(whole, settings, "system", base_url="", skip_ui=True)
    assert statuses(part) == {"schedule_is_kept": FAILED, "docs_are_present": FAILED}
    assert part.exit_code == FINDINGS
    execute(whole, "delete from ops.runs where command = 'nightly'")
    assert statuses(checked(whole, settings, "system", base_url="", skip_ui=True))["schedule_is_kept"] == FAILED


def test_a_job_that_cannot_run(whole: Server, settings: Settings) -> None:
    execute(whole, f"alter table {CLAIMS} rename to gone")
    part = checked(whole, settings, "system", base_url="", skip_ui=True)
    assert statuses(part)["jobs_run_dry"] == FAILED and part.exit_code == CRITICAL


# --- the command ------------------------------------------------------------------------------------------

def command(environment: dict[str, str], *words: str) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of one command."""
    done = subprocess.run([sys.executable, "-m", "runner", *words], env=environment, text=True, capture_output=True)
    return done.returncode, done.stdout, done.stderr


def test_exit_codes(whole: Server, environment_for: Callable[[Server], dict[str, str]]) -> None:
    """0 whole, 1 a warning, 3 a broken rule or an absence, 4 no database, 2 wrong usage; a crash is never 1."""
    environment = environment_for(whole)
    code, out, _ = command(environment, "validate", "limbo", "--json")
    assert code == 0 and json.loads(out)["passed"] is True
    execute(whole, FAULTS["leads_after_the_build"][1])
    assert command(environment, "validate", "limbo")[0] == 1
    execute(whole, "insert into public.module_ct_cabinet_leads (id, lead_created_at)"
                   " select n, now() from generate_series(1000, 1029) as n")
    code, out, _ = command(environment, "validate", "limbo", "--check-rules-only")
    assert code == 1 and "31 rows" in out and "… and 11 more" in out and len(out.splitlines()) == 23
    code, out, _ = command(environment, "validate", "limbo", "--json")
    assert len(next(c for c in json.loads(out)["checks"] if c["status"] == FAILED)["rows"]) == 31
    view(whole, LIMBO, without="driver_id")
    assert command(environment, "validate", "limbo")[0] == 3
    code, _, err = command({**environment, "DB_PORT": "1"}, "validate", "limbo")
    assert code == 4 and "Traceback" not in err
    assert command(environment, "validate", "limbo", "--stage", "NOWHERE")[0] == 2
