"""What is answered about receipts."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from contracts.money import Amount


class ReceiptView(BaseModel):
    """Money that came in."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    opportunity_id: UUID
    amount: Amount
    currency: str
    occurred_at: datetime = Field(description="when it was received")


class ReceiptAnswer(ReceiptView):
    """A receipt that was just recorded."""

    token: str = Field(description="consistency token: a report that is given it has heard the receipt")
