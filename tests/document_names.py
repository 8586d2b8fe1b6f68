"""What documents may name (commands, flags, settings, relations, columns, codes, routes), and what is not there."""

from __future__ import annotations

import csv
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import click

from runner import settings as settings_module
from runner.cli import cli
from runner.web.app import BASES
from tests.documents import ROOT, Block, parts, typed

SCHEMAS = ("public", "canon", "ops", "ops_staging", "ops_intermediate")
# Of the page, which no OpenAPI tells.
PAGES = ("/pagos/cobranza-yango", "/entrar", "/salir")
SPAN = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
RELATION = re.compile(rf"\b({'|'.join(SCHEMAS)})\.([a-z_][a-z0-9_]*)(?:\.([a-z_]+))?\b")
EXIT_CODES = re.compile(r"[Cc]ódigos? (?:de salida )?((?:`\d+`(?:, | y | o | a )?)+)")
OURS = re.compile(r"^(?:& )?[\"']?(?:[^\"'\s]*[\\/])?(?:cabinet14d(?:\.exe)?|python\S* -m runner)[\"']?(?:\s+(.*))?$")
# Words of other systems that stand in backticks: theirs are not ours to check.
FOREIGN = re.compile(
    r"^(?:\$|%|[A-Z]:|~|@$|\.venv|localhost|http|postgresql|py\b|python|pip\b|psql|pg_|create|grant|curl|make\b|git"
    r"|systemctl|journalctl|crontab|schtasks|notepad|export\b|set\b|setx|echo|cd\b|sudo|createdb|df\b|CLAVE$|dbt$"
    r"|America/Lima$|(?:DD-MM-YYYY|YYYY-MM-DD)$)"
)
FILE = re.compile(
    r"^[\w./*\\-]+\.(?:csv|xlsx|toml|md|json|sql|html|log|prom|env|service|timer|xml|txt|lock|py|yml|dump|sh)$"
)


@dataclass(frozen=True)
class Known:
    """All that a document may name; `relations` holds the columns of each relation, by schema.name."""

    relations: dict[str, frozenset[str]]
    routes: frozenset[str]
    parameters: frozenset[str]

    @property
    def columns(self) -> frozenset[str]:
        """Every column of every relation."""
        return frozenset().union(*self.relations.values())


