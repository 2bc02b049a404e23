"""What the lead funnel answers."""

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, Field

from reporting.belonging import Attribution
from reporting.figures import Ratio
from reporting.freshness import Freshness
from reporting.moments import Span


class LeadStep(StrEnum):
    """How far a lead got; the steps are not passed one after the other: a visit may come before the qualification."""

    captured = "captured"
    valid = "valid"
    assigned = "assigned"
    contacted = "contacted"
    qualified = "qualified"
    visited = "visited"
    converted = "converted"
    won = "won"
    lost = "lost"
    discarded = "discarded"
    open = "open"


class LeadFunnelRow(BaseModel):
    """How many of the leads got to a step."""

    step: LeadStep
    name_en: str
    name_zh: str
    leads: int
    of_captured: Ratio = Field(description="leads ÷ captured")


class LeadFunnelAnswer(BaseModel):
    """Leads captured in the period, followed to `as_of`."""

    period: Span
    attribution: Attribution
    as_of: datetime
    items: list[LeadFunnelRow]
    first_visit_conversion: Ratio = Field(description="valid leads with a first visit ÷ valid leads (S62)")
    win_rate: Ratio = Field(description="won ÷ captured")
    freshness: Freshness
