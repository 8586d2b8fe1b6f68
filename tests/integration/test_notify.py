"""Messages to a real mail server and real HTTP endpoints that take, refuse, hang, are slow or away; no secret stays."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from datetime import date
from email import message_from_bytes
from email.header import decode_header, make_header
from pathlib import Path
from typing import Any

import pytest

from runner import chain, notify, ping, prometheus, watch
from runner.database import Server
from runner.errors import BadConfiguration, CabinetError
from runner.settings import Settings
from tests import harness
from tests.conftest import new_database, settings_at
from tests.harness import settings_with
from tests.integration.test_alerts_month import world
from tests.receivers import closed, deaf, endpoint, mailbox, slow

DAY = date(2026, 3, 18)
# What this day fires on its own, without the days before it.
RULES = {"A2_21D", "A7", "A9", "B4", "B5", "C1", "C2", "C3", "C3_21D"}
LINE = re.compile(r"\w+ · [\wí]+ · (?P<rule>\w+)[^:]*: .* = .*, días: \d+\. .+")


@pytest.fixture(scope="module")
def built(settings: Settings, migrated_template: str) -> Iterator[str]:
    """The name of a database that was built once; its leads have names that no message may hold."""
    with new_database(settings, migrated_template) as where:
        story = world(DAY)
        people = tuple(replace(lead, first_name="Zoraida", park_phone="987654321") for lead in story.leads)
        harness.write_world(where, replace(story, leads=people))
        harness.build(settings_at(where, settings.home), story)
        yield where.dbname


@pytest.fixture
def whole(settings: Settings, built: str) -> Iterator[Server]:
    """A copy of it."""
    with new_database(settings, built) as where:
        yield where


def ask(where: Server, sql: str) -> list[tuple[Any, ...]]:
    """All rows of a query."""
    with closing(harness.connect(where)) as session, session, session.cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall())


def tell(where: Server, settings: Settings, *urls: str) -> notify.Told:
    """`alerts --notify` with these channels, each given one second."""
    told = watch.look(settings_with(settings_at(where, settings.home), notify_urls=" ".join(urls), notify_timeout="1"),
                      {}, send=True)[1]
    assert told is not None
    return told


def test_mail_and_webhook(whole: Server, settings: Settings) -> None:
    """One grouped message each, worst first; a second run of the day is silent."""
    with mailbox() as (port, mails), endpoint() as hook:
        urls = (f"mailto://ana:s3cret-mail@127.0.0.1:{port}?mode=insecure&from=ana@example.org&to=eva@example.org",
                hook.url("json", "s3cret-hook"))
        told = tell(whole, settings, *urls)
        assert [each.error for each in told.deliveries] == [None, None]
        assert {row["rule"] for row in told.events} == RULES
        assert (len(mails), len(hook.bodies)) == (1, 1)
        body = hook.bodies[0]["message"]
        assert {match["rule"] for line in body.splitlines() if (match := LINE.fullmatch(line))} == RULES
        mail = message_from_bytes(mails[0].content)
        assert "Cabinet 14d, 2026-03-18: 9 avisos" in str(make_header(decode_header(mail["Subject"])))
        for text in (body, mails[0].content.decode(errors="replace")):
            assert "Zoraida" not in text and "987654321" not in text
        again = tell(whole, settings, *urls)
        assert (again.events, again.deliveries, len(mails), len(hook.bodies)) == ([], [], 1, 1)
    assert ask(whole, "select count(*), count(distinct rule), min(event), max(as_of_date) from ops.alert_events") == [
        (9, 9, "STARTED", DAY)]


@pytest.mark.parametrize("fault", ["refuses", "away", "deaf", "hangs", "wrong password"])
def test_a_channel_that_fails_is_an_alert_next_time(whole: Server, settings: Settings, fault: str) -> None:
    """It does not fail the run, nor keep the message from the others; when it is well again, that is told once."""
    with ExitStack() as stack:
        good = stack.enter_context(endpoint())
        if fault in ("refuses", "hangs"):
            bad = stack.enter_context(endpoint(500 if fault == "refuses" else 200, hangs=fault == "hangs")).url("json")
        elif fault == "wrong password":
            port, _ = stack.enter_context(mailbox())
            bad = f"mailto://ana:s3cret-wrong@127.0.0.1:{port}?mode=insecure&from=a@example.org&to=e@example.org"
        else:
            bad = f"json://127.0.0.1:{stack.enter_context(closed() if fault == 'away' else deaf())}"
        first = tell(whole, settings, bad, good.url("json"))
        assert [each.error is None for each in first.deliveries] == [False, True]
        assert len(good.bodies) == 1
        second = tell(whole, settings, bad, good.url("json"))
        assert [(row["rule"], row["event"]) for row in second.events] == [("N1", "STARTED")]
        assert second.events[0]["scope_value"] == first.deliveries[0].channel
        assert "N1" in good.bodies[1]["message"]
    kept = ask(whole, "select channel, status, error is null from ops.alert_deliveries order by delivery_id")
    assert [(status, silent) for _, status, silent in kept] == [("FAILED", False), ("DELIVERED", True)] * 2


def test_a_channel_that_recovers(whole: Server, settings: Settings) -> None:
    """Failed, told through the other one, then delivered: the recovery is told once."""
    with endpoint(500) as ill, endpoint() as good:
        urls = ill.url("json"), good.url("json")
        tell(whole, settings, *urls)
        ill.status = 200
        assert [row["event"] for row in tell(whole, settings, *urls).events] == ["STARTED"]
        assert [(row["rule"], row["event"]) for row in tell(whole, settings, *urls).events] == [("N1", "RECOVERED")]
        assert tell(whole, settings, *urls).events == []


def test_a_slow_channel_is_waited_for(whole: Server, settings: Settings) -> None:
    with slow() as receiver:
        chosen = settings_with(settings_at(whole, settings.home), notify_urls=receiver.url("json"), notify_timeout="60")
        told = watch.look(chosen, {}, send=True)[1]
        assert told is not None and [each.error for each in told.deliveries] == [None]
        assert len(receiver.bodies) == 1


def test_what_reached_nobody_is_told_again(whole: Server, settings: Settings) -> None:
    """Told is what at least one channel took."""
    with endpoint(500) as ill:
        assert len(tell(whole, settings, ill.url("json")).events) == 9
        assert ask(whole, "select count(*) from ops.alert_events") == [(0,)]
        ill.status = 200
        assert {row["rule"] for row in tell(whole, settings, ill.url("json")).events} == RULES | {"N1"}
        assert ask(whole, "select count(*) from ops.alert_events") == [(10,)]


def test_two_tellers_do_not_say_it_twice(whole: Server, settings: Settings) -> None:
    with closing(harness.connect(whole)) as other, other.cursor() as cursor, endpoint() as good:
        cursor.execute("select pg_advisory_lock(14000, 5)")
        assert tell(whole, settings, good.url("json")).events == [] and good.bodies == []


@pytest.mark.parametrize("urls", ["", "nothing", "json://", "json://127.0.0.1 gopher://x:s3cret@y"])
def test_channels_that_cannot_be(whole: Server, settings: Settings, urls: str) -> None:
    """A plain sentence before anything is done, without the address."""
    with pytest.raises(BadConfiguration) as caught:
        watch.look(settings_with(settings_at(whole, settings.home), notify_urls=urls), {}, send=True)
    assert "s3cret" not in str(caught.value)


# --- the commands -----------------------------------------------------------------------------------------

def everything_kept(where: Server, home: Path) -> str:
    """All that a run leaves: the rows of every table in ops, and every file of its home."""
    tables = ask(where, "select format('%I.%I', schemaname, tablename) from pg_tables where schemaname like 'ops%'")
    rows = [str(row) for (table,) in tables for row in ask(where, f"select t::text from {table} as t")]
    files = [path.read_bytes().decode(errors="replace") for path in home.rglob("*") if path.is_file()]
    return "\n".join(rows + files)


def run(environment: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    """One command."""
    return subprocess.run([sys.executable, "-m", "runner", *words], env=environment, text=True, capture_output=True)


def test_secrets_stay_nowhere(
    whole: Server, environment_for: Callable[[Server], dict[str, str]], tmp_path: Path
) -> None:
    """Not on the screen, not in the run log, not in a file: delivered, refused and unreachable alike, with --debug."""
    with endpoint() as good, endpoint(500) as ill, closed() as port, endpoint() as dead_man:
        urls = [good.url("json", "s3cret-good"), ill.url("json", "s3cret-ill"),
                f"mailto://ana:s3cret-mail@127.0.0.1:{port}?mode=insecure&from=a@example.org&to=e@example.org"]
        environment = {**environment_for(whole), "CABINET14D_NOTIFY_URLS": " ".join(urls),
                       "CABINET14D_PING_URL": dead_man.url() + "/s3cret-ping"}
        alerts = run(environment, "--debug", "alerts", "--notify", "--json")
        night = run(environment, "--debug", "nightly", "--as-of", "2026-03-18", "--notify")
        shown = run(environment, "config", "show")
        listed = run(environment, "runs", "show", "3", "--json")
        assert (alerts.returncode, night.returncode, shown.returncode, listed.returncode) == (1, 0, 0, 0)
        assert dead_man.paths == ["/s3cret-ping/start", "/s3cret-ping"]
        assert len(good.bodies) == 2 and "N1" in good.bodies[1]["message"]
        texts = [text for done in (alerts, night, shown, listed) for text in (done.stdout, done.stderr)]
        assert "s3cret" not in "\n".join([*texts, everything_kept(whole, tmp_path)])
        assert json.loads(alerts.stdout)["has_alerts"] is True


def test_a_night_that_tells(whole: Server, settings: Settings, tmp_path: Path) -> None:
    """The step counts what was told; the file for Prometheus is whole; the dead-man's switch hears start and end."""
    file = tmp_path / "cabinet14d.prom"
    with endpoint() as hook, endpoint() as dead_man:
        chosen = settings_with(settings_at(whole, settings.home), notify_urls=hook.url("json"),
                               prometheus_file=str(file), ping_url=dead_man.url() + "/x/")
        outcome = chain.nightly(chosen, DAY, notify=True, progress=harness.QUIET)
        assert dead_man.paths == ["/x/start", "/x"]
    step = outcome.run.steps[-1]
    # The night raised the missing claims first.
    assert (step.name, step.counters["told"], step.counters["critical"]) == ("alerts", 7, 0)
    lines = file.read_text(encoding="utf-8").splitlines()
    shape = re.compile(r'# (HELP|TYPE) \w+ .+|\w+(\{(\w+="[^"]*",?)+\})? -?\d+(\.\d+)?')
    assert [line for line in lines if not shape.fullmatch(line)] == []
    assert 'cabinet14d_metric{metric="leads",scope="ALL",scope_value=""} 22.0000' in lines
    assert 'cabinet14d_alert_firing{rule="C2",scope_value="",severity="WARNING"} 1' in lines
    assert [path.name for path in tmp_path.iterdir() if path.suffix != ""] == ["cabinet14d.prom"]


