"""The night for cron: two crontab lines of the same guarded command, and a logrotate snippet."""

from __future__ import annotations

import shlex

from runner.errors import BadInput
from runner.schedule_plan import ATTEMPTS, KEPT_LOGS, Plan

# What cron keeps of a line (MAX_COMMAND); the rest would be cut off without a word.
LONGEST_LINE = 990


def files(plan: Plan) -> dict[str, str]:
    """The crontab of one user, and what keeps its log small."""
    return {"crontab": _crontab(plan), "logrotate.conf": _logrotate(plan)}


def _crontab(plan: Plan) -> str:
    at = plan.at
    later = (at.minute + 20) % 60
    words = " ".join(shlex.quote(word) for word in plan.guarded())
    # To cron an unescaped percent sign ends the command.
    command = f"cd {shlex.quote(str(plan.folder))} && {words}".replace("%", r"\%")
    if len(command) > LONGEST_LINE:
        raise BadInput("The crontab line would be longer than cron keeps.", "Use shorter paths, or systemd.")
    config = [f"CABINET14D_CONFIG={_value(str(plan.config))}"] if plan.config else []
    return "\n".join([
        f"# Cabinet 14d: one night a day, at {plan.clock} {plan.zone}. Put these lines into: crontab -e",
        *(f"# {sentence}" for sentence in plan.needs()),
        "# The second line makes up for a night that was missed (the machine was off) or that could not run",
        f"# (exit code 4, at most {ATTEMPTS} attempts). Both ask the run log first: after a night that ended with",
        "# 0, 1 or 3 nothing more is run that day, and never two at once.",
        "# Not every cron knows CRON_TZ (that of Debian and Ubuntu does not, and follows the host's clock). No harm:",
        f"# the command itself waits for {plan.clock} {plan.zone}, and the second line asks it every hour.",
        "# What goes wrong is one sentence on stderr, which cron mails to MAILTO; all the rest is in the log.",
        f"CRON_TZ={plan.zone}",
        f"CABINET14D_HOME={_value(str(plan.home))}",
        *config,
        f"{at.minute} {at.hour} * * * {command}",
        f"{later} * * * * {command}",
        "",
    ])


def _value(text: str) -> str:
    quote = "'" if '"' in text else '"'
    return f"{quote}{text}{quote}"


def _logrotate(plan: Plan) -> str:
    return "\n".join([
        "# Put this file into /etc/logrotate.d/cabinet14d",
        f'"{plan.log}" {{',
        f"    su {plan.user} {plan.user}",
        "    weekly",
        f"    rotate {KEPT_LOGS}",
        "    compress",
        "    delaycompress",
        "    missingok",
        "    notifempty",
        "}",
        "",
    ])
