"""What is answered about objections."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field


class ObjectionView(BaseModel):
    """An objection of the customer."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    opportunity_id: UUID
    code: str = Field(description="what it is about")
    raised_at: datetime
    answered_at: datetime | None = Field(description="null while it waits")
    answered_by_id: UUID | None = Field(description="the person who answered; null for a program")
    text: str | None
    answer: str | None


class ObjectionAnswer(ObjectionView):
    """An objection that was just raised or answered."""

    token: str = Field(description="consistency token: a report that is given it has heard the fact")
