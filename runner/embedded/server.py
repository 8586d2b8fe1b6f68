"""Finding, starting and stopping the one server of a home folder, from any number of processes at once."""

from __future__ import annotations

import errno
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from runner.database import Server, plain_errors
from runner.embedded import cluster, system
from runner.embedded.cluster import DATABASE, USER, Notes, Place
from runner.embedded.system import WINDOWS, Account
from runner.errors import BadConfiguration, CabinetError, DatabaseAway
from runner.settings import Settings

READY, NO_DATABASE, STARTING, DEAF = "ready", "no database", "starting", "deaf"
START_LIMIT, STOP_LIMIT, DEAF_LIMIT = 900, 120, 5  # seconds; recovery after a hard kill can take minutes
PAUSE = 0.02


@dataclass(frozen=True)
class State:
    """What `doctor` tells about the embedded server."""

    running: bool
    data: Path
    log: Path
    pid: int | None = None
    server: Server | None = None


def ensure_running(settings: Settings) -> Server:
    """The embedded server, made and started when it is not. Raises BadConfiguration or DatabaseAway."""
    place = Place.of(settings)
    with _plainly(place):
        return _reach(place) or _start(place)


def stop(settings: Settings) -> bool:
    """Stop the server (fast: open transactions are undone); False when none was running."""
    place = Place.of(settings)
    with _plainly(place):
        if not place.data.exists():
            return False
        with _lock(place):
            notes = cluster.read_notes(place)
            if notes is None or not system.is_postmaster_of(place.data, notes.pid):
                return False
            _end(place, notes)
            return True


def status(settings: Settings) -> State:
    """Whether the server runs and where its files are; starts nothing."""
    place = Place.of(settings)
    with _plainly(place):
        where, notes = _reach(place), cluster.read_notes(place)
        return State(where is not None, place.data, place.log, notes.pid if where and notes else None, where)


# --- finding a running server -------------------------------------------------------------------------------

def _reach(place: Place) -> Server | None:
    """The quick way: a server found by postmaster.pid and one connection, without lock or subprocess."""
    notes = cluster.read_notes(place)
    if notes is None or not notes.ready or _ask(place, notes) != READY:
        return None
    return _server(place, notes)


def _server(place: Place, notes: Notes, database: str = DATABASE) -> Server:
    return Server(notes.host, notes.port, database, USER, place.password)


def _ask(place: Place, notes: Notes) -> str:
    """Connect once and say how the server answers. Its data folder is asked too: a copied postmaster.pid or a
    reused port would lead to a server that is not this one."""
    import psycopg2

    try:
        with _connection(_server(place, notes)) as connection:
            cursor = connection.cursor()
            cursor.execute("show data_directory")
            (folder,) = cursor.fetchone() or ("",)
    except psycopg2.Error as error:
        return _meaning(str(error))
    return READY if system.same(folder, place.data) else DEAF


@contextmanager
def _connection(where: Server) -> Iterator[Any]:
    """A short connection of our own; database.connect would turn into errors the answers that we look for."""
    import psycopg2

    arguments: dict[str, Any] = {**where.conninfo(), "connect_timeout": 5}
    with closing(psycopg2.connect(**arguments, application_name="cabinet14d embedded")) as connection:
        yield connection


def _meaning(refusal: str) -> str:
    if f'database "{DATABASE}" does not exist' in refusal:
        return NO_DATABASE
    if "starting up" in refusal or "recovery" in refusal or "not yet accepting" in refusal:
        return STARTING
    if "FATAL" not in refusal or "shutting down" in refusal or "password" in refusal:
        return DEAF
    return READY  # it refuses for a reason (say, too many clients) that the caller's own connection will tell


# --- starting -----------------------------------------------------------------------------------------------

def _start(place: Place) -> Server:
    """The slow way, one process at a time: make the cluster if there is none, then bring it up."""
    programs = system.programs()
    place.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _lock(place):
        where = _reach(place)  # another process may have started it while we waited
        if where:
            return where
        cluster.begin_log_anew(place)
        account = system.account(place.data if place.data.exists() else place.home, programs)
        cluster.share(place, place.lock, account)
        if not (place.data / "PG_VERSION").exists():
            cluster.make(place, programs, account)
        cluster.check_version(place, programs)
        return _await_running(place) or _bring_up(place, programs, account)


