"""The API says what SQL says: every list, card, sum and filter against plain questions to the relations in ops."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from runner.database import Server
from runner.settings import Settings
from runner.web import reads
from runner.web.filters import REASONS, STAGES, FinancialFilter, GapFilter, LimboFilter, Page
from runner.web.pool import ReadingCursor
from tests import harness

BASE = "/api/v1/ops/payments"
LIMBO, GAP = f"{BASE}/cabinet-financial-14d/limbo", f"{BASE}/cabinet-financial-14d/claims-gap"
DRIVERS, WEEKS = f"{BASE}/cabinet-financial-14d", f"{BASE}/yango/cabinet/cobranza-yango/weekly-kpis"
WEEK, FROM, TO = "2025-12-15", "2025-11-20", "2025-12-20"

Ask = Callable[..., list[dict[str, Any]]]


def got(client: Any, address: str, **params: Any) -> Any:
    """A good answer's body."""
    answer = client.get(address, params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


def as_told(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows of the database as JSON tells them (D-11), in forms written here and not by the product."""

    def told(value: Any) -> str:
        if isinstance(value, date):
            return value.isoformat()
        return f"{value:.2f}" if isinstance(value, Decimal) else str(UUID(str(value)))

    return json.loads(json.dumps(rows, default=told))


def conditions(params: dict[str, Any], **columns: str) -> tuple[str, list[Any]]:
    """A plain where clause of a filter, written without the product's SQL."""
    forms = {
        "lead_date_from": "lead_date >= %s",
        "lead_date_to": "lead_date <= %s",
        "min_debt": "amount_due_yango >= %s",
        **{name: f"{column} = %s" for name, column in columns.items()},
    }
    parts = [forms.get(name, f"{name} = %s") for name in params]
    return " and ".join(parts) or "true", list(params.values())


# --- limbo --------------------------------------------------------------------------------------------------

LIMBO_FILTERS: list[dict[str, Any]] = [
    {},
    *({"limbo_stage": stage} for stage in STAGES),
    {"week_start": WEEK},
    {"lead_date_from": FROM},
    {"lead_date_to": TO},
    {"lead_date_from": FROM, "lead_date_to": TO, "limbo_stage": "NO_DRIVER"},
    {"week_start": WEEK, "limbo_stage": "OK"},
    {"lead_date_from": TO, "week_start": WEEK},
    {"lead_date_to": "0001-01-01"},
    {"lead_date_from": "9999-12-31"},
]


@pytest.mark.parametrize("params", LIMBO_FILTERS, ids=str)
def test_limbo_is_what_the_relation_holds(client: Any, ask: Ask, params: dict[str, Any]) -> None:
    """Rows in their order, the total, and the cards, which ignore the stage that is filtered by (F38)."""
    told = got(client, LIMBO, **params, limit=1000)
    where, values = conditions(params)
    rows = ask(
        f"select * from ops.v_cabinet_leads_limbo where {where} order by week_start desc, lead_date desc, lead_id",
        *values,
    )
    assert told["data"] == as_told(rows)
    assert (told["meta"]["total"], told["meta"]["returned"]) == (len(rows), len(rows))
    where, values = conditions({name: value for name, value in params.items() if name != "limbo_stage"})
    stages = {
        row["limbo_stage"]: row["leads"]
        for row in ask(
            f"select limbo_stage, count(*) as leads from ops.v_cabinet_leads_limbo where {where} group by 1", *values
        )
    }
    assert told["summary"] == {
        "total_leads": sum(stages.values()),
        **{f"limbo_{stage.lower()}": stages.get(stage, 0) for stage in STAGES},
    }


def test_every_stage_is_in_the_sample(client: Any) -> None:
    """Else the test above would compare nothing with nothing."""
    summary = got(client, LIMBO, limit=1)["summary"]
    assert all(summary[f"limbo_{stage.lower()}"] > 0 for stage in STAGES)


# --- gap ----------------------------------------------------------------------------------------------------

GAP_FILTERS: list[dict[str, Any]] = [
    {},
    *({"gap_reason": reason} for reason in REASONS),
    {"milestone_value": 5},
    {"week_start": WEEK},
    {"lead_date_from": FROM, "lead_date_to": TO},
    {"gap_reason": "OK", "milestone_value": 25, "lead_date_from": FROM},
    {"gap_reason": "INSUFFICIENT_TRIPS", "week_start": WEEK, "milestone_value": 1},
    {"week_start": "2031-01-06"},
]
GAP_ROWS = """
    select lead_id, lead_source_pk, driver_id, person_key, lead_date, week_start, milestone as milestone_value,
        trips_14d, milestone_achieved, amount_expected as expected_amount, claim_expected,
        claim_present as claim_exists, claim_status, gap_reason
    from ops.v_claims_expected_vs_present_14d where {} order by week_start desc, lead_date desc, milestone desc, lead_id
"""


@pytest.mark.parametrize("params", GAP_FILTERS, ids=str)
def test_gap_is_what_the_relations_hold(client: Any, ask: Ask, params: dict[str, Any]) -> None:
    """Without a reason the missing claims, with one the claims of it (D-10); no card filters by itself."""
    told = got(client, GAP, **params, limit=1000)
    asked = {"gap_reason": "CLAIM_NOT_GENERATED", **params}
    where, values = conditions(asked, milestone_value="milestone")
    rows = ask(GAP_ROWS.format(where), *values)
    assert told["data"] == as_told(rows[:1000])
    assert told["meta"]["total"] == len(rows)
    if not params:
        assert {(row["lead_id"], row["milestone_value"]) for row in rows} == {
            (row["lead_id"], row["milestone_value"]) for row in ask("select * from ops.v_cabinet_claims_gap_14d")
        }
    assert told["summary"] == gap_cards(ask, params)


def gap_cards(ask: Ask, params: dict[str, Any]) -> dict[str, Any]:
    """The cards, counted row by row."""
    kept = {name: value for name, value in params.items() if name not in ("gap_reason", "milestone_value")}
    where, values = conditions(kept)
    rows = ask(f"select * from ops.v_claims_expected_vs_present_14d where {where}", *values)
    missing = [row for row in rows if row["claim_missing"]]
    chosen = {params["milestone_value"]} if "milestone_value" in params else {1, 5, 25}
    return {
        "total_gaps": sum(row["milestone"] in chosen for row in missing),
        "gaps_milestone_achieved_no_claim": sum(row["milestone"] in chosen for row in missing),
        "gaps_claim_exists": sum(row["milestone"] in chosen and row["gap_reason"] == "OK" for row in rows),
        "gaps_milestone_not_achieved": sum(
            row["milestone"] in chosen and row["gap_reason"] == "INSUFFICIENT_TRIPS" for row in rows
        ),
        **{f"gaps_m{milestone}": sum(row["milestone"] == milestone for row in missing) for milestone in (1, 5, 25)},
        "total_expected_amount": f"{sum(row['amount_expected'] for row in missing if row['milestone'] in chosen):.2f}",
    }


@pytest.mark.parametrize("week", [None, WEEK, "2031-01-06"])
def test_gap_summary_is_what_the_relation_holds(client: Any, ask: Ask, week: str | None) -> None:
    params = {"week_start": week} if week else {}
    told = got(client, f"{GAP}/summary", **params)
    where, values = conditions(params)
    rows = ask(f"select * from ops.v_claims_expected_vs_present_14d where {where}", *values)
    by_reason = {reason: [row for row in rows if row["gap_reason"] == reason] for reason in REASONS}
    assert sum(map(len, by_reason.values())) == len(rows)
    missing = by_reason["CLAIM_NOT_GENERATED"]
    assert told.pop("meta")["run_id"] and told == {
        "total_gaps": len(missing),
        **{f"gaps_{reason.lower()}": len(found) for reason, found in by_reason.items()},
        **{f"gaps_m{milestone}": sum(row["milestone"] == milestone for row in missing) for milestone in (1, 5, 25)},
        "monto_total_expected_missing": f"{sum(row['amount_expected'] for row in missing):.2f}",
        "monto_total_expected_ok": f"{sum(row['amount_expected'] for row in by_reason['OK']):.2f}",
        "week_start": week,
    }


def test_most_reasons_are_in_the_sample(client: Any) -> None:
    """Else the test above would compare nothing with nothing."""
    summary = got(client, f"{GAP}/summary")
    assert all(summary[f"gaps_{reason.lower()}"] > 0 for reason in REASONS), summary
    assert summary["monto_total_expected_missing"] == "3050.00"


# --- drivers ------------------------------------------------------------------------------------------------

LEVEL = {
    "m1": "reached_m1_14d and not reached_m5_14d",
    "m5": "reached_m5_14d and not reached_m25_14d",
    "m25": "reached_m25_14d",
}
DRIVER_FILTERS: list[dict[str, Any]] = [
    {},
    {"only_with_debt": "true"},
    {"min_debt": "60.00"},
    {"min_debt": "1e2"},
    {"reached_milestone": "m1"},
    {"reached_milestone": "m5"},
    {"reached_milestone": "m25"},
    {"week_start": WEEK},
    {"scout_id": 0},
    {"only_with_debt": "true", "week_start": WEEK, "reached_milestone": "m5"},
]


def chosen_drivers(ask: Ask, params: dict[str, Any]) -> list[dict[str, Any]]:
    """The drivers of a filter, newest first."""
    plain_ones = {name: value for name, value in params.items() if name not in ("only_with_debt", "reached_milestone")}
    where, values = conditions(plain_ones)
    where += " and amount_due_yango > 0" if params.get("only_with_debt") == "true" else ""
    where += f" and {LEVEL[params['reached_milestone']]}" if "reached_milestone" in params else ""
    return ask(
        f"select * from ops.v_cabinet_financial_14d where {where} order by week_start desc, lead_date desc, driver_id",
        *values,
    )


def sums(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """The summary of drivers, added up row by row."""
    expected, paid, due = (
        sum(row[name] for row in rows) for name in ("expected_total_yango", "total_paid_yango", "amount_due_yango")
    )
    scouts = sum(row["scout_id"] is not None for row in rows)
    return {
        "total_drivers": len(rows),
        "drivers_with_expected": sum(row["expected_total_yango"] > 0 for row in rows),
        "drivers_with_debt": sum(row["amount_due_yango"] > 0 for row in rows),
        "total_expected_yango": f"{expected:.2f}",
        "total_paid_yango": f"{paid:.2f}",
        "total_debt_yango": f"{due:.2f}",
        "collection_percentage": pytest.approx(float(100 * paid / expected) if expected else 0, abs=0.0051),
        **{f"drivers_m{milestone}": sum(row[f"reached_m{milestone}_14d"] for row in rows) for milestone in (1, 5, 25)},
        "drivers_with_scout": scouts,
        "drivers_without_scout": len(rows) - scouts,
        "pct_with_scout": pytest.approx(100 * scouts / len(rows) if rows else 0, abs=0.0051),
    }


@pytest.mark.parametrize("params", DRIVER_FILTERS, ids=str)
def test_drivers_are_what_the_relation_holds(client: Any, ask: Ask, params: dict[str, Any]) -> None:
    if "scout_id" in params:
        params = {"scout_id": ask("select min(scout_id) as one from ops.v_cabinet_financial_14d")[0]["one"]}
    told = got(client, DRIVERS, **params, limit=1000)
    rows = chosen_drivers(ask, params)
    assert rows, "the filter finds nobody in the sample"
    scout = ("scout_name", "scout_quality_bucket", "scout_source_table", "scout_attribution_date", "scout_priority")
    wanted = [{**row, **dict.fromkeys(scout), "is_scout_resolved": row["scout_id"] is not None} for row in rows]
    assert told["data"] == as_told(wanted)
    assert told["meta"]["total"] == len(rows)
    assert (told["summary"], told["summary_total"]) == (sums(rows), sums(chosen_drivers(ask, {})))


def test_summaries_are_left_out_when_not_wanted(client: Any) -> None:
    told = got(client, DRIVERS, include_summary="false", use_materialized="false", limit=1)
    assert (told["summary"], told["summary_total"]) == (None, None)


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"week_start_from": FROM, "week_start_to": WEEK},
        {"limit_weeks": 2},
        {"only_with_debt": "true"},
        {"reached_milestone": "m25"},
        {"week_start": WEEK},
    ],
    ids=str,
)
def test_weeks_are_what_the_relation_holds(client: Any, ask: Ask, params: dict[str, Any]) -> None:
    told = got(client, WEEKS, **params)
    rows = chosen_drivers(
        ask,
        {
            name: value
            for name, value in params.items()
            if name in ("only_with_debt", "reached_milestone", "week_start")
        },
    )
    weeks = sorted(
        {
            str(row["week_start"])
            for row in rows
            if params.get("week_start_from", "0") <= str(row["week_start"]) <= params.get("week_start_to", "9")
        }
    )
    newest = weeks[::-1][: params.get("limit_weeks", 52)]
    assert [week["week_start"] for week in told["weeks"]] == newest and newest
    for week in told["weeks"]:
        found = [row for row in rows if str(row["week_start"]) == week["week_start"]]
        due = [row["amount_due_yango"] for row in found]
        assert week["total_rows"] == len(found)
        assert (week["debt_sum"], week["unpaid_sum"]) == (
            f"{sum(due):.2f}",
            f"{sum(each for each in due if each > 0):.2f}",
        )
        assert week["paid_sum"] == f"{sum(row['total_paid_yango'] for row in found):.2f}"
        assert [week[f"reached_m{m}"] for m in (1, 5, 25)] == [
            sum(r[f"reached_m{m}_14d"] for r in found) for m in (1, 5, 25)
        ]
        assert week["with_scout"] == sum(row["scout_id"] is not None for row in found)


