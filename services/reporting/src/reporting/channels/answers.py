"""What the channel report answers."""

from datetime import datetime

from pydantic import BaseModel, Field

from contracts import Money
from reporting.belonging import Attribution
from reporting.conversion import RateMissing
from reporting.figures import Ratio
from reporting.freshness import Freshness
from reporting.moments import Span


class ChannelFigures(BaseModel):
    """The leads captured in the period, what became of them and what they cost."""

    leads: int
    share: Ratio = Field(description="leads ÷ leads of all channels")
    valid: int = Field(description="valid leads 有效线索")
    visited: int = Field(description="valid leads with a first visit")
    first_visit_conversion: Ratio = Field(description="visited ÷ valid (S62)")
    converted: int
    won: int
    win_rate: Ratio = Field(description="won ÷ leads")
    value: Money | None = Field(description="sum of the amounts of the won; null while a rate is missing")
    cost: Money | None = Field(
        description="each cost spread evenly over its days; null while a rate is missing, and where the leads are only "
        "a part (of a unit, an owner, a product line or what you see): costs are not divided"
    )
    cost_per_lead: Money | None = Field(description="null without a lead or a cost")
    cost_per_win: Money | None = Field(description="null without a win or a cost")
    errors: list[RateMissing]


class ChannelRow(ChannelFigures):
    """One channel."""

    channel: str
    name_en: str
    name_zh: str


class ChannelAnswer(BaseModel):
    """What the channels are worth."""

    period: Span
    attribution: Attribution
    as_of: datetime
    items: list[ChannelRow]
    total: ChannelFigures = Field(
        description="of the channels that are shown; money is the exact sum, rounded once"
    )
    freshness: Freshness
