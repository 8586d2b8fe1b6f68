"""The whole system from outside: relations, hard rules, endpoints against the database, page, jobs, schedule, docs."""

from __future__ import annotations

import json
import re
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from runner import chain
from runner.errors import CabinetError
from runner.reconcile import ClaimsFilter
from runner.reconcile_leads import LeadsFilter
from runner.settings import Settings
from runner.validate_parts import FAILED, NOT_CHECKED, PASSED, Check, Part, Row, ask, contracts, shapes, statements

if TYPE_CHECKING:
    from psycopg2.extensions import connection as Connection

API = "/api/v1/ops/payments/cabinet-financial-14d"
PAGE = "/pagos/cobranza-yango?tab=recovery"  # the tab with both sections
SECTIONS = ("Leads en Limbo", "Claims Gap")
ROWS = 50
# Personal data, which a careful server masks: these must be there, whatever they hold.
PERSONAL = ("park_phone", "asset_plate_number", "lead_name")
ENDPOINTS = {
    "limbo": ("v_cabinet_leads_limbo", ("total_leads", "limbo_no_identity", "limbo_no_driver", "limbo_no_trips_14d",
                                        "limbo_trips_no_claim", "limbo_ok")),
    "claims-gap": ("v_cabinet_claims_gap_14d", ("total_gaps", "gaps_m1", "gaps_m5", "gaps_m25",
                                                "total_expected_amount")),
}
QUERIES = {"limbo": ("limbo_page", "limbo_total"), "claims-gap": ("gap_page", "gap_total")}


def system(session: Connection, settings: Settings, *, base_url: str, skip_ui: bool, seconds: float = 10.0) -> Part:
    """All of it. What --skip-ui leaves out is not among the checks."""
    checks = [
        *shapes(session),
        *(check for file in ("validate_limbo", "validate_gap") for check in statements(session, file)
          if check.severity == "CRITICAL"),
        described(session),
        schedule(session),
        dry_run(settings),
    ]
    if not skip_ui:
        token = settings["web_token"]
        checks += [endpoint(session, base_url, name, seconds, token) for name in ENDPOINTS]
        checks.append(page(base_url, seconds, token))
    return Part("system", checks)


def described(session: Connection) -> Check:
    """Every column that others read says in the database what it means."""
    rows = [
        {"relation": relation, "column": name}
        for relation in contracts()
        for name, _, text in ask(session, "columns", relation=f"ops.{relation}")
        if not text
    ]
    return Check("docs_are_present", "WARNING", FAILED if rows else PASSED, "columns are not described", rows)


def schedule(session: Connection) -> Check:
    """The last whole night is not too long ago: rule D2 of the alerts."""
    found = ask(session, "schedule")
    name, sentence = "schedule_is_kept", "no whole night within the hours of rule D2"
    if not found:
        return Check(name, "WARNING", NOT_CHECKED, "not checked: ops.v_cabinet_alerts does not say rule D2")
    rows = [{"state": state, "hours": str(value)} for state, value in found if state not in ("OK", "MUTED")]
    return Check(name, "WARNING", FAILED if rows else PASSED, sentence, rows)


# Every job that writes back, as it says what it would do.
JOBS: dict[str, Callable[[Settings], Any]] = {
    "reconcile leads": lambda settings: chain.preview_leads(settings, chain.today(settings), LeadsFilter(limit=10)),
    "reconcile claims": lambda settings: chain.preview_claims(settings, chain.today(settings), ClaimsFilter(limit=10)),
    "reconcile payments": chain.preview_payments,
}


def dry_run(settings: Settings) -> Check:
    """Each job can say what it would do."""
    rows: list[Row] = []
    for job, preview in JOBS.items():
        try:
            preview(settings)
        except CabinetError as error:
            rows.append({"job": job, "detail": error.message})
    return Check("jobs_run_dry", "CRITICAL", FAILED if rows else PASSED, "a job can't run dry", rows)


def fetch(url: str, seconds: float, token: str | None = None) -> tuple[int, bytes] | str:
    """Status and body, or what went wrong in words. A server that hangs or drips is left behind after `seconds`."""
    answer: list[tuple[int, bytes] | str] = []

    def work() -> None:
        try:
            asked = urllib.request.Request(url)
            if token:
                asked.add_unredirected_header("Authorization", f"Bearer {token}")
            with urllib.request.urlopen(asked, timeout=seconds) as response:
                answer.append((response.status, response.read(10_000_000)))
        except urllib.error.HTTPError as error:
            answer.append((error.code, b""))
        except Exception as error:  # whatever it is, it is an answer about the server
            reason = getattr(error, "reason", error)
            answer.append(f"it can't be reached ({type(reason).__name__})")

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(seconds)
    return answer[0] if answer else f"it did not answer within {seconds:g} seconds"


def endpoint(session: Connection, base_url: str, name: str, seconds: float, token: str | None = None) -> Check:
    """Status, shape, types of every field, and the first page row by row as the database has it."""
    check = f"endpoint_{name.replace('-', '_')}"
    body = fetch(f"{base_url.rstrip('/')}{API}/{name}?limit={ROWS}", seconds, token)
    if isinstance(body, str):
        return Check(check, "CRITICAL", FAILED, f"{name}: {body}", [{"detail": body}])
    try:
        rows = _wrong(session, name, body)
    except (ValueError, UnicodeDecodeError):
        rows = [{"detail": "the body is not JSON"}]
    return Check(check, "CRITICAL", FAILED if rows else PASSED, f"{name} does not answer as promised", rows)


