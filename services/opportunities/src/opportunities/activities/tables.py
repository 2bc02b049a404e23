"""The rows of interactions."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field

from opportunities.rows import Row
from runtime.columns import INSTANT, TEXT


class Interaction(Row, table=True):
    """A call, visit or message. `summary` and `next_step` are free text, which is in no event."""

    __table_args__ = (Index("interaction_opportunity_id", "opportunity_id", "occurred_at", "id"),)

    id: UUID = Field(primary_key=True)
    opportunity_id: UUID = Field(foreign_key="opportunity.id")
    kind: str = Field(sa_type=TEXT)
    direction: str = Field(sa_type=TEXT)
    occurred_at: datetime = Field(sa_type=INSTANT)
    logged_by_id: UUID | None = None
    summary: str | None = Field(default=None, sa_type=TEXT)
    next_step: str | None = Field(default=None, sa_type=TEXT)
