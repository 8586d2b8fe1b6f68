"""Files: every row of the filter, in the form that spreadsheets want, and nothing that one would run."""

from __future__ import annotations

import csv
import io
import logging
import re
import zipfile
from collections.abc import Callable
from typing import Any

import pytest

from runner.settings import Settings
from runner.web import exported, exports
from tests import harness
from tests.integration.conftest import RISKY_NAMES

BASE = "/api/v1/ops/payments/cabinet-financial-14d"
LIMBO, GAP, FINANCIAL = f"{BASE}/limbo/export", f"{BASE}/claims-gap/export", f"{BASE}/export"
WEEK = "2025-12-15"

Ask = Callable[..., list[dict[str, Any]]]


def file_of(client: Any, address: str, **params: Any) -> tuple[list[str], list[list[str]], Any]:
    """Header, rows and the answer; the form of the bytes is checked on the way."""
    answer = client.get(address, params=params)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.content.startswith(b"\xef\xbb\xbf")
    text = answer.content.decode("utf-8-sig")
    assert text.endswith("\r\n") and "\ufeff" not in text
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert len({len(row) for row in rows}) == 1
    return rows[0], rows[1:], answer


def cells(row: dict[str, Any], yes: str = "True", no: str = "False") -> list[str]:
    """A row of the database as a file holds it."""
    return [
        ""
        if value is None
        else (yes if value else no)
        if isinstance(value, bool)
        else "'" + value
        if isinstance(value, str) and value[:1] in tuple("=+-@\t\r\n")
        else str(value)
        for value in row.values()
    ]


@pytest.mark.parametrize(
    "params", [{}, {"limbo_stage": "NO_DRIVER"}, {"week_start": WEEK}, {"lead_date_from": WEEK}], ids=str
)
def test_limbo_file_holds_the_list(client: Any, ask: Ask, params: dict[str, Any]) -> None:
    header, rows, answer = file_of(client, LIMBO, **params)
    forms = {"lead_date_from": "lead_date >= %s"}
    where = " and ".join(forms.get(name, f"{name} = %s") for name in params) or "true"
    wanted = ask(
        f"select {', '.join(exported.LIMBO_COLUMNS)} from ops.v_cabinet_leads_limbo where {where}"
        " order by week_start desc, lead_date desc, lead_id",
        *params.values(),
    )
    assert header == list(exported.LIMBO_COLUMNS) and len(header) == 20
    assert rows == [cells(row) for row in wanted] and rows
    assert answer.headers["x-total-rows"] == str(len(rows)) and answer.headers["x-truncated"] == "false"
    assert re.fullmatch(r'attachment; filename="cabinet_limbo_\d{8}_\d{6}\.csv"', answer.headers["content-disposition"])


@pytest.mark.parametrize(
    "params", [{}, {"gap_reason": "OK"}, {"gap_reason": "NO_DRIVER", "milestone_value": 5}], ids=str
)
def test_gap_file_holds_the_list(client: Any, params: dict[str, Any]) -> None:
    header, rows, answer = file_of(client, GAP, **params)
    told = client.get(f"{BASE}/claims-gap", params={**params, "limit": 1000}).json()
    assert header == list(told["data"][0])
    assert rows == [cells(row) for row in told["data"]] and len(rows) == told["meta"]["total"]
    assert answer.headers["x-run-id"] == str(told["meta"]["run_id"])


@pytest.mark.parametrize(
    ("params", "where"),
    [
        ({}, "true"),
        ({"only_with_debt": "true"}, "amount_due_yango > 0"),
        ({"week_start": WEEK, "min_debt": "60"}, f"week_start = '{WEEK}' and amount_due_yango >= 60"),
    ],
    ids=str,
)
def test_financial_file_is_in_spanish(client: Any, ask: Ask, params: dict[str, Any], where: str) -> None:
    header, rows, _ = file_of(client, FINANCIAL, **params)
    codes = [
        row["code"].split()[1]
        for row in ask("select code from ops.v_catalogue where kind = 'financial_column' order by code")
    ]
    wanted = ask(
        f"select {', '.join(codes)} from ops.v_cabinet_financial_14d where {where} order by lead_date desc, driver_id"
    )
    assert rows == [cells(row, "Sí", "No") for row in wanted] and rows
    assert header[0] == "ID conductor" and "Deuda" in header and len(header) == len(set(header)) == 27
    english, _, _ = file_of(client, FINANCIAL, **params, lang="en")
    assert english[0] == "Driver ID" and set(english) != set(header)