def test_funnel_gap_is_what_the_relation_holds(client: Any, ask: Ask) -> None:
    told = got(client, f"{DRIVERS}/funnel-gap")
    rows = ask(
        "select person_key, has_claim_m1 or has_claim_m5 or has_claim_m25 as claimed from ops.v_cabinet_leads_limbo"
    )
    counted = {
        "with_identity": sum(row["person_key"] is not None for row in rows),
        "with_claims": sum(row["claimed"] for row in rows),
        "without_identity": sum(row["person_key"] is None for row in rows),
        "without_claims": sum(not row["claimed"] for row in rows),
        "without_both": sum(row["person_key"] is None and not row["claimed"] for row in rows),
    }
    assert told["total_leads"] == len(rows)
    assert {name: told[f"leads_{name}"] for name in counted} == counted
    assert told["percentages"] == {
        name: pytest.approx(100 * count / len(rows), abs=0.0051) for name, count in counted.items()
    }


# --- pages --------------------------------------------------------------------------------------------------

WALKS = [
    (LIMBO, {}, "lead_id"),
    (LIMBO, {"limbo_stage": "NO_DRIVER"}, "lead_id"),
    (GAP, {"gap_reason": "INSUFFICIENT_TRIPS"}, ""),
    (GAP, {"gap_reason": "OK", "milestone_value": 5}, ""),
    (GAP, {}, ""),
    (DRIVERS, {}, "driver_id"),
    (LIMBO, {"sort": "-trips_14d"}, "lead_id"),
    (LIMBO, {"sort": "limbo_stage"}, "lead_id"),
    (GAP, {"sort": "expected_amount"}, ""),
    (DRIVERS, {"sort": "-amount_due_yango"}, "driver_id"),
]


