"""`explain` on a hand-made world: each way of standing still, told as it was worked out by hand, in all its forms."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import closing
from datetime import date, timedelta
from typing import Any

import pytest
from click.testing import CliRunner

from runner import chain, explain, explain_lines, explain_text, queries
from runner.cli import cli
from runner.database import Server
from runner.errors import BadConfiguration
from runner.settings import Settings
from tests import explain_world, harness
from tests.conftest import new_database, settings_at
from tests.explain_world import AS_OF, KEYS, PEOPLE, person


@pytest.fixture(scope="module")
def built(settings: Settings, migrated_template: str) -> tuple[Server, Settings]:
    """The world as one build left it: nothing is written back, so each lead stands where it stands."""
    return explain_world.built(settings, migrated_template)


@pytest.fixture
def trace(built: tuple[Server, Settings]) -> Any:
    """`trace(lead)`: its dict in English."""
    return lambda lead: explain.explain(built[1], lead, "en")[0]


def moves(found: Any) -> list[tuple[Any, ...]]:
    """Code, mover and milestone of what would have to be true."""
    return [(its["code"], its["mover"], its["milestone"]) for its in found["moves"]]


def test_a_lead_that_no_driver_agrees_with(trace: Any) -> None:
    """Every rule's outcome, which key is missing, and that the fleet's list must change."""
    found = trace("nobody")
    assert (found["stage"]["code"], found["person"], found["window"]["days"]) == ("NO_IDENTITY", None, [])
    outcomes = {its["rule"]: its["outcome"] for its in found["identity"]["rules"]}
    assert outcomes == {
        "R1_PHONE_EXACT": "NO_KEY",
        "R2_LICENSE_EXACT": "NO_KEY",
        "R3_PLATE_EXACT_NAME_SIMILAR": "NO_CANDIDATES",
        "R3b": "NO_CANDIDATES",
        "R4_CAR_FINGERPRINT_NAME_SIMILAR": "NO_KEY",
        "SCORE": "NO_CANDIDATES",
    }
    assert found["identity"]["candidates"] == []
    assert found["keys"]["plate"] == "GHI789" and found["keys"]["name_parts"] == ["ANA", "HUAMAN", "ROJAS"]
    assert found["keys"]["given_parts"] == ["ANA"] and found["keys"]["surname_parts"] == ["HUAMAN", "ROJAS"]
    assert moves(found) == [("DRIVER_MUST_APPEAR", "SOURCE", None)]
    assert found["moves"][0]["missing_keys"] == "PHONE" and "phone" in found["moves"][0]["text"]


def test_a_candidate_that_was_dropped(trace: Any) -> None:
    """The brother's phone: the hit, why it does not count, its points, and what a person decided about another."""
    found = trace("dropped")
    [hit] = found["identity"]["candidates"]
    assert (hit["driver_id"], hit["rule"], hit["is_kept"], hit["outcome"]) == (
        "d-brother", "R1_PHONE_EXACT", False, "NAME_CONTRADICTION")  # fmt: skip
    assert hit["levels"] == {"phone": "SAME", "plate": None, "name": "CONTRADICTED"} and hit["points"]["phone"] == 40
    assert hit["text"] == "The key agrees, but the names are those of somebody else."
    assert hit["driver"] == {"phone": "900333444", "plate": None, "licence": None, "name": "CHAVEZ MIGUEL SALAZAR"}
    assert found["identity"]["decision"]["reason"] == "NAME_CONTRADICTION"
    [verdict] = found["identity"]["verdicts"]
    assert (verdict["verdict"], verdict["driver_id"], verdict["decided_by"]) == ("REJECT", "d-nobody", "ana")
    assert moves(found) == [("ASK_WHOSE_PHONE", "PERSON", None)]
    assert found["moves"][0]["command"].startswith("cabinet14d identity accept dropped d-brother --by ")


def test_candidates_that_were_kept(trace: Any) -> None:
    """Two drivers that fit: both kept by both rules, and one must be chosen."""
    found = trace("kept")
    hits = {(its["driver_id"], its["rule"]): its["is_kept"] for its in found["identity"]["candidates"]}
    assert {key for key, is_kept in hits.items() if is_kept} == {
        (driver, rule) for driver in ("d-ruben1", "d-ruben2") for rule in ("R3_PLATE_EXACT_NAME_SIMILAR", "SCORE")
    }
    assert found["identity"]["decision"]["outcome"] == "AMBIGUOUS"
    [move] = found["moves"]
    assert (move["code"], move["driver_id"], move["drivers"]) == ("CHOOSE_DRIVER", "d-ruben1", 2)


