"""Until when a consumer has heard everything."""

from alembic import op

import messaging

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    messaging.add_heard_at(op)
