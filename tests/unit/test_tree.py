"""The repository's own hygiene: facts about its files that break unseen until somebody else runs them."""

from __future__ import annotations

import ast
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
LIMIT = 400
PYTHON = sorted([*ROOT.glob("runner/**/*.py"), *ROOT.glob("tests/**/*.py")])
MODELS = sorted(ROOT.glob("models/**/*.sql"))

# Put together from parts, so that this file does not find itself.
HOSTS = ["py" + "pi.org", "python" + "hosted.org", "npm" + "js.", "deb." + "debian.org", "crates" + ".io",
         "hub." + "getdbt.com", "ana" + "conda.org", "gh" + "cr.io", "docker" + ".io"]
MACHINE_PATH = re.compile(r"(?<![\w.~}$*-])/(?:work|root|home|Users)/|[A-Z]:\\Users\\")
SECRETS = [
    re.compile(r"postgres(?:ql)?(?:\+\w+)?://[^\s:/@'\"]+:(?P<secret>[^\s@'\"]+)@"),
    re.compile(r"(?i)(?:password|passwd|secret|token|api_key)\s*[=:]\s*['\"](?P<secret>[^'\"\s]{4,})['\"]"),
    re.compile(r"(?P<secret>AK" + r"IA[0-9A-Z]{12,})"),
    re.compile(r"(?P<secret>-----BEGIN [A-Z ]*PRIVATE KEY)"),
]
# What stands for a secret; a made-up one in a test says so by beginning with s3cret.
PLACEHOLDER = re.compile(r"(?i)^(?:password|contraseña|clave|secret|\*+|x+|…|\.{3})$|[{<$%]|^s3cret")

# Constructs that another engine does not know, or answers otherwise without an error (design, section 4).
DO_NOT_TRAVEL = {
    "a cast by ::": r"::",
    "distinct on": r"\bdistinct\s+on\b",
    "a match by ~": r"[\s)!]~\*?[\s'(]",
    "regexp_replace": r"\bregexp_replace\b",
    "to_date": r"\bto_date\b",
    "at time zone": r"\bat\s+time\s+zone\b",
    "generate_series": r"\bgenerate_series\b",
    "string_agg": r"\bstring_agg\b",
    "lateral": r"\blateral\b",
    "recursive": r"\brecursive\b",
    "extract(isodow)": r"\bextract\s*\(\s*isodow\b",
    "similarity": r"\bsimilarity\s*\(",
    "now": r"\b(?:now|transaction_timestamp|statement_timestamp|clock_timestamp)\s*\(",
    "today": r"\b(?:current_date|current_timestamp|localtimestamp|current_time|localtime)\b",
}


def tracked() -> list[Path]:
    """Files of the repository, and those that the next commit would add."""
    listed = subprocess.run(["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others",
                             "--exclude-standard"], cwd=ROOT, capture_output=True, check=True).stdout
    return sorted(path for name in listed.decode().split("\0") if name and (path := ROOT / name).is_file())


def texts() -> dict[str, str]:
    """Tracked text files by name."""
    found = {}
    for path in tracked():
        content = path.read_bytes()
        if b"\0" not in content:
            found[path.relative_to(ROOT).as_posix()] = content.decode("utf-8")  # and all of them are UTF-8
    return found


def lines_with(patterns: list[re.Pattern[str]]) -> list[str]:
    """Where any of the patterns stands, as file:line."""
    return [f"{name}:{number}" for name, text in texts().items()
            for number, line in enumerate(text.splitlines(), 1) if any(p.search(line) for p in patterns)]


# --- files ------------------------------------------------------------------------------------------------

def test_every_python_file_says_its_one_job_first() -> None:
    without = [path.relative_to(ROOT).as_posix() for path in PYTHON
               if path.read_text(encoding="utf-8").strip()
               and not (path.read_text(encoding="utf-8").startswith('"""')
                        and ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))))]
    assert not without


def test_no_source_file_is_longer_than_can_be_read() -> None:
    long = {name: len(text.splitlines()) for name, text in texts().items()
            if name.startswith(("runner/", "models/", "macros/")) and name.endswith((".py", ".sql"))
            and len(text.splitlines()) > LIMIT}
    assert not long


def test_lines_end_as_on_unix_and_files_with_a_line() -> None:
    ours = {name: text for name, text in texts().items() if not re.match(r"tests/.*\.(?:csv|txt)$", name)}
    assert not [name for name, text in ours.items() if "\r" in text or (text and not text.endswith("\n"))]


def test_no_two_files_differ_only_by_case_or_cannot_exist_on_windows() -> None:
    names = [path.relative_to(ROOT).as_posix() for path in tracked()]
    assert len({name.casefold() for name in names}) == len(names)
    assert not [name for name in names if re.search(r'[<>:"|?*\\]|[ .](?:/|$)', name)]


# --- what must not be told --------------------------------------------------------------------------------