def test_leads_without_a_driver(trace: Any) -> None:
    """A person nobody drives for, and one whose driver is another person's."""
    half, torn = trace("half"), trace("torn")
    assert half["stage"]["code"] == torn["stage"]["code"] == "NO_DRIVER"
    assert half["person"]["person_key"] == str(person(1))
    assert [its["link_of"] for its in half["person"]["links"]] == ["LEAD"]
    assert moves(half) == [("DRIVER_MUST_APPEAR", "SOURCE", None)]
    assert half["moves"][0]["missing_keys"] == "PHONE,PLATE"
    [move] = torn["moves"]
    assert (move["code"], move["driver_id"], move["other_key"]) == ("UNLINK_ONE", "d-torn", str(person(3)))
    assert torn["identity"]["decision"]["other_person_key"] == str(person(3))


def test_the_job_links_it_next(trace: Any) -> None:
    """A decision that only waits for the job."""
    [move] = trace("matched")["moves"]
    assert (move["code"], move["mover"], move["driver_id"], move["match_rule"]) == (
        "JOB_LINKS_LEAD", "JOB", "d-sara", "R1_PHONE_EXACT")  # fmt: skip
    assert move["text"] == "The next matching links it with driver d-sara by MR1 phone."


def test_no_trips_in_a_closed_window(trace: Any) -> None:
    """Late trips only; the trips of the person's other driver are told and do not count (D-3)."""
    found = trace("still")
    window = found["window"]
    assert (found["stage"]["code"], window["is_closed"], window["trips"]) == ("NO_TRIPS_14D", True, 0)
    assert (window["first_day"], window["last_day"], len(window["days"])) == ("2026-01-02", "2026-01-15", 14)
    assert window["other_drivers"] == [{"driver_id": "d-old", "trips": 4}] and window["reached"] == []
    links = [(its["source_pk"], its["counts"]) for its in found["person"]["links"]]
    assert links == [("still", False), ("d-still", True), ("d-old", False)]
    assert moves(found) == [
        ("LATE_TRIPS_ONLY", "SOURCE", 1),
        ("LATE_TRIPS_ONLY", "SOURCE", 5),
        ("LATE_TRIPS_ONLY", "SOURCE", 25),
        ("TRIPS_ON_OTHER_DRIVERS", "PERSON", None),
    ]
    assert [its["trips_needed"] for its in found["moves"][:3]] == [1, 5, 25]


def test_an_open_window(trace: Any) -> None:
    """Days that came, days that did not, and how many trips until when."""
    found = trace("young")
    days = {day["day"]: (day["trips"], day["running"], day["milestones"]) for day in found["window"]["days"]}
    assert days["2026-01-12"] == (1, 1, ["M1"]) and days["2026-01-15"] == (2, 3, [])
    assert days["2026-01-20"] == (0, 3, []) and days["2026-01-21"] == (None, None, [])
    assert (min(days), max(days), found["window"]["is_closed"]) == ("2026-01-12", "2026-01-25", False)
    assert [(m["milestone"], m["trips_needed"], m["last_day"], m["days_left"]) for m in found["moves"][1:]] == [
        (5, 2, "2026-01-25", 6),
        (25, 22, "2026-01-25", 6),
    ]
    assert found["moves"][1]["text"] == (
        "Trips so far: 3. With 2 more until 2026-01-25 it reaches M5 (S/ 35.00). Days left: 6."
    )


def test_a_claim_that_is_missing(trace: Any) -> None:
    """TRIPS_NO_CLAIM: reached on which days, expected, and raised by the next job."""
    found = trace("gap")
    assert (found["stage"]["code"], found["stage"]["claims_missing"]) == ("TRIPS_NO_CLAIM", ["M1", "M5"])
    assert found["stage"]["reason"] == "Claim M1 is missing (trips = 6): run the claims job."
    assert found["window"]["reached"] == [
        {"milestone": "M1", "day": "2026-01-02"},
        {"milestone": "M5", "day": "2026-01-15"},
    ]
    assert [(m["reached"], m["claim_expected"], m["claim_status"]) for m in found["milestones"]] == [
        (True, True, "CLAIM_NOT_GENERATED"),
        (True, True, "CLAIM_NOT_GENERATED"),
        (False, False, "INVALID"),
    ]
    assert moves(found) == [
        ("JOB_RAISES_CLAIM", "JOB", 1),
        ("JOB_RAISES_CLAIM", "JOB", 5),
        ("LATE_TRIPS_ONLY", "SOURCE", 25),
    ]
    assert [its["amount"] for its in found["moves"]] == ["25.00", "35.00", "100.00"]