def _wrong(session: Connection, name: str, answer: tuple[int, bytes]) -> list[Row]:
    status, body = answer
    if status != 200:
        return [{"detail": f"status {status}"}]
    told = json.loads(body)
    if not isinstance(told, dict) or not isinstance(told.get("data"), list):
        return [{"detail": "there is no list `data`"}]
    relation, summary = ENDPOINTS[name]
    page_query, total_query = QUERIES[name]
    wrong = _frame(told, summary)
    wanted = ask(session, page_query, limit=ROWS)
    total = ask(session, total_query)
    if not total:
        return [*wrong, {"detail": f"not comparable: ops.{relation} can't be read"}]
    if isinstance(told.get("meta"), dict) and told["meta"].get("total") != total[0][0]:
        wrong.append({"field": "meta.total", "found": told["meta"].get("total"), "promised": total[0][0]})
    return wrong + _rows(told["data"], wanted, _fields(name), contracts()[relation])


def _frame(told: Row, summary: tuple[str, ...]) -> list[Row]:
    """Meta and summary: there, and of the right types."""
    wrong: list[Row] = []
    for part, names in (("meta", ("limit", "offset", "returned", "total")), ("summary", summary)):
        values = told.get(part)
        for name in names:
            value = values.get(name) if isinstance(values, dict) else None
            kind = "numeric(12,2)" if name.endswith("amount") else "bigint"
            if value is None or not is_type(value, kind):
                wrong.append({"field": f"{part}.{name}", "found": value, "promised": kind})
    if isinstance(told.get("meta"), dict) and told["meta"].get("returned") != len(told["data"]):
        wrong.append({"field": "meta.returned", "found": told["meta"].get("returned"), "promised": len(told["data"])})
    return wrong


def _fields(name: str) -> list[str]:
    from runner import queries

    columns = queries.get("validate_shape", QUERIES[name][0]).split("from ops.")[0].removeprefix("select")
    return [column.strip() for column in columns.split(",")]


def _rows(data: list[Any], wanted: list[tuple[Any, ...]], fields: list[str], types: dict[str, str]) -> list[Row]:
    wrong: list[Row] = []
    if len(data) != len(wanted):
        wrong.append({"field": "data", "found": f"{len(data)} rows", "promised": f"{len(wanted)} rows"})
    for number, (found, row) in enumerate(zip(data, wanted, strict=False), 1):
        found = found if isinstance(found, dict) else {}
        for field, value in zip(fields, row, strict=True):
            problem = _field(found, field, value, types[field])
            if problem:
                wrong.append({"row": number, "field": field, **problem})
    return wrong


def _field(found: Row, field: str, value: Any, kind: str) -> Row | None:
    if field not in found:
        return {"found": "absent", "promised": kind}
    told = found[field]
    if told is not None and not is_type(told, kind):
        return {"found": type(told).__name__, "promised": kind}
    if field not in PERSONAL and told != as_json(value):
        return {"found": told, "promised": as_json(value)}
    return None


def as_json(value: Any) -> Any:
    """A value of the database as the API tells it: money as text (D-11), dates as YYYY-MM-DD, uuids as text."""
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    if isinstance(value, date):
        return value.isoformat()
    return value if value is None or isinstance(value, bool | int | str) else str(value)


def is_type(value: Any, kind: str) -> bool:
    """Whether a JSON value is of the type that a column promises."""
    tests: dict[str, Callable[[Any], bool]] = {
        "boolean": lambda v: isinstance(v, bool),
        "date": lambda v: isinstance(v, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", v) is not None,
        "numeric(12,2)": lambda v: isinstance(v, str) and re.fullmatch(r"-?\d+\.\d{2}", v) is not None,
        "uuid": lambda v: isinstance(v, str) and re.fullmatch(r"[0-9a-f-]{36}", v) is not None,
    }
    number = kind in ("integer", "bigint")
    default: Callable[[Any], bool] = (lambda v: isinstance(v, int) and not isinstance(v, bool)) if number else (
        lambda v: isinstance(v, str)
    )
    return tests.get(kind, default)(value)


def page(base_url: str, seconds: float, token: str | None = None) -> Check:
    """The page can be reached and shows both sections."""
    answer = fetch(f"{base_url.rstrip('/')}{PAGE}", seconds, token)
    name, sentence = "page", "the page does not show both sections"
    if isinstance(answer, str):
        return Check(name, "CRITICAL", FAILED, f"the page: {answer}", [{"detail": answer}])
    status, body = answer
    text = body.decode("utf-8", errors="replace")
    rows: list[Row] = [{"detail": f"status {status}"}] if status != 200 else []
    rows += [{"detail": f"there is no {section!r}"} for section in SECTIONS if section not in text]
    return Check(name, "CRITICAL", FAILED if rows else PASSED, sentence, rows)
