"""Every command and query of the documents does what they say, and everything that they name exists."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from runner import demo
from runner.database import Server
from runner.settings import Settings
from tests import document_names as names
from tests import harness
from tests.conftest import new_database, settings_at, temporary_folder
from tests.document_runs import Desk
from tests.documents import COMMANDS, CONTENT, WINDOWS, Block, documents, parts

DEPLOYMENT = "despliegue.md"
EMPTY, BEFORE, AFTER = "base vacía", "antes de la noche", "después de la noche"
OPERATORS = {"indice.md", "limbo.md", "brecha-de-claims.md", DEPLOYMENT, "inventario.md", "primera-semana.md",
             "problemas.md", "equivalencias.md", "planificador.md", "respaldo.md", "roles.md"}
# design.md, section 3: what others rely on.
RELATIONS = ("v_cabinet_leads_limbo", "v_cabinet_claims_expected_14d", "v_cabinet_claims_gap_14d",
             "v_claims_expected_vs_present_14d", "v_cabinet_14d_funnel_audit_weekly", "v_claims_payment_status_cabinet",
             "v_cabinet_financial_14d", "v_cabinet_alerts", "cabinet_metrics_daily", "v_cabinet_stage_history",
             "v_cabinet_exclusions", "runs", "run_steps")
EARLIER = (
    "reconcile_cabinet_claims_14d", "reconcile_cabinet_leads_pipeline", "check_limbo_alerts", "validate_limbo",
    "validate_claims_gap_before_after", "validate_system_end_to_end", "verify_no_duplicate_claims",
    "verify_claims_do_not_depend_on_paid", "--threshold-no-identity", "--threshold-pct-identity",
    "--days-trips-no-claim", "--only-gaps", "--only-limbo", "--only-milestone", "--week-start", "--days-back",
    "--output-json", "--output-csv", "--stage", "--check-rules-only", "--gap-reason", "--skip-ui", "--base-url",
    "alembic upgrade head", "019_fix_claims_gap_expected_amount", "uvicorn app.main:app", "npm run dev",
    "localhost:3000", "mv_claims_payment_status_cabinet", "mv_yango_cabinet_claims_for_collection", "drivers_index",
    "ingestion_runs", "CT4 - Reconcile Cabinet Claims 14d", "CT4 - Reconcile Cabinet Leads Pipeline",
    "CT4 - Check Limbo Alerts", "crontab", "systemd", "reconcile_claims.log", "reconcile_leads.log",
    "limbo_alerts.log", "mv_refresh.log", "AUTO_PROCESS_LEADS", "AUTO_PROCESS_INTERVAL_MINUTES",
    "AUTO_PROCESS_MIN_PENDING", "limbo_and_claims_gap.md", "scheduler_cabinet_14d.md",
    "CHECKLIST_DEPLOYMENT_CABINET_14D.md", "PASO1_INVENTARIO_CABINET_14D.md",
    *(f"paso {number}," for number in range(6, 15)),
)
# Written for developers, in English: only what they say of commands, relations and codes is checked.
DEVELOPERS = {"README.md", "decisions.md", "identity.md", "collection-example.md"}
# Blocks that can't be run here, with their reason in the document; a new one must be counted on purpose.
SKIPPED = {"brecha-de-claims.md": 1, DEPLOYMENT: 11, "indice.md": 3, "limbo.md": 1, "problemas.md": 4,
           "planificador.md": 3, "respaldo.md": 1, "roles.md": 1}


@dataclass
class Office:
    """Where operators sit: their files, and databases by how far the deployment had come."""

    settings: Settings
    folder: Path
    stack: ExitStack
    saved: dict[str, str] = field(default_factory=lambda: {EMPTY: "template0"})
    errors: list[str] = field(default_factory=list)

    @contextmanager
    def desk(self, template: str) -> Iterator[Desk]:
        """A desk on a database of its own."""
        with new_database(self.settings, template) as where:
            yield Desk(where, self.settings, self.folder)

    def read(self, name: str, text: str) -> list[str]:
        """Run a document's blocks in order, each part on the database that it asks for; what differs."""
        with ExitStack() as stack:
            desk, errors = stack.enter_context(self.desk(self.saved[BEFORE])), []
            for part in parts(name, text):
                if isinstance(part, Block):
                    desk.run(part)
                else:
                    errors += desk.errors
                    stack.close()
                    desk = stack.enter_context(self.desk(self.saved[part]))
            return errors + desk.errors

    def deploy(self, name: str, text: str) -> None:
        """Follow the deployment, and keep the databases that other documents start from."""
        with ExitStack() as stack:
            desk = stack.enter_context(self.desk("template0"))
            for part in parts(name, text):
                if isinstance(part, Block):
                    desk.run(part)
                elif part == EMPTY:
                    self.errors += desk.errors
                    stack.close()
                    desk = stack.enter_context(self.desk("template0"))
                else:
                    self._save(part, desk.where)
            self.errors += desk.errors

    def _save(self, state: str, where: Server) -> None:
        copy = self.stack.enter_context(new_database(self.settings, where.dbname))
        self.saved[state] = copy.dbname


