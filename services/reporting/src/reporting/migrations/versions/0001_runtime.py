"""What every service keeps to answer requests."""

from alembic import op

import runtime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    runtime.create_tables(op)
