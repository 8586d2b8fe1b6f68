"""`validate sources`: what sources.yml expects of the raw tables, judged by Great Expectations and kept as rows."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runner import database, migrate, queries, runlog
from runner.errors import BadConfiguration
from runner.settings import Settings
from runner.validate_parts import FAILED, NOT_CHECKED, PASSED, Check, Part

if TYPE_CHECKING:
    from runner.runlog import Run

Row = dict[str, Any]

KINDS = {
    "TEXT": ["VARCHAR", "TEXT", "CHAR"],
    "INTEGER": ["INTEGER", "BIGINT", "SMALLINT"],
    "NUMBER": ["INTEGER", "BIGINT", "SMALLINT", "NUMERIC", "DOUBLE_PRECISION", "DOUBLE PRECISION", "REAL", "FLOAT"],
    "TIMESTAMP": ["TIMESTAMP", "TIMESTAMP WITHOUT TIME ZONE"],
    "DATE": ["DATE"],
    "BOOLEAN": ["BOOLEAN"],
    "UUID": ["UUID"],
}
# Counts and observed values only: what a value was may be personal, and goes nowhere.
RESULTS = {"result_format": "SUMMARY", "partial_unexpected_count": 0}


@dataclass(frozen=True)
class Expected:
    """One expectation as sources.yml has it: what Great Expectations calls it, and our own words for it."""

    source: str
    name: str
    severity: str
    sentence: str
    kind: str
    arguments: Row

    @property
    def key(self) -> str:
        """Name across sources."""
        return f"{self.source}.{self.name}"


def validate(settings: Settings, as_of: date, docs: Path | None = None) -> Part:
    """All sources as one part of the validation and one run of the log; with `docs` the site of Data Docs too."""
    engine = _import()
    where = database.server(settings)
    migrate.require(where, settings)
    arguments = {"docs": docs is not None}
    with runlog.open_run(where, settings, "validate sources", arguments, as_of, exclusive=False) as run:
        with run.step("validate sources") as step:
            part, details = _judge(engine, settings, where, run, docs)
            _keep(run, details)
            step.counters.update(checks=len(part.checks), open=len(part.open))
        run.exit_code = part.exit_code
    return part


def _import() -> Any:
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    try:
        import great_expectations
    except ImportError as error:
        raise BadConfiguration(
            "Checking sources needs the extra 'quality', which is not installed.",
            "Run: pip install 'cabinet14d[quality]'",
        ) from error
    return great_expectations


def specification() -> dict[str, Row]:
    """The declarative file."""
    import yaml

    text = resources.files("runner").joinpath("sources.yml").read_text(encoding="utf-8")
    loaded: dict[str, Row] = yaml.safe_load(text)
    return loaded


def expectations(as_of: date, measured: dict[str, Decimal]) -> list[Expected]:
    """Every expectation of the file, with the drift of row counts against what was last measured."""
    found = []
    for source, spec in specification().items():
        names = list(spec["columns"])
        found.append(Expected(source, "has_its_columns", "CRITICAL", "columns that the models read are missing",
                              "ExpectTableColumnsToMatchSet", {"column_set": names, "exact_match": False}))
        found += [Expected(source, f"type_of_{column}", "CRITICAL", f"{column} is not of kind {kind}",
                           "ExpectColumnValuesToBeInTypeList", {"column": column, "type_list": KINDS[kind]})
                  for column, kind in spec["columns"].items()]
        found += [_declared(source, check, as_of) for check in spec["checks"]]
        if source in measured:
            found.append(_drift(source, spec["rows"], measured[source]))
    return found


def _declared(source: str, check: Row, as_of: date) -> Expected:
    known = ("name", "severity", "sentence", "expect", "where")
    arguments = {name: value for name, value in check.items() if name not in known}
    if "where" in check:
        arguments["unexpected_rows_query"] = check["where"].replace("{as_of}", as_of.isoformat())
    kind = check.get("expect", "UnexpectedRowsExpectation")
    return Expected(source, check["name"], check["severity"], check["sentence"], kind, arguments)


def _drift(source: str, rows: Row, measured: Decimal) -> Expected:
    least, most = (int(measured * (100 + percent) / 100) for percent in (-rows["fall"], rows["grow"]))
    sentence = f"the number of rows is not near the {measured:.0f} of before"
    return Expected(source, "row_count_drifts", "WARNING", sentence,
                    "ExpectTableRowCountToBeBetween", {"min_value": least, "max_value": max(most, 100)})


def _judge(
    engine: Any, settings: Settings, where: database.Server, run: Run, docs: Path | None
) -> tuple[Part, list[Row]]:
    with database.transaction(run.session) as cursor:
        cursor.execute(queries.get("sources", "measured"), {"as_of": run.as_of})
        measured = dict(cursor.fetchall())
    context = engine.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    if docs:
        _add_site(context, docs)
    raw = context.data_sources.add_postgres("raw", connection_string=_url(where, settings))
    wanted = expectations(run.as_of, measured)
    rows: list[Row] = []
    for source, spec in specification().items():
        ours = [each for each in wanted if each.source == source]
        rows += _source(engine, context, raw, spec["table"], ours)
        if source not in measured:
            rows.append(_row(Expected(source, "row_count_drifts", "WARNING", "", "", {}), NOT_CHECKED,
                             sentence="not checked: no earlier day was measured"))
    if docs:
        from runner import sources_docs

        context.build_data_docs()
        sources_docs.make_offline(docs)
    checks = [Check(f"{row['source']}.{row['check_name']}", row["severity"], row["status"], row["sentence"],
                    [_told(row)] if row["status"] == FAILED else [], row["violations"]) for row in rows]
    return Part("sources", checks, {"sources": len(specification()), "expectations": len(rows)}), rows


def _source(engine: Any, context: Any, raw: Any, table: str, ours: list[Expected]) -> list[Row]:
    source = ours[0].source
    try:
        asset = raw.add_table_asset(source, table_name=table)
        batch = asset.add_batch_definition_whole_table("all")
    except Exception:  # their own kinds of error; what it means is the same
        absent = Expected(source, "table_exists", "CRITICAL", "", "", {})
        missing = f"public.{table} does not exist or can't be read"
        return [_row(absent, FAILED, violations=1, sentence=missing),
                *(_row(each, NOT_CHECKED, sentence=f"not checked: {missing}") for each in ours)]
    made = {each.key: getattr(engine.expectations, each.kind)(
        **each.arguments, meta={"check": each.key}, description=each.sentence) for each in ours}
    suite = context.suites.add(engine.ExpectationSuite(name=source, expectations=list(made.values())))
    definition = engine.ValidationDefinition(name=source, data=batch, suite=suite)
    results = context.validation_definitions.add(definition).run(result_format=RESULTS).results
    answered = {result.expectation_config.meta["check"]: result for result in results}
    return [_answer(each, answered.get(each.key)) for each in ours]


def _answer(each: Expected, result: Any) -> Row:
    if result is None or _raised(result.exception_info):
        return _row(each, NOT_CHECKED, sentence="not checked: the table does not have what this asks for")
    found = result.result or {}
    counted = found.get("unexpected_count")
    if each.kind == "UnexpectedRowsExpectation":
        counted = found.get("observed_value")
    if each.name == "has_its_columns":
        mismatched = (found.get("details") or {}).get("mismatched") or {}
        counted = len(mismatched.get("missing", []))
        observed = ", ".join(mismatched.get("missing", [])) or None
    else:
        observed = None if isinstance(found.get("observed_value"), list) else found.get("observed_value")
    status = PASSED if result.success else FAILED
    violations = 0 if result.success and not counted else counted or 1
    return _row(each, status, violations=violations, rows=found.get("element_count"), observed=observed,
                sentence=each.sentence)


def _raised(info: Any) -> bool:
    """Whether the expectation ended in an error: told flat, or by metric."""
    if not isinstance(info, dict):
        return False
    return bool(info.get("raised_exception")) or any(
        isinstance(each, dict) and each.get("raised_exception") for each in info.values())


def _row(each: Expected, status: str, *, violations: int | None = None, rows: int | None = None,
         observed: Any = None, sentence: str) -> Row:
    return {"source": each.source, "check_name": each.name, "column_name": each.arguments.get("column"),
            "severity": each.severity, "status": status, "violations": violations, "rows_checked": rows,
            "observed": None if observed is None else str(observed), "sentence": sentence}


def _told(row: Row) -> Row:
    return {name: row[name] for name in ("violations", "rows_checked", "observed") if row[name] is not None}


def _keep(run: Run, rows: list[Row]) -> None:
    with database.transaction(run.session) as cursor:
        for number, row in enumerate(rows, 1):
            cursor.execute(queries.get("sources", "keep_check"), {"run_id": run.run_id, "check_no": number, **row})


def _url(where: database.Server, settings: Settings) -> str:
    """The server as Great Expectations wants it: an address with a host, also where a socket is meant."""
    from sqlalchemy import URL

    socket = where.host.startswith("/")
    query = {name: value for name, value in where.conninfo().items() if name.startswith("ssl")}
    query["application_name"] = "cabinet14d sources"
    query["options"] = f"-c statement_timeout={settings.text('statement_timeout')} -c jit=off -c search_path=public"
    if socket:
        query.update(host=where.host, port=where.port)
    url = URL.create("postgresql+psycopg2", where.user, where.password or None,
                     "localhost" if socket else where.host, None if socket else int(where.port), where.dbname, query)
    return url.render_as_string(hide_password=False)


def _add_site(context: Any, docs: Path) -> None:
    store = {"class_name": "TupleFilesystemStoreBackend", "base_directory": str(docs.resolve())}
    site = {"class_name": "SiteBuilder", "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
            "store_backend": store}
    context.add_data_docs_site(site_name="offline", site_config=site)