def test_watching_never_stops_a_night(whole: Server, settings: Settings, tmp_path: Path) -> None:
    """No such folder for the file, nobody at the other end of the ping."""
    with closed() as port:
        chosen = settings_with(settings_at(whole, settings.home), prometheus_file=str(tmp_path / "no" / "file"),
                               ping_url=f"http://127.0.0.1:{port}/x")
        assert chain.nightly(chosen, DAY, progress=harness.QUIET).run.exit_code == 0


def test_a_night_that_fails_says_so(whole: Server, settings: Settings) -> None:
    with endpoint() as dead_man:
        chosen = settings_with(settings_at(whole, settings.home), ping_url=dead_man.url(), db_name="gone")
        with pytest.raises(CabinetError):
            chain.nightly(chosen, DAY, progress=harness.QUIET)
        assert dead_man.paths == ["/start", "/fail"]


def test_a_ping_that_hangs_is_left_behind() -> None:
    with endpoint(hangs=True) as server:
        assert ping.send(server.url(), "/start", 0.1) is False
    with endpoint(500) as server:
        assert ping.send(server.url(), "/start") is False
    assert ping.send(None, "/start") is False and ping.send("no address", "/start") is False


def test_the_file_is_replaced_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A failure on the way leaves the old file and no other."""
    file = tmp_path / "x.prom"
    prometheus.replace(file, "old\n")

    def refuse(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "chmod", refuse)
    with pytest.raises(OSError, match="No space"):
        prometheus.replace(file, "new\n")
    assert file.read_text(encoding="utf-8") == "old\n" and [path.name for path in tmp_path.iterdir()] == ["x.prom"]
