"""What every service keeps to record facts and to answer requests."""

from alembic import op

import messaging
import runtime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    messaging.create_tables(op)
    runtime.create_tables(op)
