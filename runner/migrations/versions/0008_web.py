"""A role for the web, which can read ops and nothing else."""

from runner.migrations import run

revision = "0008_web"
down_revision = "0007_collection"


def upgrade() -> None:
    run("0008_web.up")


def downgrade() -> None:
    run("0008_web.down")
