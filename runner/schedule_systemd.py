"""The night for systemd: a service that runs once, and a timer that makes up for a missed night."""

from __future__ import annotations

from runner.schedule_plan import ATTEMPTS, LONGEST_HOURS, PAUSE_MINUTES, Plan

NAME = "cabinet14d-nightly"


def files(plan: Plan) -> dict[str, str]:
    """Service and timer."""
    return {f"{NAME}.service": _service(plan), f"{NAME}.timer": _timer(plan)}


def _service(plan: Plan) -> str:
    environment_file = [f"EnvironmentFile={_whole(str(plan.environment_file))}"] if plan.environment_file else []
    config = [_variable("CABINET14D_CONFIG", str(plan.config))] if plan.config else []
    return "\n".join([
        "# Put both files into /etc/systemd/system, then:",
        f"#   systemctl daemon-reload && systemctl enable --now {NAME}.timer",
        *(f"# {sentence}" for sentence in plan.needs()),
        f"# Log: journalctl -u {NAME} (journald keeps it small: SystemMaxUse in journald.conf).",
        "[Unit]",
        "Description=Cabinet 14d: the night",
        "Wants=network-online.target",
        "After=network-online.target postgresql.service",
        "StartLimitIntervalSec=12h",
        f"StartLimitBurst={ATTEMPTS}",
        "",
        "[Service]",
        "Type=oneshot",
        f"User={plan.user}",
        f"WorkingDirectory={_whole(str(plan.folder))}",
        *environment_file,
        _variable("CABINET14D_HOME", str(plan.home)),
        _variable("CABINET14D_TIMEZONE", plan.zone),
        *config,
        f"ExecStart={_line(plan.night())}",
        "# 1: there are findings to read. 3: a critical alert or a broken rule, shown as failed; running again would",
        "# not mend it, nor wrong usage (2). Only what could not run (4, or a kill) is tried again.",
        "SuccessExitStatus=1",
        "RestartPreventExitStatus=2 3",
        "Restart=on-failure",
        f"RestartSec={PAUSE_MINUTES}min",
        f"TimeoutStartSec={LONGEST_HOURS}h",
        *_embedded(plan),
        "",
    ])


def _embedded(plan: Plan) -> list[str]:
    if plan.environment_file:
        return []
    return ["# The embedded server, which the night starts, goes on when the night has ended.", "KillMode=process"]


def _timer(plan: Plan) -> str:
    return "\n".join([
        "[Unit]",
        f"Description=Cabinet 14d: every night at {plan.clock} {plan.zone}",
        "",
        "[Timer]",
        f"OnCalendar=*-*-* {plan.clock}:00 {plan.zone}",
        "# A night that was missed while the machine was off is run when it is on again.",
        "Persistent=true",
        "AccuracySec=1min",
        "",
        "[Install]",
        "WantedBy=timers.target",
        "",
    ])


def _whole(path: str) -> str:
    """A setting that is one path to the end of the line: only systemd's specifiers need care."""
    return path.replace("%", "%%")


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%") + '"'


def _variable(name: str, value: str) -> str:
    return f"Environment={_quoted(f'{name}={value}')}"


def _line(words: list[str]) -> str:
    """A command. As a program's own path systemd refuses quotes, and doubles no `$`: then env starts it."""
    if set(words[0]) & set("\"'\\$"):
        return " ".join(["/usr/bin/env", *map(_word, words)])
    return " ".join([_quoted(words[0]) if words[0] != _word(words[0]) else words[0], *map(_word, words[1:])])


def _word(word: str) -> str:
    """One word of a command: quoted where it must be, `$` doubled since systemd replaces variables."""
    plain = word.isascii() and all(sign.isalnum() or sign in "-_./+:" for sign in word)
    return word if plain else _quoted(word.replace("$", "$$"))
