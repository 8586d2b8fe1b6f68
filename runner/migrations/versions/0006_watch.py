"""Metrics by day, and the memory of alerts."""

from runner.migrations import run

revision = "0006_watch"
down_revision = "0005_identity"


def upgrade() -> None:
    run("0006_watch.up")


def downgrade() -> None:
    run("0006_watch.down")
