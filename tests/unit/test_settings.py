"""Settings: which of flag, environment, file and default wins, what a bad file says, and where home is."""

from __future__ import annotations

from pathlib import Path

import pytest

from runner import database, thresholds
from runner.errors import BadConfiguration
from runner.settings import SPECS, Spec, load


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting comes from the tests' own environment."""
    for spec in SPECS:
        monkeypatch.delenv(spec.env, raising=False)
    monkeypatch.delenv("CABINET14D_CONFIG", raising=False)


def write(folder: Path, text: str) -> None:
    """A settings file."""
    (folder / "cabinet14d.toml").write_text(text, encoding="utf-8")


# --- what wins --------------------------------------------------------------------------------------------

@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
def test_flag_then_environment_then_file_then_default(
        spec: Spec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name, env, default = spec.name, spec.env, spec.default
    assert (load(folder=tmp_path)[name], load(folder=tmp_path).values[name].source) == (default, "default")
    write(tmp_path, f'{name} = "from file"')
    seen = load(folder=tmp_path).values[name]
    assert (seen.value, seen.source) == ("from file", "file cabinet14d.toml")
    monkeypatch.setenv(env, "from environment")
    seen = load(folder=tmp_path).values[name]
    assert (seen.value, seen.source) == ("from environment", f"environment {env}")
    seen = load({name: "from flag"}, folder=tmp_path).values[name]
    assert (seen.value, seen.source) == ("from flag", "flag")


def test_an_empty_variable_is_no_setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CABINET14D_LANGUAGE", "")
    assert load(folder=tmp_path)["language"] == "es"


def test_a_flag_that_was_not_given_does_not_hide_the_rest(tmp_path: Path) -> None:
    write(tmp_path, 'language = "en"')
    assert load({"language": None}, folder=tmp_path)["language"] == "en"


def test_names_and_variables_are_unique_and_explained() -> None:
    assert len({spec.name for spec in SPECS}) == len({spec.env for spec in SPECS}) == len(SPECS)
    assert all(spec.help for spec in SPECS)
    assert {spec.name for spec in SPECS if spec.secret} == {
        "database_url", "db_password", "notify_urls", "ping_url", "web_database_url", "web_token"}


def test_tables_and_lists_of_the_file_are_words(tmp_path: Path) -> None:
    """As the README writes them; what else the table holds is refused where it is used."""
    write(tmp_path, 'notify_urls = ["json://a", "json://b"]\n[thresholds]\nA1 = 150\nA3.DAYS = 2\n"B1.CRITICAL" = 80.5')
    seen = load(folder=tmp_path)
    assert seen["notify_urls"] == "json://a json://b"
    assert thresholds.parse(seen["thresholds"]) == {"A1": 150, "A3.DAYS": 2, "B1.CRITICAL": 80.5}


@pytest.mark.parametrize("text", ["A1", "A1=", "A1=x", "Z9=1", "A1.NOTHING=1", "A1=1; drop table x", "A1=1e9"])
def test_thresholds_that_are_none(text: str) -> None:
    with pytest.raises(BadConfiguration):
        thresholds.parse(text)


# --- the file ---------------------------------------------------------------------------------------------

def test_a_file_saved_by_notepad_is_read(tmp_path: Path) -> None:
    (tmp_path / "cabinet14d.toml").write_bytes(b'\xef\xbb\xbflanguage = "en"\r\nthreads = 4\r\n')
    settings = load(folder=tmp_path)
    assert (settings["language"], settings["threads"]) == ("en", "4")


def test_another_file_can_be_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "otra configuración.toml").write_text('language = "en"', encoding="utf-8")
    monkeypatch.setenv("CABINET14D_CONFIG", str(tmp_path / "otra configuración.toml"))
    assert load(folder=tmp_path / "elsewhere")["language"] == "en"


@pytest.mark.parametrize(("text", "says"), [
    ("language = es", "not valid TOML"),
    ("language", "not valid TOML"),
    ('lenguage = "es"', "unknown setting: lenguage"),
    ('b = 1\na = 2', "unknown setting: a, b"),
])
def test_a_bad_file_is_told_with_its_name(tmp_path: Path, text: str, says: str) -> None:
    write(tmp_path, text)
    with pytest.raises(BadConfiguration, match=says) as caught:
        load(folder=tmp_path)
    assert "cabinet14d.toml" in caught.value.message and caught.value.hint and caught.value.exit_code == 4


def test_an_unknown_setting_is_answered_with_the_known_ones(tmp_path: Path) -> None:
    write(tmp_path, 'lenguage = "es"')
    with pytest.raises(BadConfiguration) as caught:
        load(folder=tmp_path)
    assert all(spec.name in caught.value.hint for spec in SPECS)


def test_a_file_in_another_encoding_is_told(tmp_path: Path) -> None:
    (tmp_path / "cabinet14d.toml").write_bytes('timezone = "España"'.encode("latin-1"))
    with pytest.raises(BadConfiguration, match="not valid TOML"):
        load(folder=tmp_path)


# --- home -------------------------------------------------------------------------------------------------

def test_home_is_whole_wherever_it_came_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert load({"home": "datos ñ"}).home == tmp_path / "datos ñ"
    assert load({"home": "~/x"}).home == tmp_path / "x"
    assert load({"home": tmp_path}).home == tmp_path


def test_home_has_a_default_of_the_users_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path))
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    home = load(folder=tmp_path).home
    assert home.is_absolute() and home.name == "cabinet14d" and tmp_path in home.parents


# --- the server that the settings choose --------------------------------------------------------------------

SECRET = "s3creto"


def test_a_url_wins_over_components(tmp_path: Path) -> None:
    url = f"postgresql://ana:{SECRET}@db.example:6543/cobranza?sslmode=require"
    where = database.server(load({"database_url": url, "db_host": "other"}, folder=tmp_path))
    assert (where.host, where.port, where.dbname, where.user, where.password, where.sslmode) == (
        "db.example", "6543", "cobranza", "ana", SECRET, "require")


def test_a_url_may_name_a_socket_folder_and_a_driver(tmp_path: Path) -> None:
    url = "postgresql+psycopg2://ana@/cobranza?host=/run/una%20carpeta"
    assert database.server(load({"database_url": url}, folder=tmp_path)).host == "/run/una carpeta"


def test_components_are_enough(tmp_path: Path) -> None:
    where = database.server(load({"db_host": "db.example"}, folder=tmp_path))
    assert (where.host, where.port, where.dbname, where.user, where.password) == (
        "db.example", "5432", "postgres", "postgres", "")


def test_a_url_that_is_none_is_told_without_repeating_it(tmp_path: Path) -> None:
    with pytest.raises(BadConfiguration, match="not a PostgreSQL address") as caught:
        database.server(load({"database_url": f"mysql://ana:{SECRET}@x/y"}, folder=tmp_path))
    assert SECRET not in str(caught.value)
