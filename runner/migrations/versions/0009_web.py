"""A role for the web, which can read ops and nothing else."""

from runner.migrations import run

revision = "0009_web"
down_revision = "0008_standing"


def upgrade() -> None:
    run("0009_web.up")


def downgrade() -> None:
    run("0009_web.down")
