"""Indexes of claims and of their history that nobody asks cost no claim any more."""

from runner.migrations import run

revision = "0012_claims_indexes"
down_revision = "0011_claims"


def upgrade() -> None:
    run("0012_claims_indexes.up")


def downgrade() -> None:
    run("0012_claims_indexes.down")
