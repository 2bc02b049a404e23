"""What is answered about sources."""

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from contracts.money import Amount
from runtime import View


class ChannelView(View):
    """A channel."""

    code: str
    name_en: str
    name_zh: str
    active: bool = Field(description="new leads may name it")


class CampaignView(View):
    """A campaign of a channel."""

    code: str
    channel: str
    name: str
    starts_on: date
    ends_on: date | None = Field(description="the first day after it; null: open")


class CostView(BaseModel):
    """Money spent on a channel."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    channel: str
    campaign: str | None
    starts_on: date
    ends_on: date = Field(description="the first day after it")
    amount: Amount
    currency: str
    recorded_at: datetime
    voided_at: datetime | None = Field(description="null while it counts")


class CostAnswer(CostView):
    """A cost that was just recorded or undone."""

    token: str = Field(description="consistency token: a report that is given it has heard the fact")
