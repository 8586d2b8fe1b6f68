"""The wheel as a user gets it: whole, and of use from any folder without this repository."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import temporary_folder

ROOT = Path(__file__).parents[2]
BIN = "Scripts" if os.name == "nt" else "bin"
# Where each part of the repository lies in the wheel.
CARRIED = {
    "dbt_project.yml": "runner/dbt_project/dbt_project.yml",
    "profiles.example.yml": "runner/dbt_project/profiles.yml",
    "models/**/*.*": "runner/dbt_project/{}",
    "macros/**/*.sql": "runner/dbt_project/{}",
    "seeds/**/*.*": "runner/dbt_project/{}",
    "tests/rules/*.sql": "runner/dbt_project/{}",
    "tests/generic/*.sql": "runner/dbt_project/{}",
    "runner/**/*.py": "{}",
    "runner/queries/*.sql": "{}",
    "runner/migrations/**/*.sql": "{}",
}


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A folder for all that these tests make; with what tends to break paths in its name."""
    with temporary_folder() as made:
        (made / "Cobranza 14d ñ").mkdir()
        yield made / "Cobranza 14d ñ"


@pytest.fixture(scope="module")
def wheel(folder: Path) -> Path:
    """The wheel, built from the working tree without asking an index for anything."""
    subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "wheel",
            "-qq",
            "--disable-pip-version-check",
            "--no-deps",
            "--no-index",
            "--no-build-isolation",
            "--wheel-dir",
            folder / "dist",
            ROOT,
        ],
        check=True,
    )
    (built,) = (folder / "dist").glob("cabinet14d-*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, folder: Path) -> Path:
    """The command, in a new environment: the package from the wheel, its dependencies lent by this one."""
    venv.create(folder / "venv", with_pip=False, symlinks=os.name != "nt")
    python = folder / "venv" / BIN / "python"
    subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "--python",
            python,
            "--disable-pip-version-check",
            "install",
            "-qq",
            "--no-deps",
            "--no-index",
            "--root-user-action=ignore",
            wheel,
        ],
        check=True,
    )
    own = subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    lent = sysconfig.get_path("purelib")  # its own .pth files, and so this working tree, are not followed
    Path(own, "lent.pth").write_text(lent + "\n", encoding="utf-8")
    return folder / "venv" / BIN / "cabinet14d"


@pytest.fixture(scope="module")
def elsewhere(folder: Path) -> Path:
    """An empty folder to run commands in."""
    (folder / "elsewhere").mkdir()
    return folder / "elsewhere"


def run(command: Path, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the installed command in `folder` with a home beside it and no configuration."""
    home = {"CABINET14D_HOME": str(folder.parent / "home"), "CABINET14D_EMBEDDED_FAST": "1"}
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"} | home
    return subprocess.run(
        [command, *words],
        cwd=folder,
        env=environment,
        text=True,
        encoding="utf-8",
        capture_output=True,
        stdin=subprocess.DEVNULL,
        timeout=600,
    )


def test_the_wheel_carries_all_that_a_night_needs(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for pattern, where in CARRIED.items():
        files = [path.relative_to(ROOT).as_posix() for path in ROOT.glob(pattern) if path.is_file()]
        assert files, pattern
        assert not {where.format(name) for name in files} - names, pattern


def test_the_wheel_carries_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    others = [name for name in names if not name.startswith("runner/") and ".dist-info/" not in name]
    assert not others
    assert not [name for name in names if "__pycache__" in name or name.endswith(("conftest.py", ".log"))]
    assert [name for name in names if name.endswith("LICENSE")]


def test_the_command_answers_at_once(installed: Path, elsewhere: Path) -> None:
    for words in (["--version"], ["--help"], ["nightly", "--help"]):
        done = run(installed, elsewhere, *words)
        assert done.returncode == 0 and done.stdout and not done.stderr, done


def test_a_first_night_from_another_folder(installed: Path, elsewhere: Path) -> None:
    try:
        migrated = run(installed, elsewhere, "migrate")
        assert migrated.returncode == 0, migrated
        filled = run(installed, elsewhere, "demo", "--if-empty")
        assert filled.returncode in (0, 1), filled  # 1: some sample rows are rejected, on purpose
        night = run(installed, elsewhere, "nightly")
        assert night.returncode in (0, 1), night  # 1: it raised what was missing, or warns
        again = run(installed, elsewhere, "demo", "--if-empty")
        assert again.returncode == 0, again
        assert ask(elsewhere, "select count(*) > 0 from ops.v_cabinet_leads_limbo")
        assert ask(elsewhere, "select count(*) = 0 from ops.v_cabinet_claims_gap_14d")
        assert not list(elsewhere.iterdir()), "a command left files where it was run"
    finally:
        run(installed, elsewhere, "server", "stop")


def ask(elsewhere: Path, statement: str) -> object:
    """The one value that a statement gives on the server of that home."""
    import psycopg2

    from runner import embedded, settings

    where = embedded.ensure_running(settings.load({"home": elsewhere.parent / "home"}, folder=elsewhere))
    connection = psycopg2.connect(**where.conninfo())
    try:
        cursor = connection.cursor()
        cursor.execute(statement)
        (value,) = cursor.fetchone()
        return value
    finally:
        connection.close()
