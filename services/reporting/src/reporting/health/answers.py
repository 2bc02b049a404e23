"""What health answers."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, Field

from contracts.reporting import HealthMeasure
from contracts.targets import Direction
from reporting.figures import Exact, Ratio
from reporting.freshness import Freshness
from reporting.funnels.answers import Stage
from reporting.health.rules import Band, Colour
from reporting.moments import Span


class Judged(BaseModel):
    """A mean with its band."""

    value: Ratio = Field(
        description="leads with a first visit ÷ valid leads; days ÷ stays in a stage; hours ÷ waits for an answer"
    )
    band: Band | None = Field(
        description="green at or better than `healthy`, red strictly beyond `alert`, amber between; null where "
        "there is nothing to measure or no active rule"
    )
    colour: Colour | None


class HealthStage(Judged):
    """The dwell in one stage."""

    stage: Stage


class HealthRow(Judged):
    """A dimension of health."""

    measure: HealthMeasure
    name_en: str
    name_zh: str
    unit: str = Field(description="ratio, days or hours")
    direction: Direction | None = Field(description="which way is better; null without an active rule")
    healthy: Exact | None = Field(description="threshold of the rule; null: none")
    alert: Exact | None = Field(description="threshold of the rule; null without an active rule")
    stages: list[HealthStage] = Field(description="of the dwell alone, in the order of the default pipeline")


class HealthAnswer(BaseModel):
    """The health of a unit, or of all that the asker sees (F2)."""

    unit_id: UUID | None = Field(description="with all below it; null: all that you see")
    period: Span
    as_of: datetime
    items: list[HealthRow]
    freshness: Freshness