def test_claims_paid_and_overdue(trace: Any) -> None:
    """Payments beside claims: two are settled and wait to be recorded, one is overdue."""
    found = trace("paid")
    assert found["stage"]["code"] == "OK"
    assert [(its["milestone"], its["is_paid"], its["paid_amount"], its["days_overdue"]) for its in found["claims"]] == [
        (1, True, "25.00", 4), (5, True, "35.00", 4), (25, False, "0.00", 4)]  # fmt: skip
    paid = [(p["payment_id"], p["milestone_value"], p["outcome"], p["is_for_this_lead"]) for p in found["payments"]]
    assert paid == [(501, 1, "SETTLES", True), (501, 5, "SETTLES", True)]
    assert moves(found) == [
        ("JOB_RECORDS_PAYMENT", "JOB", 1),
        ("JOB_RECORDS_PAYMENT", "JOB", 5),
        ("PAYMENT_OVERDUE", "PLATFORM", 25),
    ]
    assert (found["moves"][2]["last_day"], found["moves"][2]["days_overdue"]) == ("2026-01-16", 4)


def test_a_payment_that_is_not_due_yet(trace: Any) -> None:
    """The claim's window is open, so nobody is late."""
    found = trace("awaited")
    assert [(its["code"], its["last_day"]) for its in found["moves"][:1]] == [("PAYMENT_AWAITED", "2026-01-26")]


def test_a_rejected_claim(trace: Any) -> None:
    """Who rejected it and why, the payment that came nevertheless, and how it is reopened."""
    found = trace("refused")
    [claim] = found["claims"]
    assert [(e["event_kind"], e["old_status"], e["new_status"]) for e in claim["events"]] == [
        ("BORN", None, "generated"), ("CHANGED", "generated", "rejected")]  # fmt: skip
    assert (claim["events"][1]["actor"], claim["events"][1]["why"]) == ("ana: reject", "No procede")
    assert [(p["payment_id"], p["outcome"], p["cause"]) for p in found["payments"]] == [(502, "UNAPPLIED", "NO_CLAIM")]
    assert found["moves"][0]["code"] == "REOPEN_CLAIM"
    assert found["moves"][0]["command"].startswith(f"cabinet14d claims reopen {claim['claim_id']} ")


def test_leads_that_repeat_and_overlap(trace: Any) -> None:
    """The twin shares the bearer's claim and never gets its own; the later lead has its own (D-2)."""
    twin, later = trace("twin"), trace("later")
    assert (twin["stage"]["duplicate_of"], twin["stage"]["overlaps"]) == ("bearer", None)
    assert [(its["claim_tie"], its["milestone"]) for its in twin["claims"]] == [("SHARED", 1)]
    assert twin["moves"][0]["code"] == "BORNE_BY_OTHER_LEAD" and twin["moves"][0]["other_key"] == "bearer"
    assert (later["stage"]["duplicate_of"], later["stage"]["overlaps"]) == (None, "bearer")
    assert [its["claim_tie"] for its in later["claims"]] == ["OWN"]


def test_settled_by_a_person_with_a_claim_in_the_way(trace: Any) -> None:
    """Who accepted the driver and why, with what evidence; and the claim of this lead under somebody else."""
    found = trace("chosen")
    link = found["person"]["links"][0]
    assert (link["match_rule"], link["decided_by"], link["why"]) == ("MANUAL", "ana", "la llamé")
    assert link["linked_by_run"] == "3"
    assert link["evidence"]["phone_normalized"] == "900111333" and link["linked_at"] == "2026-01-03T07:30:00+00:00"
    assert [its["claim_tie"] for its in found["claims"]] == ["IN_THE_WAY"]
    assert found["moves"][0]["code"] == "CLAIM_UNDER_OTHER_PERSON"


def test_a_claim_that_nothing_supports(trace: Any) -> None:
    """No trips hold up the M5 that was raised."""
    found = trace("moved")
    assert ("CLAIM_UNSUPPORTED", "PERSON", 5) in moves(found) and ("LATE_TRIPS_ONLY", "SOURCE", 5) in moves(found)
    assert found["claims"][0]["unsupported_cause"] == "TRIPS_BELOW_MILESTONE"


