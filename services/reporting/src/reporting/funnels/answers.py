"""What the funnels answer."""

from datetime import datetime

from pydantic import BaseModel, Field

from reporting.belonging import Attribution
from reporting.conversion import Amounts, RateMissing
from reporting.figures import Ratio
from reporting.freshness import Freshness
from reporting.moments import Span


class Stage(BaseModel):
    """A stage of the pipeline; names as its version in force has them."""

    code: str
    name_en: str
    name_zh: str


class LossReasonCount(BaseModel):
    """How many were lost for a reason."""

    reason: str
    count: int


class CohortStage(BaseModel):
    """A cohort's visits of one stage: entered = advanced + lost + returned + open."""

    stage: Stage
    entered: int = Field(description="visits; a re-entry is a visit of its own")
    opportunities: int = Field(description="different opportunities among them")
    re_entries: int
    advanced: int = Field(description="winning is advancing")
    lost: int
    returned: int = Field(description="permitted steps back")
    open: int
    conversion: Ratio = Field(description="advanced ÷ entered")
    loss_rate: Ratio = Field(description="lost ÷ entered")
    average_cycle_days: Ratio = Field(description="elapsed days in the stage ÷ visits, of those that left it")
    average_dwell_days: Ratio = Field(
        description="elapsed days in the stage ÷ visits, the running ones included"
    )
    loss_reasons: list[LossReasonCount] = Field(description="of the opportunities that stayed lost from here")


class CohortTotal(BaseModel):
    """What became of the cohort."""

    opened: int
    won: int
    lost: int
    open: int
    end_to_end: Ratio = Field(description="won ÷ opened")


class CohortAnswer(BaseModel):
    """Opportunities opened in the period, followed to `as_of`."""

    pipeline: str
    period: Span
    attribution: Attribution
    as_of: datetime
    items: list[CohortStage]
    total: CohortTotal
    freshness: Freshness


class Tally(BaseModel):
    """How many, and how much money they stand for."""

    count: int
    amount: Amounts


class FlowStage(BaseModel):
    """What moved into and out of one stage."""

    stage: Stage
    into: Tally
    out_of: Tally = Field(description="moved_on + moved_back + won + lost")
    moved_on: Tally
    moved_back: Tally
    won: Tally
    lost: Tally
    errors: list[RateMissing]


class FlowAnswer(BaseModel):
    """Moves that happened in the period, with the amounts of their moment."""

    pipeline: str
    period: Span
    attribution: Attribution
    as_of: datetime
    items: list[FlowStage]
    errors: list[RateMissing]
    freshness: Freshness


class SnapshotStage(BaseModel):
    """What stands in one stage."""

    stage: Stage
    standing: Tally
    errors: list[RateMissing]


class SnapshotAnswer(BaseModel):
    """What stood in each stage at `as_of`, valued at the rates of its business day."""

    pipeline: str
    attribution: Attribution
    as_of: datetime
    items: list[SnapshotStage]
    total: Tally
    errors: list[RateMissing]
    freshness: Freshness
