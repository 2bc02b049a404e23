"""What a source told last of a customer."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Keeps the last row of each customer; of those that are there, it is the next one that is kept."""
    op.execute("alter table customer add column source_row jsonb")
