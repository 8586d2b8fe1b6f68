"""What loading left out, and which files were loaded."""

from runner.migrations import run

revision = "0004_load_rejects"
down_revision = "0003_run_log"


def upgrade() -> None:
    run("0004_load_rejects.up")


def downgrade() -> None:
    run("0004_load_rejects.down")