def pages(client: Any, address: str, params: dict[str, Any], by_cursor: bool) -> Iterator[list[dict[str, Any]]]:
    """Every page of a list."""
    step: dict[str, Any] = {}
    while True:
        told = got(client, address, **params, **step, limit=37)
        yield told["data"]
        meta = told["meta"]
        assert meta["returned"] == len(told["data"])
        if (by_cursor and meta["next_cursor"] is None) or not told["data"]:
            return
        step = {"cursor": meta["next_cursor"]} if by_cursor else {"offset": meta["offset"] + 37}


@pytest.mark.parametrize(("address", "params", "key"), WALKS, ids=str)
def test_pages_show_every_row_once(client: Any, address: str, params: dict[str, Any], key: str) -> None:
    """By offset and by cursor alike, in one order: pages neither repeat nor skip (F38)."""

    def keys(rows: list[dict[str, Any]]) -> list[Any]:
        return [row[key] if key else (row["lead_id"], row["milestone_value"]) for row in rows]

    at_once = keys(got(client, address, **params, limit=1000)["data"])
    by_offset = [each for page in pages(client, address, params, by_cursor=False) for each in keys(page)]
    assert by_offset[: len(at_once)] == at_once and len(set(by_offset)) == len(by_offset)
    assert len(by_offset) == got(client, address, **params, limit=1)["meta"]["total"]
    if "sort" not in params:
        assert [each for page in pages(client, address, params, by_cursor=True) for each in keys(page)] == by_offset


