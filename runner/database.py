"""Connections: one way to the server, with a name, time-outs and plain errors (design: every runner connection)."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from runner.errors import BadConfiguration, CabinetError, from_database
from runner.settings import Settings

if TYPE_CHECKING:
    from psycopg2.extensions import connection as Connection

OPTIONS = (
    "-c timezone=UTC -c jit=off -c statement_timeout={statement} -c lock_timeout={lock} "
    "-c idle_in_transaction_session_timeout=0{check}"
)


# Parts of an address that dbt gets through libpq's own variables.
CERTIFICATES = ("sslrootcert", "sslcert", "sslkey", "sslcrl")


@dataclass(frozen=True)
class Server:
    """Where the database is: what libpq, dbt and alembic need, password included (never printed)."""

    host: str
    port: str
    dbname: str
    user: str
    password: str
    sslmode: str = ""
    certificates: tuple[tuple[str, str], ...] = ()

    def conninfo(self) -> dict[str, Any]:
        """Keyword arguments of psycopg2.connect."""
        info: dict[str, Any] = {"host": self.host, "port": self.port, "dbname": self.dbname, "user": self.user}
        if self.password:
            info["password"] = self.password
        if self.sslmode:
            info["sslmode"] = self.sslmode
        info.update(self.certificates)
        return info

    def environment(self) -> dict[str, str]:
        """What profiles.example.yml reads through env_var."""
        return {
            "DB_HOST": self.host,
            "DB_PORT": self.port,
            "DB_NAME": self.dbname,
            "DB_USER": self.user,
            "DB_PASSWORD": self.password,
            "DB_SSLMODE": self.sslmode or "prefer",
            **{f"PG{name.upper()}": value for name, value in self.certificates},
        }


def server(settings: Settings) -> Server:
    """The server that the settings choose; starts the embedded one when none is named. Raises BadConfiguration."""
    if settings["database_url"]:
        return _from_url(settings.text("database_url"))
    if settings["db_host"]:
        return Server(
            settings.text("db_host"),
            settings["db_port"] or "5432",
            settings["db_name"] or "postgres",
            settings["db_user"] or "postgres",
            settings["db_password"] or "",
        )
    from runner import embedded

    return embedded.ensure_running(settings)


def web_server(settings: Settings) -> Server:
    """The server as the web reads it: with a login of its own where one is given."""
    own = settings["web_database_url"]
    return _from_url(own, "CABINET14D_WEB_DATABASE_URL") if own else server(settings)


def _from_url(url: str, name: str = "DATABASE_URL") -> Server:
    from psycopg2.extensions import parse_dsn

    try:
        parts = parse_dsn(url.replace("postgresql+psycopg2://", "postgresql://"))
    except Exception:
        # Not "from" it: the parser's message holds the whole address, password included.
        raise BadConfiguration(
            f"{name} is not a PostgreSQL address.", "Write it as postgresql://user:password@host:5432/database."
        ) from None
    return Server(
        parts.get("host", "localhost"),
        parts.get("port", "5432"),
        parts.get("dbname", "postgres"),
        parts.get("user", "postgres"),
        parts.get("password", ""),
        parts.get("sslmode", ""),
        tuple((name, parts[name]) for name in CERTIFICATES if name in parts),
    )


def connect(where: Server, name: str, settings: Settings, *, attempts: int = 1) -> Connection:
    """Open one connection named `cabinet14d <name>`. Raises DatabaseAway with what to check."""
    import psycopg2

    # A Windows server can't watch its client's socket and refuses the setting.
    check = "" if os.name == "nt" else " -c client_connection_check_interval=2000"
    options = OPTIONS.format(
        statement=settings.text("statement_timeout"), lock=settings.text("lock_timeout"), check=check
    )
    for attempt in range(attempts):
        try:
            opened: Connection = psycopg2.connect(
                **where.conninfo(), application_name=f"cabinet14d {name}", options=options, connect_timeout=10
            )
            return opened
        except psycopg2.OperationalError as error:
            if attempt + 1 == attempts or "starting up" not in str(error):
                raise from_database(error) from error
            time.sleep(0.2 * (attempt + 1))
    raise AssertionError("unreachable")


@contextmanager
def plain_errors() -> Iterator[None]:
    """Turn any psycopg2 error inside the block into a CabinetError."""
    import psycopg2

    try:
        yield
    except CabinetError:
        raise
    except psycopg2.Error as error:
        raise from_database(error) from error


@contextmanager
def transaction(connection: Connection) -> Iterator[Any]:
    """One transaction: a cursor, committed at the end, rolled back on any error."""
    with plain_errors(), connection, connection.cursor() as cursor:
        yield cursor
