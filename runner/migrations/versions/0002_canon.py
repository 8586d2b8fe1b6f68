"""Write-back tables, created or adopted, with their rules and guards."""

from runner.migrations import run

revision = "0002_canon"
down_revision = "0001_raw"


def upgrade() -> None:
    run("0002_canon.up", "0002_canon_rules.up", "0002_canon_guards.up")


def downgrade() -> None:
    run("0002_canon.down")
