"""What of the dbt project stands in the database, so that a night need not look at every view again."""

from runner.migrations import run

revision = "0008_standing"
down_revision = "0007_collection"


def upgrade() -> None:
    run("0008_standing.up")


def downgrade() -> None:
    run("0008_standing.down")
