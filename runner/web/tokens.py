"""The tokens file in home: names, roles and hashes; a token itself is shown once and kept nowhere."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import re
import secrets
import tempfile
import threading
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, cast

from runner.errors import BadConfiguration, BadInput
from runner.settings import Settings

ROLES = ("viewer", "operator")
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
PREFIX = "c14d_"


@dataclass(frozen=True)
class Token:
    """One token as it is kept: `hash` is the sha256 of 256 random bits."""

    name: str
    role: Literal["viewer", "operator"]
    hash: str
    created_at: str


class TokenFile:
    """`web_tokens.json` in home. Reads again when the file changed, so that a revoked token ends at once."""

    def __init__(self, settings: Settings) -> None:
        self.path = settings.home / "web_tokens.json"
        self._lock = threading.Lock()
        self._seen: tuple[int, int, int] | None = None
        self._tokens: tuple[Token, ...] = ()

    def all(self) -> tuple[Token, ...]:
        """Every token, by name. Raises BadConfiguration when the file can't be read: never as if there were none."""
        with self._lock:
            try:
                stat = self.path.stat()
            except FileNotFoundError:
                self._seen, self._tokens = None, ()
                return ()
            mark = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
            if mark != self._seen:
                self._tokens, self._seen = _read(self.path), mark
            return self._tokens

    def find(self, secret: str) -> Token | None:
        """The token that this secret is; every one is compared, each in constant time."""
        given = _hash(secret)
        found = None
        for token in self.all():
            if hmac.compare_digest(given, token.hash):
                found = token
        return found

    def add(self, name: str, role: str) -> str:
        """Keep a new token and give its secret, which is never seen again. Raises BadInput."""
        if not NAME.fullmatch(name):
            raise BadInput(
                f"{name!r} can't name a token.", "Use up to 40 letters, digits, dots, dashes and underscores."
            )
        if role not in ROLES:
            raise BadInput(f"{role!r} is no role.", "Roles are viewer and operator.")
        if any(token.name == name for token in self.all()):
            raise BadInput(f"There is a token named {name} already.", "Revoke it first, or choose another name.")
        made_up = PREFIX + secrets.token_urlsafe(32)
        made = datetime.now(UTC).isoformat(timespec="seconds")
        self._write((*self.all(), Token(name, cast(Any, role), _hash(made_up), made)))
        return made_up

    def revoke(self, name: str) -> None:
        """Take a token away; its sessions end with it. Raises BadInput when there is none."""
        kept = tuple(token for token in self.all() if token.name != name)
        if len(kept) == len(self.all()):
            raise BadInput(f"There is no token named {name}.", "See them with 'cabinet14d tokens list'.")
        self._write(kept)

    def _write(self, tokens: tuple[Token, ...]) -> None:
        rows = [asdict(token) for token in sorted(tokens, key=lambda token: token.name)]
        write_private(self.path, json.dumps({"tokens": rows}, indent=2) + "\n")


def write_private(path: Path, text: str) -> None:
    """A file that only its owner can read, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, part = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # made with 0600
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(part).replace(path)
    finally:
        Path(part).unlink(missing_ok=True)


def _read(path: Path) -> tuple[Token, ...]:
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))["tokens"]
        return tuple(Token(**row) for row in rows)
    except (OSError, ValueError, KeyError, TypeError):
        raise BadConfiguration(
            f"{path.name} in home can't be read as tokens.",
            "Remove it and add the tokens again with 'cabinet14d tokens add'.",
        ) from None


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
