"""Settings: flag, then environment, then cabinet14d.toml, then default; each knows where it came from."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from runner.errors import BadConfiguration


@dataclass(frozen=True)
class Spec:
    """One setting: its name in the file, its environment variable, its default and what it is for."""

    name: str
    env: str
    default: str | None
    help: str
    secret: bool = False


SPECS: tuple[Spec, ...] = (
    Spec("database_url", "DATABASE_URL", None, "PostgreSQL to use; without it the embedded server", secret=True),
    Spec("db_host", "DB_HOST", None, "host, when database_url is not given"),
    Spec("db_port", "DB_PORT", None, "port, when database_url is not given"),
    Spec("db_name", "DB_NAME", None, "database, when database_url is not given"),
    Spec("db_user", "DB_USER", None, "user, when database_url is not given"),
    Spec("db_password", "DB_PASSWORD", None, "password, when database_url is not given", secret=True),
    Spec("home", "CABINET14D_HOME", None, "folder for the embedded server, dbt's target and logs"),
    Spec("timezone", "CABINET14D_TIMEZONE", "America/Lima", "business time zone: what 'today' means (D-7)"),
    Spec("language", "CABINET14D_LANGUAGE", "es", "language of reasons in the relations: es or en (D-13)"),
    Spec("threads", "CABINET14D_THREADS", "2", "dbt threads"),
    Spec("statement_timeout", "CABINET14D_STATEMENT_TIMEOUT", "2h", "how long one statement may take"),
    Spec("lock_timeout", "CABINET14D_LOCK_TIMEOUT", "30s", "how long a statement waits for a lock"),
    Spec("thresholds", "CABINET14D_THRESHOLDS", None, "thresholds of alert rules, as A1=150 B1.CRITICAL=80"),
    Spec("notify_urls", "CABINET14D_NOTIFY_URLS", None, "where alerts are sent, as apprise addresses", secret=True),
    Spec("notify_every_days", "CABINET14D_NOTIFY_EVERY_DAYS", "3", "days after which a lasting alert is told again"),
    Spec("notify_timeout", "CABINET14D_NOTIFY_TIMEOUT", "15", "seconds that one channel may take"),
    Spec("ping_url", "CABINET14D_PING_URL", None, "dead-man's switch that each night tells it runs", secret=True),
    Spec("prometheus_file", "CABINET14D_PROMETHEUS_FILE", None, "text file for Prometheus, written by each night"),
    Spec("web_database_url", "CABINET14D_WEB_DATABASE_URL", None, "login of the web that can only read ops",
         secret=True),
    Spec("web_connections", "CABINET14D_WEB_CONNECTIONS", "8", "database connections and worker threads of the web"),
    Spec("web_statement_timeout", "CABINET14D_WEB_STATEMENT_TIMEOUT", "30s", "how long the web waits for one answer"),
    Spec("web_token", "CABINET14D_WEB_TOKEN", None, "token that 'validate system' shows to the web", secret=True),
    Spec("web_hosts", "CABINET14D_WEB_HOSTS", None, "names under which the web is reached; others are refused"),
    Spec("web_origins", "CABINET14D_WEB_ORIGINS", None, "other sites whose scripts may read the API (CORS)"),
)


@dataclass(frozen=True)
class Value:
    """A setting's value and where it came from (flag, environment, file, default)."""

    value: str | None
    source: str


@dataclass(frozen=True)
class Settings:
    """All settings of one process, read once."""

    values: Mapping[str, Value]

    def __getitem__(self, name: str) -> str | None:
        return self.values[name].value

    def text(self, name: str) -> str:
        """The value of a setting that has a default."""
        return self.values[name].value or ""

    @property
    def home(self) -> Path:
        """Folder that holds the embedded server's data, dbt's target and logs."""
        return Path(self.values["home"].value or _default_home()).expanduser().absolute()


def load(flags: Mapping[str, Any] | None = None, folder: Path | None = None) -> Settings:
    """Read all settings once. Raises BadConfiguration when the file is not TOML or names an unknown setting."""
    flags = flags or {}
    file_name, from_file = _read_file(folder or Path.cwd())
    values = {}
    for spec in SPECS:
        if flags.get(spec.name) is not None:
            values[spec.name] = Value(str(flags[spec.name]), "flag")
        elif os.environ.get(spec.env):
            values[spec.name] = Value(os.environ[spec.env], f"environment {spec.env}")
        elif spec.name in from_file:
            values[spec.name] = Value(_as_text(from_file[spec.name]), f"file {file_name}")
        else:
            values[spec.name] = Value(spec.default, "default")
    return Settings(values)


def _as_text(value: Any) -> str:
    """A value of the file as one text: a table as NAME=VALUE words (also NAME.PART=VALUE), a list as words."""
    if isinstance(value, dict):
        flat = {
            (name if part is None else f"{name}.{part}"): number
            for name, each in value.items()
            for part, number in (each.items() if isinstance(each, dict) else [(None, each)])
        }
        return " ".join(f"{name}={number}" for name, number in flat.items())
    return " ".join(str(each) for each in value) if isinstance(value, list) else str(value)


def check(chosen: Settings) -> Settings:
    """Refuse what dbt or PostgreSQL would refuse later, in words about something else. Raises BadConfiguration."""
    if chosen["language"] not in ("es", "en"):
        raise BadConfiguration(f"{chosen['language']!r} is not a language we have.", "Set language to es or en.")
    for name in ("notify_every_days", "notify_timeout"):
        if not chosen.text(name).isdecimal() or not 1 <= int(chosen.text(name)) <= 3650:
            raise BadConfiguration(f"{name} is {chosen.text(name)!r}.", "Set it to a number from 1 to 3650.")
    connections = chosen.text("web_connections")
    if not connections.isdecimal() or not 2 <= int(connections) <= 64:
        raise BadConfiguration(f"web_connections is {connections!r}.", "Set it to a number from 2 to 64.")
    threads = chosen.text("threads")
    if not threads.isdecimal() or not 1 <= int(threads) <= 64:
        raise BadConfiguration(f"threads is {threads!r}.", "Set it to a number from 1 to 64.")
    return chosen


def _read_file(folder: Path) -> tuple[str, dict[str, Any]]:
    path = Path(os.environ.get("CABINET14D_CONFIG") or folder / "cabinet14d.toml")
    if not path.exists():
        return str(path), {}
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadConfiguration(f"{path.name} is not valid TOML: {error}.", "Mend the file or remove it.") from error
    unknown = sorted(key for key in content if key not in {spec.name for spec in SPECS})
    if unknown:
        known = ", ".join(spec.name for spec in SPECS)
        raise BadConfiguration(f"{path.name} has an unknown setting: {', '.join(unknown)}.", f"Known are: {known}.")
    return path.name, content


def _default_home() -> str:
    import platformdirs

    return platformdirs.user_data_dir("cabinet14d", appauthor=False)


def shown(chosen: Settings) -> list[tuple[str, str | None, str]]:
    """Name, value and source of every setting; a secret's value is hidden."""
    rows = []
    for spec in SPECS:
        value = chosen.values[spec.name]
        text = str(chosen.home) if spec.name == "home" else value.value
        rows.append((spec.name, "(hidden)" if spec.secret and text else text, value.source))
    return rows