def test_a_sort_is_by_what_it_says(client: Any) -> None:
    trips = [row["trips_14d"] for row in got(client, LIMBO, sort="-trips_14d", limit=200)["data"]]
    assert trips == sorted(trips, reverse=True) and trips[0] > trips[-1]


@pytest.mark.parametrize(
    ("read", "wanted", "page"),
    [
        (reads.limbo, LimboFilter(), Page(50, 300)),
        (reads.limbo, LimboFilter("NO_DRIVER"), Page(50)),
        (reads.limbo, LimboFilter(), Page(50, cursor="0b4a0a80000001")),
        (reads.gap, GapFilter(), Page(50)),
        (reads.gap, GapFilter("INSUFFICIENT_TRIPS"), Page(50, 100)),
        (reads.financial, FinancialFilter(), Page(50)),
    ],
    ids=["limbo, deep", "limbo, stage", "limbo, cursor", "gap", "gap, reason, deep", "drivers"],
)
def test_a_page_is_read_in_its_order_and_never_sorted(
    sample_database: Server, read: Callable[..., Any], wanted: Any, page: Page
) -> None:
    """Sorting is switched off: a plan has one only where no index gives the order, and a page costs all rows."""
    with closing(harness.connect(sample_database)) as session, session.cursor(cursor_factory=ReadingCursor) as cursor:
        cursor.execute("set enable_sort = off; set enable_seqscan = off; set enable_bitmapscan = off")
        read(cursor, wanted, page)
        rows = cursor.query.decode()
        assert "order by" in rows and "limit 51" in rows
        cursor.execute(f"explain {rows}")
        plan = [row["QUERY PLAN"] for row in cursor.fetchall()]
    assert not [line for line in plan if "Sort" in line], plan