def test_leads_that_people_or_dates_keep_out(trace: Any) -> None:
    """Ignored, undated, dated in the future: why, and what would bring them in."""
    ignored, undated, tomorrow = trace("ignored"), trace("undated"), trace("tomorrow")
    assert ignored["identity"]["decision"]["outcome"] == "IGNORED"
    assert moves(ignored) == [("ACCEPT_REVIVES", "PERSON", None)]
    assert ignored["identity"]["verdicts"][0]["why"] == "es una prueba"
    assert (undated["stage"]["code"], undated["window"]) == ("MISSING_LEAD_DATE", None)
    assert moves(undated) == [("DATE_IS_MISSING", "SOURCE", None)]
    assert (tomorrow["stage"]["code"], tomorrow["moves"][0]["last_day"]) == ("FUTURE_LEAD_DATE", "2026-01-25")


def test_every_lead_is_told_as_the_relations_have_it(built: tuple[Server, Settings], trace: Any) -> None:
    """Stage, driver, trips, reached, expected, claims and money of each lead equal what limbo and the others say."""
    where = built[0]
    limbo = harness.read_relation(where, "v_cabinet_leads_limbo", ("lead_id",))
    money = harness.read_relation(where, "v_claims_payment_status_cabinet", ("claim_id",))
    for key, its in PEOPLE.items():
        found, row = trace(KEYS[key]), limbo.get(its[0])
        assert found["lead"] == KEYS[key] and found["lead_id"] == its[0]
        if row is None:
            assert found["stage"]["is_excluded"]
            continue
        assert found["stage"]["code"] == row["limbo_stage"] and found["window"]["trips"] == row["trips_14d"]
        assert found["window"]["driver_id"] == row["driver_id"] and not found["window"]["moved_since"]
        reached = [its["reached"] for its in found["milestones"]]
        assert reached == [row[f"reached_m{number}_14d"] for number in (1, 5, 25)]
        assert found["window"]["added_up"] == row["trips_14d"] and len(found["window"]["reached"]) == sum(reached)
        for claim in found["claims"]:
            assert claim["due_amount"] == f"{money[claim['claim_id']]['due_amount']:.2f}"
            assert claim["days_overdue"] == money[claim["claim_id"]]["days_overdue"]
        assert found["moves"] or row["limbo_stage"] == "OK"


@pytest.mark.parametrize("key", [key for key in KEYS.values() if not key.isalpha()])
@pytest.mark.parametrize("ascii_only", [True, False])
def test_odd_keys_and_texts_are_harmless(built: tuple[Server, Settings], key: str, ascii_only: bool) -> None:
    """Found by their key; nothing that a row holds reaches the terminal as a control sign."""
    found, texts = explain.explain(built[1], key)
    shown = explain_text.text(found, texts, ascii_only=ascii_only)
    assert found["lead"] == key
    assert all(sign.isprintable() or sign == "\n" for sign in shown)


@pytest.mark.parametrize("language", ["es", "en"])
def test_the_text_fits_80_columns_and_says_what_the_dict_says(built: tuple[Server, Settings], language: str) -> None:
    """Every lead: no line too long (commands aside), every driver, claim, payment and sentence of the dict is there."""
    for key in KEYS.values():
        found, texts = explain.explain(built[1], key, language)
        shown = explain_text.text(found, texts)
        assert [line for line in shown.splitlines() if len(line) > 80] == []
        flat = re.sub(r"\s+", "", shown)
        facts = [its["text"] for its in found["moves"]] + [found["stage"]["reason"], found["stage"]["code"]]
        facts += [its["driver_id"] for its in found["identity"]["candidates"]]
        facts += [link["source_pk"] for link in (found["person"] or {"links": []})["links"]]
        facts += [f"Claim {its['claim_id']}" for its in found["claims"]]
        facts += [f"{its['payment_id']}:M{its['milestone_value']}" for its in found["payments"]]
        facts += [event["actor"] for its in found["claims"] for event in its["events"]]
        missing = [fact for fact in facts if re.sub(r"\s+", "", explain_lines.clean(fact)) not in flat]
        assert missing == [], key


def command(ours: Settings, where: Server, *words: str) -> Any:
    """The command as a person runs it."""
    environment = {name: value for name, value in where.environment().items() if value}
    return CliRunner().invoke(cli, ["--home", str(ours.home), "explain", *words], env=environment)