def test_no_cell_is_a_formula(client: Any) -> None:
    """Names are free text of others: = + - @ tab CR LF at a beginning are kept from running; no more is changed."""
    _, rows, answer = file_of(client, LIMBO, lead_date_to="2025-11-03")
    everything = [cell for row in rows for cell in row]
    assert not [cell for cell in everything if cell[:1] in tuple("=+-@\t\r\n")]
    for name in RISKY_NAMES:
        begins = name.strip() if name[0] in "\t\r\n" else name  # the relation trims names
        risky = begins[0] in "=+-@"
        assert any(cell.startswith(("'" if risky else "") + begins[:5]) for cell in everything), name
    assert b"\r\n" in answer.content and not re.search(rb"(?<!\r)\n", answer.content.replace(b"\r\n", b""))


def test_an_empty_file_has_its_header(client: Any) -> None:
    for address in (LIMBO, GAP, FINANCIAL):
        header, rows, answer = file_of(client, address, week_start="2031-01-06")
        assert header and rows == [] and answer.headers["x-total-rows"] == "0"


@pytest.mark.parametrize("address", [LIMBO, GAP])
def test_a_file_cut_short_says_so(client: Any, address: str) -> None:
    _, rows, answer = file_of(client, address, limit=7)
    total = answer.headers["x-total-rows"]
    assert len(rows) == 7 and int(total) > 7 and answer.headers["x-truncated"] == "true"
    assert f"_7_de_{total}.csv" in answer.headers["content-disposition"]
    _, whole, answer = file_of(client, address, limit=int(total))
    assert len(whole) == int(total) and answer.headers["x-truncated"] == "false"


def test_too_many_drivers_are_refused(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exported, "MOST_DRIVERS", 100)
    answer = client.get(FINANCIAL)
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "TOO_MANY_ROWS")
    assert client.get(FINANCIAL, params={"week_start": WEEK}).status_code == 200


def test_a_workbook_holds_texts_and_no_formulas(client: Any, ask: Ask) -> None:
    answer = client.get(FINANCIAL, params={"format": "xlsx", "only_with_debt": "true"})
    assert answer.headers["content-disposition"].endswith('.xlsx"')
    with zipfile.ZipFile(io.BytesIO(answer.content)) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    drivers = ask("select count(*) as n from ops.v_cabinet_financial_14d where amount_due_yango > 0")[0]["n"]
    assert sheet.count("<row ") == drivers + 1 and "<f>" not in sheet


@pytest.mark.parametrize(
    "params", [{"limit": 0}, {"limit": 10**7}, {"limbo_stage": "X"}, {"week_start": "2025-12-16"}, {"offset": 1}]
)
def test_files_refuse_what_lists_refuse(client: Any, params: dict[str, Any]) -> None:
    assert client.get(LIMBO, params=params).status_code in (400, 422)
    assert client.get(GAP, params={"gap_reason": "NOPE"}).status_code == 400


def test_rows_are_held_a_few_at_a_time(client: Any, web_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """However long the file: no piece holds more than one batch, and the server keeps what was not asked for yet."""
    monkeypatch.setattr(exports, "AT_ONCE", 50)
    pool, slots = client.app.state.pool, client.app.state.slots
    reading = exports.Reading(pool, slots, exports.Visitor("operator", "ana", "es"), "limbo")
    with pool.cursor(reading.connection) as cursor:
        table = exported.limbo(cursor, exported.LimboFilter(), 10_000).table
    sizes = []
    read = 0
    for piece in reading.csv(table):
        sizes.append(len(piece))
        assert reading.rows - read <= 50
        read = reading.rows
    reading.close()
    assert len(sizes) == -(-reading.rows // 50) + 1 and max(sizes) < 51 * 1000 and reading.rows > 500


def test_files_leave_connections_for_others(client: Any) -> None:
    """As many files at once as half the pool; one more is told to wait, and a finished one makes room."""
    slots = client.app.state.slots
    held = client.app.state.pool.size // 2
    for _ in range(held):
        slots.take()
    answer = client.get(LIMBO)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "30")
    assert client.get(f"{BASE}/limbo").status_code == 200
    slots.give()
    assert client.get(LIMBO).status_code == 200
    for _ in range(held - 1):
        slots.give()


def test_an_unread_file_gives_its_connection_back(client_for: Callable[..., Any], web_settings: Settings) -> None:
    """More broken-off files than there are connections, and the next request is still answered."""
    client = client_for(harness.settings_with(web_settings, web_connections="2"))
    for _ in range(5):
        with client.stream("GET", LIMBO) as answer:
            assert answer.status_code == 200
        assert client.get(LIMBO, params={"limit": 0}).status_code == 422
    assert client.get(f"{BASE}/limbo").status_code == 200


def test_files_are_logged_without_their_data(client: Any, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "cabinet14d.web"):
        _, rows, _ = file_of(client, LIMBO, week_start=WEEK)
    lines = [record.getMessage() for record in caplog.records]
    assert f"export limbo by local (operator): {len(rows)} rows" in lines
    assert not [
        line for line in lines if WEEK in line or any(cell in line for row in rows for cell in row[4:7] if cell)
    ]
