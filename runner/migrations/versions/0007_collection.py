"""Payments as they changed, and every change of a claim."""

from runner.migrations import run

revision = "0007_collection"
down_revision = "0006_watch"


def upgrade() -> None:
    run("0007_collection.up")


def downgrade() -> None:
    run("0007_collection.down")
