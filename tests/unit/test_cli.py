"""The command line as people read it: help with an example for every command, 80 columns, and the README."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from runner.cli import cli

README = (Path(__file__).resolve().parents[2] / "README.md").read_text(encoding="utf-8")


def commands(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command with the words that call it."""
    for name, command in group.commands.items():
        yield (*path, name), command
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))


ALL = [words for words, _ in commands(cli)]


@pytest.mark.parametrize("words", [(), *ALL], ids=" ".join)
def test_help_fits_and_has_an_example(words: tuple[str, ...]) -> None:
    """80 columns, an example that begins as a user would type it, and a sentence for every option."""
    shown = CliRunner().invoke(cli, [*words, "--help"], terminal_width=80).output
    assert max(len(line) for line in shown.splitlines()) <= 80
    assert "Example" in shown and f"cabinet14d {' '.join(words)}".rstrip() in shown


def test_every_option_says_what_it_does() -> None:
    """No option without help."""
    silent = [
        f"{' '.join(words)} {option.name}"
        for words, command in commands(cli)
        for option in command.params
        if isinstance(option, click.Option) and not option.help
    ]
    assert silent == []


def test_the_readme_names_every_command() -> None:
    """And no command that is not there."""
    for words in ALL:
        assert words[-1] in README, words


def test_first_lines_are_whole_in_the_list() -> None:
    """The list of commands does not cut a sentence."""
    listed = CliRunner().invoke(cli, ["--help"], terminal_width=80).output.split("Commands:")[1]
    assert "..." not in listed