@pytest.fixture(scope="session")
def office(settings: Settings) -> Iterator[Office]:
    """The deployment followed from an empty database, as its document tells it; the sample's files lie at hand."""
    with temporary_folder() as folder, ExitStack() as stack:
        demo.write(folder)
        place = Office(settings, folder, stack)
        place.deploy(DEPLOYMENT, documents()[DEPLOYMENT])
        assert set(place.saved) == {EMPTY, BEFORE, AFTER}, place.errors
        yield place


@pytest.fixture(scope="session")
def known(office: Office) -> names.Known:
    """What exists."""
    from runner.web.app import create_app

    with office.desk(office.saved[AFTER]) as desk, closing(harness.connect(desk.where)) as session:
        return names.known_of(session, create_app(settings_at(desk.where, office.folder), require_token=False))


def blocks(name: str) -> list[Block]:
    return [part for part in parts(name, documents()[name]) if isinstance(part, Block)]


def test_the_deployment_prints_what_its_document_says(office: Office) -> None:
    assert not office.errors, "\n".join(office.errors)


@pytest.mark.parametrize("name", [name for name in documents() if name != DEPLOYMENT])
def test_commands_and_queries_do_what_the_document_says(office: Office, name: str) -> None:
    errors = office.read(name, documents()[name])
    assert not errors, "\n".join(errors)


@pytest.mark.parametrize("name", documents())
def test_everything_that_a_document_names_exists(known: names.Known, name: str) -> None:
    found = names.problems(name, documents()[name], known, strict=name not in DEVELOPERS)
    assert not found, "\n".join(found)


def test_every_command_relation_rule_and_reason_is_in_some_document() -> None:
    told = "\n".join(text for name, text in documents().items() if name not in ("decisions.md", "README.md"))
    absent = [" ".join(words) for words in names.commands() if f"cabinet14d {' '.join(words)}" not in told]
    absent += [name for name in RELATIONS if f"ops.{name}" not in told]
    absent += [rule["rule"] for rule in names.rules() if f"`{rule['rule']}`" not in told]
    absent += [code for code in names.reasons() if f"`{code}`" not in told]
    assert not absent


def test_what_is_not_run_says_why_and_is_counted() -> None:
    """No block is left out silently: its language is run, or is content, or it carries a reason."""
    found = {name: [block for block in blocks(name) if block.skipped] for name in documents()}
    assert {name: len(skipped) for name, skipped in found.items() if skipped and name in OPERATORS} == SKIPPED
    silent = [block.where for name in documents() for block in blocks(name)
              if not block.skipped and block.language not in (*COMMANDS, *WINDOWS, "sql", *CONTENT)]
    assert not silent
    assert not [block.where for name in OPERATORS for block in blocks(name)
                if block.language in WINDOWS and not block.skipped]


def test_links_lead_to_files_and_headings() -> None:
    texts = documents()
    links = [(name, *link) for name, text in texts.items()
             for link in re.findall(r"\]\(([\w./-]+\.(?:md|png))?(?:#([\w-]+))?\)", text)]
    folder = {name: names.ROOT / ("" if name == "README.md" else "docs") for name in texts}
    assert not [(name, path) for name, path, _ in links
                if path and not (folder[name] / path).exists()]
    assert not [(name, path, anchor) for name, path, anchor in links
                if anchor and (path or name) in texts and anchor not in anchors(texts[path or name])]


def anchors(text: str) -> set[str]:
    """What a link may lead to in a document: its headings, in small letters, without signs, blanks as dashes."""
    return {re.sub(r"[^\w -]", "", heading.lower()).strip().replace(" ", "-")
            for heading in re.findall(r"^#+ (.+)$", text, re.MULTILINE)}


def test_everything_of_the_earlier_system_has_its_successor() -> None:
    """What the earlier plan, its jobs, checks and schedule were called, each in the first cell of a row."""
    rows = [line.split(" → ")[0] for line in documents()["equivalencias.md"].splitlines() if " → " in line]
    assert not [old for old in EARLIER if not any(old in row for row in rows)]