def test_the_command_tells_the_same_as_json(built: tuple[Server, Settings], trace: Any) -> None:
    """--json is the dict; the source key goes before the number, and a number is enough."""
    where, ours = built
    told = command(ours, where, "--json", "--language", "en", "young")
    assert told.exit_code == 0 and json.loads(told.stdout) == trace("young")
    assert json.loads(command(ours, where, "--json", "7").stdout)["lead"] == "young"
    assert json.loads(command(ours, where, "--json", "id:19").stdout)["raw"]["row"]["external_id"] == "id:7"
    assert json.loads(command(ours, where, "--json", "id:8").stdout)["lead"] == "gap"
    assert "\x1b" not in command(ours, where, "young").stdout


@pytest.mark.parametrize("key", ["zz", "", "99999999999", "2147483648", "' or 1=1 --", "x" * 5000, "\u0000", "１"])
def test_an_unknown_lead_is_one_sentence(built: tuple[Server, Settings], key: str) -> None:
    """Wrong usage (exit code 2), with a next step and nothing of the database."""
    with pytest.raises(explain.NoSuchLead) as told:
        explain.explain(built[1], key)
    assert told.value.exit_code == 2 and len(told.value.message) < 80 and "lead_source_pk" in told.value.hint


def test_nothing_built_is_told_as_elsewhere(migrated_database: Server, settings_for: Any) -> None:
    """Before the first build there is no lead to look for."""
    with pytest.raises(BadConfiguration, match="Nothing was built yet"):
        explain.explain(settings_for(migrated_database), "1")


def test_what_changed_since_the_run_is_told(built: tuple[Server, Settings]) -> None:
    """The row of the run stays; the source's row, the links and the claims of now are told apart."""
    where, ours = built
    with closing(harness.connect(where)) as session, session.cursor() as cursor:
        cursor.execute("update public.module_ct_cabinet_leads set last_name = 'Otro', park_phone = '9' where id = 7")
        cursor.execute("delete from canon.identity_links where source_pk = 'd-young'")
        cursor.execute("delete from public.module_ct_cabinet_leads where id = 6")
        cursor.execute("update canon.claims_yango_cabinet_14d set status = 'paid', paid_at = now() where claim_id = 1")
        session.commit()
        try:
            young, still = explain.explain(ours, "young", "en")[0], explain.explain(ours, "still", "en")[0]
            paid = explain.explain(ours, "paid", "en")[0]
        finally:
            cursor.execute("set session_replication_role = replica")
            cursor.execute(
                "update public.module_ct_cabinet_leads set last_name = 'Solis Paz', park_phone = null where id = 7;"
                "update canon.claims_yango_cabinet_14d set status = 'generated', paid_at = null where claim_id = 1"
            )
            cursor.execute(
                "insert into public.module_ct_cabinet_leads (id, external_id, lead_created_at, first_name, last_name)"
                " values (6, 'still', '2026-01-02 09:06', 'Juan', 'Flores Vega')"
            )
            cursor.execute(
                "insert into canon.identity_links (person_key, source_table, source_pk, snapshot_date, match_rule,"
                " match_score, confidence_level) values (%s, 'drivers', 'd-young', '2026-01-02', 'TEST', 1, 'HIGH')",
                (person(5),),
            )
            session.commit()
    assert (young["raw"]["source_state"], young["raw"]["changed_columns"]) == ("CHANGED", ["last_name", "park_phone"])
    assert young["raw"]["row"]["last_name"] == "Solis Paz" and young["person"]["moved_since"]
    assert still["raw"]["source_state"] == "GONE" and not still["person"]["moved_since"]
    claim = paid["claims"][0]
    assert (claim["claim_row_status"], claim["status_now"], claim["moved_since"]) == ("generated", "paid", True)


PLANNED = ("find", "row", "stage", "decision", "history", *explain.LISTS)
NAMED = {"lead_id": 3, "lead_source_pk": "kept", "lead": "kept", "number": 3}
LARGE = ("int_states", "int_trips__driver_days", "int_collection", "identity_links", "module_ct", "claims_yango")


def scans(plan: Any) -> Iterator[str]:
    """Relations that a plan reads from end to end."""
    if isinstance(plan, dict):
        if plan.get("Node Type") == "Seq Scan":
            yield plan["Relation Name"]
        for each in plan.values():
            yield from scans(each)
    elif isinstance(plan, list):
        for each in plan:
            yield from scans(each)


