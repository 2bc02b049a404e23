"""What is answered about rules of assignment and of the pool."""

from datetime import datetime

from pydantic import BaseModel, Field

from contracts.leads import AssignmentKind, Member
from runtime import View


class AssignmentRuleView(View):
    """A rule of assignment in its current version."""

    code: str
    rule_version: int
    name_en: str
    name_zh: str
    kind: AssignmentKind
    priority: int = Field(description="the lowest is asked first")
    channels: list[str] = Field(description="empty: all")
    levels: list[str] = Field(description="empty: all")
    members: list[Member]
    window_days: int
    active: bool
    defined_at: datetime


class PoolRuleView(View):
    """A rule of release to the pool in its current version."""

    code: str
    rule_version: int
    name_en: str
    name_zh: str
    priority: int = Field(description="the lowest is asked first")
    channels: list[str] = Field(description="empty: all")
    levels: list[str] = Field(description="empty: all")
    after_days: int = Field(description="days without a contact")
    active: bool
    defined_at: datetime


class Moved(BaseModel):
    """What a round of the rules did."""

    leads: int = Field(description="how many leads were given away or released; at most 500 a round")
    token: str | None = Field(description="consistency token of all of it; null where nothing was done")
