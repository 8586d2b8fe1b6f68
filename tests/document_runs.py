"""Runs what a document tells a person to type, in this process and as on a terminal, and says where it differs."""

from __future__ import annotations

import io
import json
import os
import re
import shlex
import signal
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any
from unittest import mock

import httpx
import psycopg2

from runner import chain, cli, demo
from runner.database import Server
from runner.settings import Settings
from tests import web_server
from tests.conftest import settings_at
from tests.documents import COMMANDS, Block, agrees, steps

ADDRESS = re.compile(r"http://(?:127\.0\.0\.1|localhost):8000")


class Terminal(io.StringIO):
    """Standard output and error of one command, as a person sees them."""

    def isatty(self) -> bool:
        """It is one, so that progress is said as on one."""
        return True

    def shown(self) -> list[str]:
        """The lines that stay on the screen, without colours."""
        plain = re.sub(r"\x1b\[[0-9;]*m", "", self.getvalue())
        return [line.rpartition("\r")[2].rstrip() for line in plain.split("\n") if line.rpartition("\r")[2].strip()]


@dataclass
class Desk:
    """An operator's place: a folder, a database, and what the last command ended with."""

    where: Server
    settings: Settings
    folder: Path
    last_code: int = 0
    errors: list[str] = field(default_factory=list)

    def run(self, block: Block) -> None:
        """Run one block; what differs is noted."""
        if block.skipped:
            return
        if block.language == "sql":
            self._query(block)
        elif block.language in COMMANDS:
            self._commands(block)

    def _commands(self, block: Block) -> None:
        wanted = steps(block)
        for number, step in enumerate(wanted):
            if step.command == "echo $?":
                printed = [str(self.last_code)]
            else:
                printed = self.type(step.command)
                asked = number + 1 < len(wanted) and wanted[number + 1].command == "echo $?"
                if self.last_code and not asked:
                    self.errors.append(f"{step.where}: {step.command}: exit code {self.last_code}: {printed[-2:]}")
            if not agrees(step.expected, printed):
                told, found = "\n".join(step.expected), "\n".join(printed)
                self.errors.append(f"{step.where}: {step.command}\n--- told\n{told}\n--- printed\n{found}")

    def type(self, command: str) -> list[str]:
        """The lines that a command prints; its exit code is kept."""
        words = shlex.split(command)
        if words[0] == "curl":
            return self._fetch(words[-1])
        if words[0] != "cabinet14d":
            self.last_code = 127
            return [f"{words[0]} can't be run by this test: mark the block"]
        screen = Terminal()
        with here(self), redirect_stdout(screen), redirect_stderr(screen), mock.patch.object(sys, "argv", words):
            try:
                cli.main()
            except SystemExit as stop:
                self.last_code = int(stop.code or 0)
        return screen.shown()

    def _fetch(self, address: str) -> list[str]:
        from runner.web.app import create_app

        app = create_app(settings_at(self.where, self.settings.home), require_token=False)
        with web_server.running(app) as real:
            answer = httpx.get(ADDRESS.sub(real, address))
        self.last_code = 0  # as curl without --fail
        return answer.text.splitlines()

    def _query(self, block: Block) -> None:
        try:
            printed = self.ask("\n".join(block.lines))
        except psycopg2.Error as error:
            self.errors.append(f"{block.where}: {str(error).splitlines()[0]}")
            return
        if block.expected is not None and not agrees(block.expected, printed):
            told, found = "\n".join(block.expected), "\n".join(printed)
            self.errors.append(f"{block.where}: query\n--- told\n{told}\n--- printed\n{found}")

    def ask(self, query: str) -> list[str]:
        """A query's rows as psql prints them."""
        with closing(psycopg2.connect(**self.where.conninfo())) as session, session.cursor() as cursor:
            session.set_session(readonly=True)
            cursor.execute(query)
            rows = [[_cell(value) for value in row] for row in cursor.fetchall()]
            return table([column.name for column in cursor.description or []], rows)


def table(names: list[str], rows: list[list[str]]) -> list[str]:
    """Names, a rule, rows and their number, as psql prints them but for its padding."""
    widths = [max(len(row[at]) for row in [names, *rows]) for at in range(len(names))]
    lines = [" | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in [names, *rows]]
    rule = "-+-".join("-" * width for width in widths)
    return [line.rstrip() for line in (lines[0], rule, *lines[1:])]


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "t" if value else "f"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else str(value)


@contextmanager
def here(desk: Desk, today: date = demo.AS_OF) -> Iterator[None]:
    """In the operator's folder and environment, on the sample's day."""
    before, handler = Path.cwd(), signal.getsignal(signal.SIGTERM)
    server = desk.where
    names = {"DB_HOST": server.host, "DB_PORT": server.port, "DB_NAME": server.dbname, "DB_USER": server.user,
             "DB_PASSWORD": server.password, "CABINET14D_HOME": str(desk.settings.home)}
    given = {name: value for name, value in names.items() if value}
    os.chdir(desk.folder)
    try:
        with mock.patch.dict(os.environ, given), mock.patch.object(chain, "today", lambda _settings: today):
            yield
    finally:
        os.chdir(before)
        signal.signal(signal.SIGTERM, handler)
