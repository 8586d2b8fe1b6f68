"""Raw tables, created only where they are missing."""

from runner.migrations import run

revision = "0001_raw"
down_revision = None


def upgrade() -> None:
    run("0001_raw.up")


def downgrade() -> None:
    run("0001_raw.down")