def test_one_lead_is_found_by_index(built: tuple[Server, Settings]) -> None:
    """The cost of a trace does not grow with the leads: no large relation is read from end to end for it."""
    with closing(harness.connect(built[0])) as session, session.cursor() as cursor:
        cursor.execute("set enable_seqscan = off")
        for name in PLANNED:
            cursor.execute(f"explain (format json) {queries.get('explain', name)}", NAMED)
            assert [each for each in scans(cursor.fetchone()[0]) if each.startswith(LARGE)] == [], name
        cursor.execute("explain (format json) select * from ops_intermediate.int_states__leads")
        assert list(scans(cursor.fetchone()[0])) == ["int_states__leads"], "what must be read whole is seen as such"


@pytest.fixture
def mended(built: tuple[Server, Settings], settings: Settings) -> Iterator[tuple[Server, Settings]]:
    """A copy of the world, to make true what the moves ask for."""
    with new_database(settings, built[0].dbname) as where:
        yield where, settings_at(where, settings.home)


def test_what_would_have_to_be_true_made_true(mended: tuple[Server, Settings], trace: Any) -> None:
    """Trips, acceptances, an unlinking and one night: each lead is where its moves said it would be, and no further."""
    where, ours = mended
    with closing(harness.connect(where)) as session, session, session.cursor() as cursor:
        def drive(driver: str, day: str, trips: int) -> None:
            cursor.execute(
                "insert into public.summary_daily (driver_id, date_file, count_orders_completed) values (%s, %s, %s)",
                (driver, day, trips),
            )

        five = {its["milestone"]: its for its in trace("young")["moves"]}[5]
        drive("d-young", five["last_day"], five["trips_needed"])
        one, many = {its["milestone"]: its for its in trace("still")["moves"]}[1], trace("refused")["moves"][2]
        drive("d-still", one["last_day"], one["trips_needed"])
        assert (many["code"], many["milestone"]) == ("LATE_TRIPS_ONLY", 25)
        drive("d-refused", many["last_day"], many["trips_needed"] - 1)
        for lead in ("dropped", "kept"):
            cursor.execute(
                "insert into canon.identity_decisions (lead_source_pk, driver_id, verdict, decided_by, why)"
                " values (%s, %s, 'ACCEPT', 'ana', 'asked')",
                (lead, trace(lead)["moves"][0]["driver_id"]),
            )
        cursor.execute("delete from canon.identity_links where source_pk = 'torn'")
    chain.nightly(ours, date(2026, 1, 27), progress=harness.QUIET)
    after = {key: explain.explain(ours, KEYS[key], "en")[0] for key in PEOPLE}
    assert [its["reached"] for its in after["young"]["milestones"]] == [True, True, False]
    assert [its["reached"] for its in after["still"]["milestones"]] == [True, False, False]
    assert [its["reached"] for its in after["refused"]["milestones"]] == [True, True, False]
    stages = {key: found["stage"]["code"] for key, found in after.items()}
    assert stages["dropped"] == stages["kept"] == stages["matched"] == stages["torn"] == "NO_TRIPS_14D"
    assert after["kept"]["window"]["driver_id"] == "d-ruben1" and after["matched"]["window"]["driver_id"] == "d-sara"
    assert after["torn"]["person"]["person_key"] == str(person(3))
    assert after["dropped"]["window"]["driver_id"] == "d-brother"
    assert stages["gap"] == "OK" and [its["status_now"] for its in after["gap"]["claims"]] == ["generated"] * 2
    assert [its["status_now"] for its in after["paid"]["claims"]] == ["paid", "paid", "generated"]
    assert stages["tomorrow"] == "NO_IDENTITY" and stages["nobody"] == "NO_IDENTITY" and stages["half"] == "NO_DRIVER"
    assert stages["chosen"] == "TRIPS_NO_CLAIM", "a claim in the way keeps the job from raising another"
    assert after["awaited"]["moves"][0]["code"] == "PAYMENT_OVERDUE"
    spells = [(its["stage"], its["is_current"]) for its in after["gap"]["stage"]["history"]]
    assert spells == [("TRIPS_NO_CLAIM", False), ("OK", True)]
    hits = after["matched"]["identity"]
    assert hits["state"] == "LINKED" and hits["candidates_until_run"] and hits["candidates"][0]["driver_id"] == "d-sara"
    assert after["matched"]["raw"]["lead_date"] == str(AS_OF - timedelta(days=8))
