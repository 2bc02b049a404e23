"""What is answered about interactions."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from contracts.opportunities import InteractionDirection, InteractionKind


class InteractionView(BaseModel):
    """An interaction with the customer."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    opportunity_id: UUID
    kind: InteractionKind
    direction: InteractionDirection
    occurred_at: datetime
    logged_by_id: UUID | None = Field(description="the person who logged it; null for a program")
    summary: str | None
    next_step: str | None


class InteractionAnswer(InteractionView):
    """An interaction that was just logged."""

    token: str = Field(description="consistency token: a report that is given it has heard the interaction")