# --- beside the lists ---------------------------------------------------------------------------------------


def test_the_other_base_answers_alike(client: Any) -> None:
    other = client.get("/api/v1/payments/cabinet-financial-14d/limbo", params={"limit": 3})
    assert other.json() == got(client, LIMBO, limit=3)


def test_alerts_runs_and_suggestions(client: Any, ask: Ask) -> None:
    alerts = got(client, f"{BASE}/alerts")
    states = [row["state"] for row in ask("select state from ops.v_cabinet_alerts")]
    assert sorted(row["state"] for row in alerts["data"]) == sorted(states)
    assert alerts["summary"]["firing"] == states.count("FIRING") > 0
    assert {row["state"] for row in got(client, f"{BASE}/alerts", state="OK")["data"]} == {"OK"}
    runs = got(client, f"{BASE}/runs")
    assert [row["run_id"] for row in runs["data"]] == [
        row["run_id"] for row in ask("select run_id from ops.runs order by 1 desc")
    ]
    run_id = runs["meta"]["run_id"]
    assert got(client, f"{BASE}/runs/{run_id}")["steps"][0]["name"] == "build"
    assert client.get(f"{BASE}/runs/{run_id + 999}").status_code == 404
    told = got(client, f"{BASE}/identity/suggestions", limit=1000)
    pairs = ask("select * from ops.v_identity_suggestions order by lead_date desc, lead_id, place, driver_id")
    assert [(row["lead_id"], row["driver_id"]) for row in told["data"]] == [
        (row["lead_id"], row["driver_id"]) for row in pairs
    ]
    assert told["summary"]["leads"] == len({row["lead_id"] for row in pairs}) > 0


