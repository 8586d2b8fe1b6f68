"""Reads the documents: their fenced blocks, the commands in them and what is said to come out.

Conventions of a document, all visible in its source. `console` blocks hold commands after `$ ` and the lines they
print (`…` is any text, a line `…` any lines); a command ends with 0 unless `$ echo $?` follows. `sql` blocks are
queries; a `text` block right after one holds its rows. Before a block that can't be run stands
`<!-- no se ejecuta: reason -->`. `<!-- prueba: … -->` says on which database what follows is run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FENCE = re.compile(r"^\s*```(\w*)\s*$")
SKIP = re.compile(r"^<!-- no se ejecuta: (.+) -->$")
DIRECTIVE = re.compile(r"^<!-- prueba: (.+) -->$")
# What a person of either platform types; only the first is run here.
COMMANDS, WINDOWS, CONTENT = ("console", "shell"), ("powershell",), ("text", "toml", "ini", "csv", "xml", "yaml", "")


@dataclass(frozen=True)
class Block:
    """One fenced block, with the line of its first line."""

    document: str
    line: int
    language: str
    lines: tuple[str, ...]
    skipped: str | None = None
    expected: tuple[str, ...] | None = None

    @property
    def where(self) -> str:
        """For messages."""
        return f"{self.document}:{self.line}"


@dataclass(frozen=True)
class Step:
    """One command of a console block and the lines it is said to print."""

    command: str
    expected: tuple[str, ...]
    where: str


def documents() -> dict[str, str]:
    """Name and text of every document of the product."""
    paths = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    return {path.name: path.read_text(encoding="utf-8") for path in paths}


def parts(name: str, text: str) -> Iterator[Block | str]:
    """The blocks of a document and, as plain text, its directives, in order."""
    lines = iter(enumerate(text.splitlines(), 1))
    skipped: str | None = None
    waiting: Block | None = None  # a query, until what follows shows whether its rows are told
    for number, line in lines:
        if not line.strip():
            continue
        fence = FENCE.match(line)
        if fence:
            block = Block(name, number + 1, fence[1], tuple(_until_fence(lines)), skipped)
            if waiting and block.language == "text":
                yield Block(name, waiting.line, "sql", waiting.lines, waiting.skipped, block.lines)
                waiting, skipped = None, None
                continue
            if waiting:
                yield waiting
            waiting = block if block.language == "sql" else None
            if waiting is None:
                yield block
            skipped = None
            continue
        if waiting:
            yield waiting
            waiting = None
        marked, directed = SKIP.match(line.strip()), DIRECTIVE.match(line.strip())
        skipped = marked[1] if marked else None
        if directed:
            yield directed[1]
    if waiting:
        yield waiting


def _until_fence(lines: Iterator[tuple[int, str]]) -> Iterator[str]:
    for _, line in lines:
        if FENCE.match(line):
            return
        yield line


def steps(block: Block) -> list[Step]:
    """The commands of a console block, each with the lines up to the next one."""
    found: list[Step] = []
    first = block.lines[0] if block.lines else ""
    prompt = " " * (len(first) - len(first.lstrip())) + "$ "
    for offset, line in enumerate(block.lines):
        if line.startswith(prompt):
            found.append(Step(line[len(prompt):].strip(), (), f"{block.document}:{block.line + offset}"))
        elif found:
            last = found[-1]
            found[-1] = Step(last.command, (*last.expected, line), last.where)
    return found


def typed(block: Block) -> list[str]:
    """Every line that a person types in a block of either platform."""
    if block.language in COMMANDS:
        return [step.command for step in steps(block)]
    prompt = re.compile(r"^\s*(PS> )?")
    return [prompt.sub("", line) for line in block.lines if line.strip()] if block.language in WINDOWS else []


def agrees(expected: tuple[str, ...], printed: list[str]) -> bool:
    """Whether what was printed is what is told; runs of blanks count as one, `…` as anything."""
    pattern = ""
    for line in expected:
        told = _plain(line)
        if told == "…":
            pattern += r"(?:[^\n]*\n)*?"
        elif told:
            pattern += ".*?".join(re.escape(piece) for piece in re.split(r" ?… ?", told)) + r"\n"
    text = "".join(f"{_plain(line)}\n" for line in printed if line.strip())
    return re.fullmatch(pattern, text) is not None


def _plain(line: str) -> str:
    rule = line.strip() and set(line) <= set("-+ ")
    return "---" if rule else " ".join(line.split())
