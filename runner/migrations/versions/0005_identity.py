"""What people decide about identities, and what matching needs beside the tables of the original."""

from runner.migrations import run

revision = "0005_identity"
down_revision = "0004_load_rejects"


def upgrade() -> None:
    run("0005_identity.up")


def downgrade() -> None:
    run("0005_identity.down")
