"""Gaps are repaired by their owner, and a log that was cut or made anew is noticed."""

from alembic import op

import messaging

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    messaging.add_repairs(op)
