"""A change that needs the table for itself."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.execute("alter table book add column cover text")
