"""Every command and query of the documents does what they say, and everything that they name exists."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
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
from tests.documents import CONTENT, COMMANDS, WINDOWS, Block, documents, parts

DEPLOYMENT = "despliegue.md"
EMPTY, BEFORE, AFTER = "base vacía", "antes de la noche", "después de la noche"
OPERATORS = {"indice.md", "limbo.md", "brecha-de-claims.md", DEPLOYMENT, "inventario.md", "primera-semana.md",
             "problemas.md", "equivalencias.md"}
# design.md, section 3: what others rely on.
RELATIONS = ("v_cabinet_leads_limbo", "v_cabinet_claims_expected_14d", "v_cabinet_claims_gap_14d",
             "v_claims_expected_vs_present_14d", "v_cabinet_14d_funnel_audit_weekly", "v_claims_payment_status_cabinet",
             "v_cabinet_financial_14d", "v_cabinet_alerts", "cabinet_metrics_daily", "v_cabinet_stage_history",
             "v_cabinet_exclusions", "runs", "run_steps")
# Blocks that can't be run here, with their reason in the document; a new one must be counted on purpose.
SKIPPED: dict[str, int] = {}


@dataclass
class Office:
    """Where operators sit: their files, and databases by how far the deployment had come."""

    settings: Settings
    folder: Path
    stack: ExitStack
    saved: dict[str, str] = field(default_factory=dict)
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
        assert set(place.saved) == {BEFORE, AFTER}, place.errors
        yield place


@pytest.fixture(scope="session")
def known(office: Office) -> names.Known:
    """What exists."""
    from runner.web.app import create_app

    with office.desk(office.saved[AFTER]) as desk:
        with closing(harness.connect(desk.where)) as session:
            found = names.known_of(session, create_app(settings_at(desk.where, office.folder), require_token=False))
    return found


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
    found = names.problems(name, documents()[name], known)
    assert not found, "\n".join(found)


def test_every_command_relation_and_rule_is_in_some_document() -> None:
    told = "\n".join(text for name, text in documents().items() if name not in ("decisions.md", "README.md"))
    absent = [" ".join(words) for words in names.commands() if f"cabinet14d {' '.join(words)}" not in told]
    absent += [name for name in RELATIONS if f"ops.{name}" not in told]
    absent += [rule["rule"] for rule in names.rules() if f"`{rule['rule']}`" not in told]
    assert not absent


def test_what_is_not_run_says_why_and_is_counted() -> None:
    """No block is left out silently: its language is run, or is content, or it carries a reason."""
    found = {name: [block for block in blocks(name) if block.skipped] for name in documents()}
    assert {name: len(skipped) for name, skipped in found.items() if skipped and name in OPERATORS} == SKIPPED
    silent = [block.where for name in documents() for block in blocks(name)
              if not block.skipped and block.language not in (*COMMANDS, "sql", *CONTENT)]
    assert not silent
    assert not [block.where for name in OPERATORS for block in blocks(name)
                if block.language in WINDOWS and not block.skipped]


def test_links_lead_to_files() -> None:
    absent = [f"{name}: {link}" for name, text in documents().items()
              for link in re.findall(r"\]\(([\w./-]+?)(?:#[\w-]*)?\)", text)
              if not (names.ROOT / ("" if name == "README.md" else "docs") / link).exists()]
    assert not absent