def test_runs_say_neither_who_nor_where_nor_what_went_wrong(client: Any, sample_database: Server) -> None:
    """A message may hold words of the database, and a host is nobody's business."""
    assert not {"started_by", "host", "error", "arguments"} & set(got(client, f"{BASE}/runs")["data"][0])


def test_every_answer_tells_its_run(client: Any, ask: Ask) -> None:
    run = as_told(ask("select run_id, as_of_date as as_of, published_at as built_at from ops.runs where is_live"))[0]
    for address in (LIMBO, GAP, f"{GAP}/summary", DRIVERS, WEEKS, f"{DRIVERS}/funnel-gap", f"{BASE}/alerts"):
        meta = got(client, address)["meta"]
        assert {name: meta[name] for name in run} == run


def test_money_is_text_with_two_decimals_everywhere(client: Any) -> None:
    """D-11. Shares are numbers, and so are the values of alerts, which are of many units."""
    money = re.compile(r"amount|debt_sum|paid_sum|unpaid_sum|monto|total_(?:expected|paid|debt)_yango|expected_total")
    seen = set()

    def look(value: Any, name: str = "") -> None:
        if isinstance(value, dict):
            for key, each in value.items():
                look(each, key)
        elif isinstance(value, list):
            for each in value:
                look(each, name)
        elif money.search(name):
            assert isinstance(value, str) and re.fullmatch(r"-?\d+\.\d\d", value), (name, value)
            seen.add(name)

    for address in (LIMBO, f"{GAP}/summary", DRIVERS, WEEKS):
        look(got(client, address, **({"limit": 5} if address in (LIMBO, DRIVERS) else {})))
    look(got(client, GAP, limit=5))
    assert {"expected_amount", "amount_due_yango", "debt_sum", "monto_total_expected_ok"} <= seen


# --- freshness ----------------------------------------------------------------------------------------------


def test_who_has_the_answer_is_told_so(client: Any) -> None:
    first = client.get(LIMBO, params={"limit": 1})
    tag = first.headers["etag"]
    again = client.get(LIMBO, params={"limit": 1}, headers={"if-none-match": f'"other", W/{tag}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert client.get(LIMBO, params={"limit": 2}, headers={"if-none-match": tag}).status_code == 200
    assert "no-cache" in first.headers["cache-control"] and "private" in first.headers["cache-control"]


def test_a_new_run_makes_answers_new(client: Any, sample_database: Server) -> None:
    """A run published later, even of the same data."""
    move = "update ops.runs set published_at = published_at + %s * interval '1 second' where is_live"
    tag = client.get(LIMBO).headers["etag"]
    with closing(harness.connect(sample_database)) as session, session.cursor() as cursor:
        cursor.execute(move, (1,))
        session.commit()
        try:
            assert client.get(LIMBO, headers={"if-none-match": tag}).status_code == 200
        finally:
            cursor.execute(move, (-1,))
            session.commit()
    assert client.get(LIMBO, headers={"if-none-match": tag}).status_code == 304


def test_before_the_first_build_there_is_nothing_to_show(
    migrated_database: Server, settings_for: Callable[..., Settings], client_for: Callable[..., Any]
) -> None:
    client = client_for(settings_for(migrated_database))
    answer = client.get(LIMBO)
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "NOTHING_BUILT")
    assert client.get("/healthz").json()["status"] == "STARTING"


def test_health(client: Any, client_for: Callable[..., Any], web_settings: Settings) -> None:
    """Up with ages; down without a word about where the database is."""
    told = client.get("/healthz").json()
    assert told["status"] == "UP" and 0 <= told["hours_since_build"] <= told["hours_since_run"] + 1
    away = harness.settings_with(web_settings, db_host="127.0.0.1", db_port="1")
    down = client_for(away)
    answer = down.get("/healthz")
    assert (answer.status_code, answer.json()) == (503, {"status": "DOWN", "database": "unreachable"})
    refused = down.get(LIMBO)
    assert (refused.status_code, refused.json()["error"]["code"]) == (503, "DATABASE_AWAY")
    assert "127.0.0.1" not in refused.text
