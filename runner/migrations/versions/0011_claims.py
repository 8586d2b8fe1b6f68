"""Raising many claims at once costs less."""

from runner.migrations import run

revision = "0011_claims"
down_revision = "0010_changes"


def upgrade() -> None:
    run("0011_claims.up")


def downgrade() -> None:
    run("0011_claims.down")