def _await_running(place: Place) -> Server | None:
    """A postmaster that is there but was not ready: wait for it; end it if it stays deaf (no socket)."""
    notes = cluster.read_notes(place)
    if notes is None:
        return None
    if not system.is_postmaster_of(place.data, notes.pid):
        system.end_leftovers(place.data)
        # Its number may be another process's by now, or of a dead one not yet buried: it would be believed.
        (place.data / "postmaster.pid").unlink()
        return None
    where = _await(place, notes.pid)
    if where is None and system.is_postmaster_of(place.data, notes.pid):
        _end(place, notes)
    return where


def _bring_up(place: Place, programs: Path, account: Account | None) -> Server:
    """Start the server; again if a session of an earlier one, killed hard, still uses its memory."""
    for _ in range(3):
        cluster.write_settings(place, account)
        begin = place.log_size()
        where = _await(place, cluster.launch(place, programs, account, START_LIMIT))
        if where:
            return where
        if "shared memory block" not in place.complaint(begin):
            break
        system.end_leftovers(place.data)
    raise cluster.did_not(place, "start", begin)


def _await(place: Place, pid: int) -> Server | None:
    """Wait until the postmaster answers; None when it ends or stays deaf."""
    begin = heard = time.monotonic()
    while pid and system.is_alive(pid) and time.monotonic() - begin < START_LIMIT:
        notes = cluster.read_notes(place)
        answer = STARTING if notes is None or notes.pid != pid or not notes.ready else _ask(place, notes)
        if notes and answer == READY:
            return _server(place, notes)
        if notes and answer == NO_DATABASE:
            _create_database(_server(place, notes, "postgres"))
        if answer != DEAF:
            heard = time.monotonic()
        elif time.monotonic() - heard > DEAF_LIMIT:
            break
        time.sleep(PAUSE)
    return None


def _create_database(where: Server) -> None:
    with plain_errors(), _connection(where) as connection:
        connection.autocommit = True
        connection.cursor().execute(f"create database {DATABASE}")


# --- stopping -----------------------------------------------------------------------------------------------

def _end(place: Place, notes: Notes) -> None:
    """Stop the postmaster and wait until it has gone."""
    if WINDOWS:
        cluster.ask_to_stop(place, system.programs())
    else:
        system.interrupt(notes.pid)
    begin = time.monotonic()
    while system.is_postmaster_of(place.data, notes.pid):
        if time.monotonic() - begin > STOP_LIMIT:
            raise DatabaseAway(f"The embedded server did not stop within {STOP_LIMIT} seconds.",
                               f"Read {place.log}.")
        time.sleep(PAUSE)
    cluster.leave_socket_folder(notes)


# --- one at a time, and in plain words ----------------------------------------------------------------------

@contextmanager
def _lock(place: Place) -> Iterator[None]:
    import fasteners

    lock = fasteners.InterProcessLock(place.lock)
    if not lock.acquire(delay=PAUSE, max_delay=0.1, timeout=START_LIMIT + STOP_LIMIT):
        raise DatabaseAway("Another process has been starting the embedded server for too long.",
                           f"Read {place.log}, then run the same command again.")
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _plainly(place: Place) -> Iterator[None]:
    """Turn what the system refuses into a sentence."""
    try:
        yield
    except OSError as error:
        raise _from_system(error, place) from error
    except subprocess.SubprocessError as error:
        raise DatabaseAway("A program of the embedded server could not run.", f"Read {place.log}.") from error


def _from_system(error: OSError, place: Place) -> CabinetError:
    if error.errno == errno.ENOSPC:
        return cluster.disk_full(place)
    reason = f"{error.strerror or error}, {os.fsdecode(error.filename or place.home)}"
    return BadConfiguration(
        f"The embedded server's files can't be used: {reason}.",
        f"Set CABINET14D_HOME to a folder of your own, or DATABASE_URL to a server; the log is {place.log}.")
