"""Whether the project stands in the database as its last whole build left it: then no view is looked at again."""

from __future__ import annotations

import hashlib
import os
from functools import cache
from pathlib import Path

from runner import warehouse
from runner.runlog import Run
from runner.settings import Settings

PARTS = ("models", "macros", "seeds", "dbt_project.yml")


def fingerprint(settings: Settings) -> str:
    """Hash of all that a build depends on beside its sources: files, variables, versions of dbt, the target park."""
    park = os.environ.get("CABINET14D_TARGET_PARK", "")
    what = f"{_files(warehouse.project_folder())} {warehouse.variables(settings)} {park}"
    return hashlib.sha256(what.encode()).hexdigest()


@cache
def _files(project: Path) -> str:
    from importlib.metadata import version

    found = hashlib.sha256(f"{version('dbt-core')} {version('dbt-postgres')}".encode())
    for part in PARTS:
        root = project / part
        for path in sorted(root.rglob("*")) if root.is_dir() else [root]:
            if path.is_file():
                found.update(path.relative_to(project).as_posix().encode() + path.read_bytes())
    return found.hexdigest()


def stands(run: Run, mark: str) -> bool:
    """Same project, and nobody touched a view or a state table since."""
    return bool(run.execute("stands", fingerprint=mark)[0][0])


def may_build_part(run: Run, mark: str) -> bool:
    """Whether the live run was built by this very project, and every source that must be watched was watched since."""
    return bool(run.execute("may_build_part", project=mark)[0][0])


def remember(run: Run, mark: str) -> None:
    """After a whole build that passed."""
    run.execute("remember_standing", fingerprint=mark)
