"""The normaliser against one table of cases and against plain Python, on the server that the tests run on."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as tries
from hypothesis import strategies as st

from runner import warehouse
from runner.database import Server
from runner.settings import Settings
from tests import harness

CASES = Path(__file__).resolve().parents[1] / "identity_cases.csv"
PARTICLES = {"DE", "DEL", "LA", "LOS", "LAS", "EL", "Y", "E"}
KINDS = ("phone", "plate", "licence", "name")


def phone_key(text: str) -> str | None:
    """D-8 in plain Python."""
    digits = re.sub("[^0-9]", "", text)
    return digits[-9:] if len(digits) >= 8 and len(set(digits[-9:])) > 1 else None


def document_key(text: str, at_least: int) -> str | None:
    """Plates and licences in plain Python; only ASCII letters have a capital here."""
    signs = re.sub("[^A-Z0-9]", "", "".join(c.upper() if c.isascii() else c for c in text))
    useful = at_least <= len(signs) <= 20 and any(c.isdigit() for c in signs) and len(set(signs)) > 1
    return signs if useful else None


def name_key(text: str) -> str | None:
    """The parts of a name in plain Python."""
    whole = re.sub("[?\ufffd]|Ã[^A-Za-z ]", "", text[:250])
    bare = re.sub("[\u0300-\u036f]", "", unicodedata.normalize("NFD", whole))
    parts = {part.upper() for part in re.findall("[A-Za-z]+", bare)} - PARTICLES
    return " ".join(sorted(parts)) or None


PLAIN = {
    "phone": phone_key,
    "plate": lambda text: document_key(text, 5),
    "licence": lambda text: document_key(text, 6),
    "name": name_key,
}


def cases() -> list[tuple[str, str, str | None]]:
    """Kind, text and key of every case; an empty key is null."""
    with CASES.open(encoding="utf-8", newline="") as file:
        return [(row["kind"], row["text"], row["key"] or None) for row in csv.DictReader(file)]


@pytest.fixture(scope="module")
def sql(settings: Settings) -> dict[str, str]:
    """The macros as PostgreSQL sees them, one expression over the column `text` per kind."""
    from runner import database

    inline = " union all ".join(
        f"select '{kind}' as kind, $x${{{{ {kind}_key('text') }}}}$x$ as expression" for kind in KINDS
    )
    results = warehouse.run_dbt(database.server(settings), settings, ["compile", "--inline", inline], {})
    code = results[0].node.compiled_code
    return dict(re.findall(r"select '(\w+)' as kind, \$x\$(.*?)\$x\$", code, re.DOTALL))


def keys(where: Server, expression: str, texts: list[str]) -> list[str | None]:
    """The key of each text, as the database makes it."""
    with closing(harness.connect(where)) as session, session, session.cursor() as cursor:
        cursor.execute(
            f"select {expression} from unnest(%s) with ordinality as t (text, place) order by place", (texts,)
        )
        return [key for (key,) in cursor.fetchall()]


@pytest.mark.parametrize("kind", KINDS)
def test_cases(fresh_database: Server, sql: dict[str, str], kind: str) -> None:
    """Every case of the table, in SQL and in Python."""
    ours = [(text, key) for of, text, key in cases() if of == kind]
    assert keys(fresh_database, sql[kind], [text for text, _ in ours]) == [key for _, key in ours]
    assert [PLAIN[kind](text) for text, _ in ours] == [key for _, key in ours]


TEXTS = st.lists(
    st.text(
        st.sampled_from("aAzZéÉñÑüÜçß0189 -.'+()\t¿ŁøİıÅ李\u0301")
        | st.characters(codec="utf-8", exclude_characters="\0")
    ),
    min_size=40,
    max_size=40,
)


@tries(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(TEXTS)
def test_any_text(fresh_database: Server, sql: dict[str, str], texts: list[str]) -> None:
    """A thousand texts of every kind of sign: the same key on both sides."""
    for kind in KINDS:
        assert keys(fresh_database, sql[kind], texts) == [PLAIN[kind](text) for text in texts], kind


def test_null_has_no_key(fresh_database: Server, sql: dict[str, str], settings_for: Callable[..., Settings]) -> None:
    """Missing is null, never ''."""
    with closing(harness.connect(fresh_database)) as session, session, session.cursor() as cursor:
        for kind in KINDS:
            cursor.execute(f"select {sql[kind]} from (select cast(null as text) as text) as t")
            assert cursor.fetchone() == (None,)