# One slip of the pen each, in a copy of the document: the check must see it, and see nothing else.
NAMED = [
    ("limbo.md", "cabinet14d explain 7e18", "cabinet14d explian 7e18"),
    ("limbo.md", "reconcile leads --dry-run --limit 3", "reconcile leads --dry-runn --limit 3"),
    ("limbo.md", "`window_end_14d`", "`window_ends_14d`"),
    ("limbo.md", "| `NO_CANDIDATES` |", "| `NO_CANDIDATE` |"),
    ("limbo.md", "está en `ops.v_cabinet_leads_limbo`", "está en `ops.v_cabinet_lead_limbo`"),
    ("limbo.md", "`cabinet14d validate limbo --stage NO_IDENTITY`", "`cabinet14d validate limbo --stages NO_IDENTITY`"),
    ("limbo.md", "Código `3`: una regla", "Código `7`: una regla"),
    (DEPLOYMENT, "use en su lugar `DB_HOST`", "use en su lugar `DB_HOSTS`"),
    ("inventario.md", "La página es `/pagos/cobranza-yango`", "La página es `/pagos/cobranzas-yango`"),
    ("inventario.md", "cabinet-financial-14d/funnel-gap` |", "cabinet-financial-14d/funnel-gaps` |"),
    ("inventario.md", "| `ping_url`", "| `pings_url`"),
    ("indice.md", ".venv\\Scripts\\Activate.ps1\ncabinet14d runs", ".venv\\Scripts\\Activate.ps1\ncabinet14d run"),
    ("problemas.md", "| `A hard rule is broken` |", "| `A hard rule is torn` |"),
    ("README.md", "    cabinet14d load trips trips.csv", "    cabinet14d laod trips trips.csv"),
]
RUN = [
    ("limbo.md", "NO_IDENTITY    | 202", "NO_IDENTITY    | 203"),
    ("limbo.md", "select limbo_stage, count(*) as leads\nfrom", "select limbo_stages, count(*) as leads\nfrom"),
    ("limbo.md", "?limit=1\"", "?limite=1\""),
    ("limbo.md", "$ echo $?\n0", "$ echo $?\n1"),
    ("brecha-de-claims.md", "6        600.00           0", "6        700.00           0"),
    ("brecha-de-claims.md", "claims expire 39 --by ana", "claims expire 39 --buy ana"),
    ("brecha-de-claims.md", "order by week_start\nlimit 3", "order by week_strat\nlimit 3"),
    ("primera-semana.md", "A1 is silent until 2026-02-01.", "A1 is silent until 2026-02-02."),
    ("problemas.md", "Run 'cabinet14d migrate'.", "Run 'cabinet14d build'."),
]


def spoiled(name: str, good: str, bad: str) -> str:
    text = documents()[name]
    assert good in text
    return text.replace(good, bad, 1)


@pytest.mark.parametrize(("name", "good", "bad"), NAMED)
def test_a_slip_in_a_name_is_seen(known: names.Known, name: str, good: str, bad: str) -> None:
    found = names.problems(name, spoiled(name, good, bad), known, strict=name not in DEVELOPERS)
    assert len(found) == 1, found


@pytest.mark.parametrize(("name", "good", "bad"), RUN)
def test_a_slip_in_what_is_run_or_printed_is_seen(office: Office, name: str, good: str, bad: str) -> None:
    text = spoiled(name, good, bad)
    line = text[:text.index(bad)].count("\n") + 1
    state, block = BEFORE, None
    for part in parts(name, text):
        if isinstance(part, Block):
            block = part if part.line <= line else block
        elif block is None or block.line < line:
            state = part if _stands_before(text, part, line) else state
    assert block is not None
    with office.desk(office.saved[state]) as desk:
        desk.run(block)
    assert 1 <= len(desk.errors) <= 2, desk.errors  # a wrong flag is a wrong code, and other lines


def _stands_before(text: str, directive: str, line: int) -> bool:
    return f"<!-- prueba: {directive} -->" in "\n".join(text.splitlines()[:line])


def test_every_path_that_contributors_are_told_exists() -> None:
    told = (names.ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    paths = re.findall(r"`((?:runner|tests|docs|models|seeds|macros)/[\w./-]*)`", told)
    targets = re.findall(r"^    make ([\w-]+)", told, re.MULTILINE)
    makefile = (names.ROOT / "Makefile").read_text(encoding="utf-8")
    assert len(paths) > 20
    assert not [path for path in paths if not (names.ROOT / path).exists()]
    assert not [target for target in targets if f"\n{target}: " not in makefile]
