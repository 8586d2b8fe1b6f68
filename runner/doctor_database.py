"""What `doctor` asks the server: version, settings, rights, extensions, migrations."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from runner.doctor_parts import BAD, MIGRATE, NOTE, OK, WARN, Finding, ask, exists, few
from runner.settings import Settings

OLDEST, NEWEST = 15, 18
CLOCKS_MAY_DIFFER = 120
SMALL_BUFFERS = 128 * 1024 * 1024
# The default of 4 MB makes a first build of a large fleet spill to disk.
SMALL_WORK_MEM = 16 * 1024 * 1024


def server(session: Any, settings: Settings) -> Iterator[Finding]:
    """Version, encoding, size, and whether its clock agrees with ours."""
    ((version, number, encoding, name, user, is_superuser, size, clock),) = ask(session, "server")
    major = number // 10000
    if major < OLDEST:
        yield Finding("database", BAD, f"PostgreSQL {version} is too old.", f"{OLDEST} to {NEWEST} are tried.")
    else:
        untried = f" (newer than {NEWEST}, which is the newest tried)" if major > NEWEST else ""
        yield Finding("database", WARN if untried else OK, f"PostgreSQL {version}{untried}, database {name}, {size}.")
    if encoding != "UTF8":
        yield Finding("encoding", BAD, f"The database is in {encoding}: names would be lost.", "Make one in UTF8.")
    if is_superuser:
        yield Finding("user", NOTE, f"{user} is a superuser; a night needs none.", "See 'cabinet14d roles --sql'.")
    else:
        yield Finding("user", OK, f"{user}, no superuser.")
    apart = abs(float(clock) - time.time())
    if apart > CLOCKS_MAY_DIFFER:
        yield Finding("clock", WARN, f"The server's clock is {apart:.0f} seconds from this machine's.",
                      "Let both follow a time server: 'today' is taken from this one.")


def server_settings(session: Any, settings: Settings) -> Iterator[Finding]:
    """What slows a night down or loses it; jit and time zone are only told, our sessions set their own."""
    found = {name: (shown, number) for name, shown, number in ask(session, "settings")}
    shown = ", ".join(f"{name} {value}" for name, (value, _) in found.items())
    yield Finding("settings", OK, f"{shown}. (Our sessions set jit off and UTC themselves.)")
    if found["shared_buffers"][1] < SMALL_BUFFERS:
        yield Finding("settings", WARN, f"shared_buffers is only {found['shared_buffers'][0]}.",
                      "Set a quarter of the memory in postgresql.conf, and restart the server.")
    if found["work_mem"][1] < SMALL_WORK_MEM:
        yield Finding("settings", WARN, f"work_mem is only {found['work_mem'][0]}.",
                      "Set work_mem = 64MB: sorts and joins of a first build then stay in memory.")
    for name in ("fsync", "full_page_writes"):
        if found[name][0] == "off":
            yield Finding("settings", WARN, f"{name} is off: a crash can destroy the database.", f"Set {name} = on.")
    ((taken, all_of_them),) = ask(session, "connections")
    wanted = int(settings.text("web_connections")) + 2 * int(settings.text("threads")) + 2
    if all_of_them - taken < wanted:
        yield Finding("settings", WARN, f"{taken} of {all_of_them} connections are taken; web and night want {wanted}.",
                      "Raise max_connections, or lower web_connections and threads.")


def rights(session: Any, settings: Settings) -> Iterator[Finding]:
    """Whether this user may do what a night does."""
    lacking = [row[0] for row in ask(session, "lacking_rights")]
    if lacking:
        yield Finding("rights", BAD, f"This user lacks {few(lacking)}.",
                      "Let an administrator run what 'cabinet14d roles --sql' prints.")
    else:
        yield Finding("rights", OK, "This user may do all that a night does.")


def web(session: Any, settings: Settings) -> Iterator[Finding]:
    """Whether page and API read under a role of their own."""
    ((is_there, may_enter, unreadable),) = ask(session, "web")
    if not exists(session, "ops.runs"):
        return
    if not is_there:
        yield Finding("web role", WARN, "There is no role cabinet14d_web: the web reads with this user's rights.",
                      "Let an administrator run what 'cabinet14d roles --sql' prints.")
    elif not may_enter or unreadable:
        yield Finding("web role", WARN, f"cabinet14d_web can't read {unreadable} relations of ops.", MIGRATE)
    else:
        yield Finding("web role", OK, "cabinet14d_web can read all of ops.")


def extensions(session: Any, settings: Settings) -> Iterator[Finding]:
    """fuzzystrmatch compares names."""
    for name, is_installed, is_available in ask(session, "extensions"):
        if is_installed:
            yield Finding("extensions", OK, f"{name} is installed.")
        elif is_available:
            yield Finding("extensions", WARN, f"{name} is not created in this database.", MIGRATE)
        else:
            yield Finding("extensions", BAD, f"The server has no {name}.", "Install PostgreSQL's contrib package.")


def migrations(session: Any, settings: Settings) -> Iterator[Finding]:
    """Whether the tables are at the newest revision, and what adopted rows still break a rule."""
    from runner import migrate

    rows = ask(session, "revision") if exists(session, "ops.cabinet14d_alembic_version") else []
    current = rows[0][0] if rows else None
    if current is None:
        yield Finding("migrations", WARN, "The database is not migrated.", MIGRATE)
        return
    if current != migrate.HEAD:
        known = current < migrate.HEAD
        yield Finding("migrations", WARN if known else BAD, f"At {current}, this program knows {migrate.HEAD}.",
                      MIGRATE if known else "Install the cabinet14d that migrated this database.")
    else:
        yield Finding("migrations", OK, f"At {current}, nothing is pending.")
    if exists(session, "ops.adoption_findings"):
        ((rows, rules),) = ask(session, "adoption")
        if rows:
            yield Finding("migrations", WARN, f"{rows} rows from before break {rules} rules.",
                          "'cabinet14d migrate' lists them; mend or keep them.")