def commands(group: click.Group = cli, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The words of every command."""
    for name, command in group.commands.items():
        yield (*path, name)
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))


def wrong_command(text: str) -> str | None:
    """Why the words after `cabinet14d` are no command of ours; placeholders in capitals may stand for arguments."""
    command: click.Command = cli
    flags, words = _flags(cli), shlex.split(text.replace("\\", "/"), comments=True)
    for at, word in enumerate(words):
        if word.startswith("-") and word != "--":
            name = word.partition("=")[0]
            if name not in flags:
                return f"`{command.name}` has no flag {name}"
        elif isinstance(command, click.Group) and not (at and _takes_value(words[at - 1], command)):
            found = command.commands.get(word)
            if found is None:
                return f"there is no command {word!r} in {command.name}"
            command, flags = found, _flags(found)
    return None


def _flags(command: click.Command) -> set[str]:
    own = {name for option in command.params if isinstance(option, click.Option) for name in option.opts}
    return own | {"--help", "-h"}


def _takes_value(word: str, command: click.Command) -> bool:
    return any(word in option.opts and not option.is_flag and option.metavar != ""
               for option in command.params if isinstance(option, click.Option))


# What the documents must tell of, one by one.
TOLD = ("stage", "reason", "identity_reason", "exclusion", "unsupported", "payment_cause", "payment_reason")


@cache
def codes() -> frozenset[str]:
    """Words in capitals that the project itself says: enumerations, rules, settings' variables."""
    found = {spec.env for spec in settings_module.SPECS}
    for folder, ending in (("models", "sql"), ("macros", "sql"), ("runner", "py"), ("runner", "sql")):
        for path in (ROOT / folder).rglob(f"*.{ending}"):
            found.update(re.findall(r"""['"]([A-Z][A-Z0-9_]+)['"]""", path.read_text(encoding="utf-8")))
            found.update(re.findall(r"\bCABINET14D_[A-Z_]+\b", path.read_text(encoding="utf-8")))
    return frozenset(found | {row[name] for row in rules() for name in ("rule", "type")} | _catalogue())


def _catalogue(*kinds: str) -> set[str]:
    with (ROOT / "seeds" / "catalogue.csv").open(encoding="utf-8", newline="") as file:
        return {row["code"] for row in csv.DictReader(file) if not kinds or row["kind"] in kinds}


def reasons() -> set[str]:
    """Every stage and reason that operators meet."""
    return _catalogue(*TOLD)


@cache
def rules() -> tuple[dict[str, str], ...]:
    """The rules of alerts."""
    with (ROOT / "seeds" / "alert_rules.csv").open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


@cache
def words() -> frozenset[str]:
    """Lower-case words that are ours: settings, metrics, parts of commands, values that the seeds and models write."""
    found = {spec.name for spec in settings_module.SPECS} | {word for path in commands() for word in path}
    found |= {row[name] for row in rules() for name in ("metric", "family", "scope")}
    for path in [*(ROOT / "models").rglob("*.sql"), *(ROOT / "runner").rglob("*.py")]:
        found.update(re.findall(r"""['"]([a-z][a-z0-9_]+)['"]""", path.read_text(encoding="utf-8")))
    return frozenset(found)


@cache
def messages() -> str:
    """All that the runner can say, and more."""
    return "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "runner").rglob("*.py"))


def problems(name: str, text: str, known: Known, *, strict: bool = True) -> list[str]:
    """What a document names and does not exist, with the line; not `strict`: only what is plainly ours."""
    found = [f"{block.where}: {problem}" for block in parts(name, text) if isinstance(block, Block)
             for line in typed(block) for problem in [_typed(line, known)] if problem]
    for number, line in _prose(text):
        line = _without_old(line)
        found += [f"{name}:{number}: {problem}" for problem in _in_prose(line, known, strict)]
        indented = re.match(r"    (cabinet14d .*)", line)
        found += [f"{name}:{number}: {problem}" for problem in [indented and _typed(indented[1], known)] if problem]
    return found


def _typed(line: str, known: Known) -> str | None:
    ours = OURS.search(line)
    if ours:
        return wrong_command(ours[1] or "")
    address = re.search(r"https?://[^/\s\"']+(/[^\s\"']*)", line)
    return _wrong_route(address[1], known) if address and "cabinet" in address[1] else None


def _prose(text: str) -> Iterator[tuple[int, str]]:
    """Lines outside fences, without their HTML comments."""
    inside = False
    for number, line in enumerate(text.splitlines(), 1):
        if line.lstrip().startswith("```"):
            inside = not inside
        elif not inside:
            yield number, re.sub(r"<!--.*?-->", "", line)


def _without_old(line: str) -> str:
    """A row of a table of equivalences without its first cell, which names what is gone: its cells part at ' → '."""
    return line.partition(" → ")[2] if " → " in line and line.startswith("|") else line


def _in_prose(line: str, known: Known, strict: bool) -> Iterator[str]:
    for schema, relation, column in RELATION.findall(line):
        columns = known.relations.get(f"{schema}.{relation}")
        if columns is None:
            yield f"there is no relation {schema}.{relation}"
        elif column and column not in columns:
            yield f"{schema}.{relation} has no column {column}"
    for listed in EXIT_CODES.findall(line):
        yield from (f"there is no exit code {code}" for code in re.findall(r"\d+", listed) if int(code) > 4)
    for span in SPAN.findall(line):
        problem = _wrong_span(span, known) if strict or span.startswith(("cabinet14d ", "--")) else None
        if problem:
            yield problem


def _wrong_span(span: str, known: Known) -> str | None:
    first = span.split()[0] if span.split() else ""
    ours = OURS.search(span)
    if ours:
        return wrong_command(ours[1] or "")
    if FOREIGN.match(span) or FILE.match(span) or RELATION.match(span) or re.fullmatch(r"[\d.:, /-]+", span):
        return None
    if first.startswith("--"):
        flags = set().union(*(_flags(_command(path)) for path in [(), *commands()]))
        return None if first.partition("=")[0] in flags else f"no command has the flag {first}"
    if first.startswith("/"):
        return _wrong_route(span, known)
    if " " in span and span in messages():
        return None
    return None if all(_is_known(word, known) for word in re.findall(r"[\w-]+", span)) else f"nothing is named `{span}`"


def _command(path: tuple[str, ...]) -> click.Command:
    command: click.Command = cli
    for word in path:
        assert isinstance(command, click.Group)
        command = command.commands[word]
    return command


def _is_known(word: str, known: Known) -> bool:
    relations = {name.partition(".")[2] for name in known.relations}
    ours: tuple[frozenset[str] | set[str], ...] = (known.columns, relations, codes(), words(), known.parameters)
    return (word.isdecimal() or word in SCHEMAS or word.upper() in codes()
            or any(word in each for each in ours) or re.fullmatch(r"\d{4}-\d\d-\d\d|true|false|null", word) is not None)


def _wrong_route(text: str, known: Known) -> str | None:
    address = urlsplit(text)
    patterns = (re.sub(r"\{\w+\}", "[^/]+", route) for route in known.routes)
    if not any(re.fullmatch(pattern, address.path) for pattern in patterns):
        return f"there is no route {address.path}"
    unknown = [name for name, _ in parse_qsl(address.query, keep_blank_values=True) if name not in known.parameters]
    return f"no route has the parameter {unknown[0]}" if unknown else None


def known_of(session: Any, application: Any) -> Known:
    """What exists in a database and in the application."""
    with session.cursor() as cursor:
        cursor.execute(
            "select n.nspname || '.' || c.relname, coalesce(array_agg(cast(a.attname as text))"
            " filter (where a.attnum > 0 and not a.attisdropped), '{}')"
            " from pg_class c join pg_namespace n on n.oid = c.relnamespace"
            " left join pg_attribute a on a.attrelid = c.oid"
            " where n.nspname = any(%s) and c.relkind in ('r', 'v', 'm') group by 1", (list(SCHEMAS),))
        relations = {name: frozenset(columns) for name, columns in cursor.fetchall()}
        cursor.execute("select n.nspname || '.' || p.proname from pg_proc p"
                       " join pg_namespace n on n.oid = p.pronamespace where n.nspname = any(%s)", (list(SCHEMAS),))
        relations |= {name: frozenset() for (name,) in cursor.fetchall()}
    published = application.openapi()
    parameters = {each["name"] for operations in published["paths"].values() for operation in operations.values()
                  for each in operation.get("parameters", [])}
    paths = {*published["paths"], application.openapi_url, *BASES, *PAGES}
    return Known(relations, frozenset(paths), frozenset(parameters | {"lang", "tab"}))
