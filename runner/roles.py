"""The roles as SQL for an administrator: owner, runner, reader and web, and logins that act as them."""

from __future__ import annotations

import re

from runner import queries
from runner.errors import BadInput

ROLES = {name: f"cabinet14d_{name}" for name in ("owner", "runner", "reader", "web")}
# Whatever these make must belong to the role, so that another login of the role can replace it.
MAKERS = ("owner", "runner")


def sql(logins: dict[str, str]) -> str:
    """All statements; `logins` names a login and the role that it acts as. Raises BadInput for a name that is none."""
    return "\n\n".join([queries.get("roles", "roles"), *(_login(*each) for each in logins.items())]) + "\n"


def parse(words: tuple[str, ...]) -> dict[str, str]:
    """NAME=ROLE words. Raises BadInput."""
    logins = {}
    for word in words:
        login, _, role = word.partition("=")
        if not re.fullmatch(r"[a-z_][a-z0-9_]{0,62}", login) or role not in ROLES or login in ROLES.values():
            raise BadInput(f"{word!r} names no login and role.",
                           f"Write NAME=ROLE: small letters, digits and _; roles are {', '.join(ROLES)}.")
        logins[login] = role
    return logins


def _login(login: str, role: str) -> str:
    text = queries.get("roles", "login").replace("%(login)s", login).replace("%(role)s", ROLES[role])
    return f"{text}\nalter role {login} set role = '{ROLES[role]}';" if role in MAKERS else text
