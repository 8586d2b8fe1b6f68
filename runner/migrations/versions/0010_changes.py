"""The sources tell what changed, so that a night need not read the history."""

from runner.migrations import run

revision = "0010_changes"
down_revision = "0009_web"


def upgrade() -> None:
    run("0010_changes.up")


def downgrade() -> None:
    run("0010_changes.down")
