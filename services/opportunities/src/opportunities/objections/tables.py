"""The rows of objections."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field

from opportunities.rows import Row
from runtime.columns import INSTANT, TEXT


class Objection(Row, table=True):
    """An objection of the customer. `text` and `answer` are free text, which is in no event."""

    __table_args__ = (Index("objection_opportunity_id", "opportunity_id", "raised_at", "id"),)

    id: UUID = Field(primary_key=True)
    opportunity_id: UUID = Field(foreign_key="opportunity.id")
    code: str = Field(sa_type=TEXT)
    raised_at: datetime = Field(sa_type=INSTANT)
    answered_at: datetime | None = Field(default=None, sa_type=INSTANT)
    answered_by_id: UUID | None = None
    text: str | None = Field(default=None, sa_type=TEXT)
    answer: str | None = Field(default=None, sa_type=TEXT)