def test_no_file_names_a_package_registrys_host() -> None:
    assert not lines_with([re.compile(re.escape(host)) for host in HOSTS])


def test_no_file_names_a_path_of_one_machine() -> None:
    assert not lines_with([MACHINE_PATH])


def test_no_file_holds_a_secret() -> None:
    found = [f"{name}:{number}" for name, text in texts().items()
             for number, line in enumerate(text.splitlines(), 1) for pattern in SECRETS
             for match in pattern.finditer(line) if not PLACEHOLDER.search(match["secret"])]
    assert not found


@pytest.mark.parametrize(("line", "caught"), [
    ("postgresql://ana:hun" + "ter2@db/x", True),
    ("postgresql://user:password@host:5432/database", False),
    ('f"postgresql://ana:{SECRET}@db/x"', False),
    ("pass" + "word = 'hunter2'", True),
    ("DB_PASS" + 'WORD: "hunter2"', True),
    ("password = os.environ['DB_PASSWORD']", False),
    ("AK" + "IAIOSFODNN7EXAMPLE", True),
])
def test_the_search_for_secrets_finds_them(line: str, caught: bool) -> None:
    hits = [match for pattern in SECRETS for match in pattern.finditer(line)]
    assert any(not PLACEHOLDER.search(match["secret"]) for match in hits) is caught


@pytest.mark.parametrize(("line", "caught"), [
    ("/ro" + "ot/.cache", True), ("(/wo" + "rk/main)", True), ("C:\\Us" + "ers\\ana", True),
    ("$HOME/work/x", False), ("{folder}/home/postgres", False), ("the work/home balance", False),
])
def test_the_search_for_machine_paths_finds_them(line: str, caught: bool) -> None:
    assert bool(MACHINE_PATH.search(line)) is caught


# --- the lock ---------------------------------------------------------------------------------------------

def pins() -> dict[str, list[Requirement]]:
    """The lock's requirements by name; some have one version per Python."""
    found: dict[str, list[Requirement]] = {}
    for line in (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines():
        requirement = Requirement(line)
        found.setdefault(canonicalize_name(requirement.name), []).append(requirement)
    return found


def declared() -> list[Requirement]:
    """Every dependency that pyproject.toml names, extras and build system included."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    extras = project["project"]["optional-dependencies"].values()
    groups = [project["build-system"]["requires"], project["project"]["dependencies"], *extras]
    return [Requirement(line) for group in groups for line in group]


def test_the_lock_holds_pins_and_nothing_else() -> None:
    shape = re.compile(r"^[a-z0-9][a-z0-9-]*==[^\s;,*]+(?: ; .+)?$")
    lines = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    assert lines and not [line for line in lines if not shape.match(line)]


def test_the_lock_covers_every_declared_dependency_within_its_bounds() -> None:
    locked = pins()
    missing = [str(wanted) for wanted in declared() if canonicalize_name(wanted.name) not in locked]
    outside = [f"{pin} is not {wanted}" for wanted in declared()
               for pin in locked.get(canonicalize_name(wanted.name), [])
               if not wanted.specifier.contains(next(iter(pin.specifier)).version)]
    assert not missing and not outside


@pytest.mark.parametrize("system", ["linux", "darwin", "win32"])
@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13", "3.14"])
def test_the_lock_names_one_version_of_each_on_every_system(system: str, python: str) -> None:
    where = {"sys_platform": system, "python_version": python, "python_full_version": f"{python}.0",
             "platform_system": {"linux": "Linux", "darwin": "Darwin", "win32": "Windows"}[system],
             "os_name": "nt" if system == "win32" else "posix"}
    for name, requirements in pins().items():
        valid = [pin for pin in requirements if pin.marker is None or Marker(str(pin.marker)).evaluate(where)]
        assert len(valid) == 1 or (not valid and len(requirements) == 1), name


# --- the models -------------------------------------------------------------------------------------------

def bare(sql: str) -> str:
    """SQL without comments, jinja and quoted texts, where such words are harmless."""
    return re.sub(r"(?s)\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}|/\*.*?\*/|--[^\n]*|'(?:[^']|'')*'", " ", sql)


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
def test_models_use_only_sql_that_travels(path: Path) -> None:
    sql = bare(path.read_text(encoding="utf-8"))
    assert not [name for name, pattern in DO_NOT_TRAVEL.items() if re.search(pattern, sql, re.IGNORECASE)]


def test_the_search_for_sql_that_does_not_travel_finds_it() -> None:
    sql = bare("""select a::int, now(), b ~ c, to_date(d, 'x') from generate_series(1, 2)
                  cross join lateral (select current_date) -- distinct on
                  where e = 'string_agg' {# at time zone #}""")
    found = {name for name, pattern in DO_NOT_TRAVEL.items() if re.search(pattern, sql, re.IGNORECASE)}
    assert found == {"a cast by ::", "now", "a match by ~", "to_date", "generate_series", "lateral", "today"}
