"""The rows of channels, campaigns and costs."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field

from contracts.leads import CampaignDefined, ChannelDefined, CostAttributes
from leads.rows import RootRow, Row
from runtime.columns import INSTANT, MONEY, TEXT


class Channel(RootRow, table=True):
    """A channel (渠道) by its code; its costs are facts of it."""

    code: str = Field(primary_key=True, sa_type=TEXT)
    name_en: str = Field(sa_type=TEXT)
    name_zh: str = Field(sa_type=TEXT)
    active: bool

    @property
    def root(self) -> str:
        """The root's name in events and ledger."""
        return f"channel:{self.code}"

    def take(self, event: ChannelDefined) -> None:
        """Makes the row what a fact says."""
        self.name_en, self.name_zh, self.active = event.name_en, event.name_zh, event.active


class Campaign(RootRow, table=True):
    """A campaign (营销活动) of a channel. `ends_on` is the first day after it."""

    code: str = Field(primary_key=True, sa_type=TEXT)
    channel: str = Field(sa_type=TEXT, foreign_key="channel.code", index=True)
    name: str = Field(sa_type=TEXT)
    starts_on: date
    ends_on: date | None = None

    @property
    def root(self) -> str:
        """The root's name in events and ledger."""
        return f"campaign:{self.code}"

    def take(self, event: CampaignDefined) -> None:
        """Makes the row what a fact says."""
        self.channel, self.name = event.channel, event.name
        self.starts_on, self.ends_on = event.starts_on, event.ends_on


class Cost(Row, table=True):
    """Money spent on a channel over business days, [starts_on, ends_on)."""

    __table_args__ = (
        Index("cost_channel", "channel", "starts_on", "id"),
        Index("cost_starts_on", "starts_on", "id"),
    )

    id: UUID = Field(primary_key=True)
    channel: str = Field(sa_type=TEXT, foreign_key="channel.code")
    campaign: str | None = Field(default=None, sa_type=TEXT, foreign_key="campaign.code")
    starts_on: date
    ends_on: date
    amount: Decimal = Field(sa_type=MONEY)
    currency: str = Field(sa_type=TEXT)
    recorded_at: datetime = Field(sa_type=INSTANT)
    voided_at: datetime | None = Field(default=None, sa_type=INSTANT)

    def attributes(self) -> CostAttributes:
        """The row as the rules see it."""
        return CostAttributes(
            cost_id=self.id,
            channel=self.channel,
            campaign=self.campaign,
            starts_on=self.starts_on,
            ends_on=self.ends_on,
            amount=self.amount,
            currency=self.currency,
        )
