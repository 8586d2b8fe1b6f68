"""The run log: one row per run and one per step."""

from runner.migrations import run

revision = "0003_run_log"
down_revision = "0002_canon"


def upgrade() -> None:
    run("0003_run_log.up")


def downgrade() -> None:
    run("0003_run_log.down")
