"""Words of a trace: every code that its SQL can give, and every label that its forms ask for, is in the catalogue."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

from runner.explain import KINDS
from runner.texts import Texts

ROOT = Path(__file__).parents[2]
CATALOGUE = list(csv.DictReader((ROOT / "seeds" / "catalogue.csv").open(encoding="utf-8")))
SHOWN = ("runner/explain_text.py", "runner/explain_steps.py", "runner/web/templates/trace.html", "runner/web/trace.py")
CODES = {(row["kind"], row["code"]) for row in CATALOGUE}


@pytest.mark.parametrize("name", ["identity", "trip", "claim"])
def test_every_way_on_has_its_words(name: str) -> None:
    """A code without a sentence would be a trace that says nothing."""
    sql = (ROOT / f"models/intermediate/trace/int_trace__{name}_moves.sql").read_text(encoding="utf-8")
    codes = set(re.findall(r"(?:then|else) '([A-Z_]+)'", sql)) | set(re.findall(r"^\s+'([A-Z_]+)',$", sql, re.M))
    movers = {code for kind, code in CODES if kind == "mover"}
    keys = {code for kind, code in CODES if kind == "lead_key"}
    unknown = {code for code in codes - movers - keys if ("move", code) not in CODES}
    assert unknown == set() and len(codes - movers - keys) >= 3


def test_every_reason_of_a_hit_has_its_words() -> None:
    """Why a candidate was dropped, as the rules say it."""
    sql = (ROOT / "models/intermediate/identity/int_identity__candidates.sql").read_text(encoding="utf-8")
    codes = set(re.findall(r"then '([A-Z_]+)'", sql))
    assert codes and {code for code in codes if ("hit", code) not in CODES} == set()
    rules = set(re.findall(r"'(\w+)' as rule,", sql))
    assert len(rules) == 5 and {rule for rule in rules if ("rule", rule) not in CODES} == set()


def test_every_label_that_is_asked_for_exists() -> None:
    """In the text form, the page, and the parts; in both languages."""
    asked = set()
    for path in SHOWN:
        source = (ROOT / path).read_text(encoding="utf-8")
        asked |= set(re.findall(r"say\(\s*[\"'](\w+)[\"']", source)) | set(re.findall(r"step\(\d, '(\w+)'", source))
        asked |= set(re.findall(r"label\(\"trace\", \"(\w+)\"", source))
    assert len(asked) > 50 and {code for code in asked if ("trace", code) not in CODES} == set()
    ours = [row for row in CATALOGUE if row["kind"] in KINDS]
    assert [row for row in ours if not row["label_es"] or not row["label_en"]] == []
    halves = [(row[f"{part}_es"], row[f"{part}_en"]) for row in ours for part in ("detail", "action")]
    assert [pair for pair in halves if bool(pair[0]) != bool(pair[1])] == []
    different = [pair for pair in halves if set(re.findall(r"{\w+}", pair[0])) != set(re.findall(r"{\w+}", pair[1]))]
    assert different == []


def test_texts_fill_in_and_never_hide_a_code() -> None:
    """A missing value is empty, an unknown code is shown as it is, a value is never a template."""
    texts = Texts([{"kind": "move", "code": "X", "label": "L", "detail": "{a} y {b}", "action": None}])
    assert texts.detail("move", "X", a="{b}", b=None) == "{b} y "
    assert (texts.label("move", "Y"), texts.detail("move", "Y"), texts.action("move", "X")) == ("Y", "", "")
    assert texts.label("move", None) == ""
